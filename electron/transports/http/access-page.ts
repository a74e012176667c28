import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';

/** What a browser without a session sees. Self-contained: no file of the interface goes to somebody unknown. */

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.6 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f6f7f9, #16181d); color: light-dark(#1b1f27, #e7eaf0); }
main { max-width: 30rem; margin: 1rem; padding: 2rem; border-radius: 8px; background: light-dark(#fff, #1f232b); border: 1px solid light-dark(#d8dce3, #343a46); }
h1 { margin: 0 0 0.75rem; font-size: 1.25rem; }
code { padding: 0.1rem 0.35rem; border-radius: 4px; background: light-dark(#eceff4, #2b303a); font: 0.9em ui-monospace, monospace; }
`;

export type AccessReason = 'signed-out' | 'used-link' | 'limited';

const EXPLANATION: Readonly<Record<AccessReason, string>> = {
  'signed-out': 'This browser is not signed in to the control center.',
  'used-link': 'That link has been used already, or it is too old.',
  limited: 'There were too many wrong links. Wait a minute, then use a new one.',
};

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function sendAccessPage(response: ServerResponse, reason: AccessReason): void {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Comfy Ensemble: sign in</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Comfy Ensemble needs a sign-in link</h1>
<p>${EXPLANATION[reason]}</p>
<p>Run <code>npx ensemble open</code> on the machine where it runs, or use the link that its terminal shows. Each link works once.</p>
</main>
</body>
</html>
`;
  response.setHeader('content-security-policy', POLICY);
  response.writeHead(reason === 'limited' ? 429 : 401, { 'content-type': 'text/html; charset=utf-8' });
  response.end(html);
}
