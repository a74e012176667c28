import type { ServerResponse } from 'node:http';
import { plainPage } from '../../core/access/plain-page.ts';

/** What a browser without a session sees. */

export type AccessReason = 'signed-out' | 'used-link' | 'limited';

const EXPLANATION: Readonly<Record<AccessReason, string>> = {
  'signed-out': 'This browser is not signed in to the control center.',
  'used-link': 'That link has been used already, or it is too old.',
  limited: 'There were too many wrong links. Wait a minute, then use a new one.',
};

export function sendAccessPage(response: ServerResponse, reason: AccessReason): void {
  const { html, policy } = plainPage({
    title: 'Comfy Ensemble: sign in',
    heading: 'Comfy Ensemble needs a sign-in link',
    body: `<p>${EXPLANATION[reason]}</p>
<p>Run <code>npx ensemble open</code> on the machine where it runs, or use the link that its terminal shows. Each link works once.</p>`,
  });
  response.setHeader('content-security-policy', policy);
  response.writeHead(reason === 'limited' ? 429 : 401, { 'content-type': 'text/html; charset=utf-8' });
  response.end(html);
}
