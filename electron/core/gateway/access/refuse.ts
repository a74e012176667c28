import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { plainPage } from '../../access/plain-page.ts';
import { sendText } from '../http/replies.ts';
import type { Asked, Verdict } from './gate.ts';
import { tokenIn } from './url-token.ts';

/** Answers to whoever is not let in; their connection ends with it, whatever else they have to say. */

type Refusal = Exclude<Verdict, { readonly kind: 'admitted' }>;

export function refuse(request: Asked, response: ServerResponse, verdict: Refusal): void {
  response.setHeader('Connection', 'close');
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Referrer-Policy', 'no-referrer');
  if (verdict.kind === 'signs-in') {
    response.writeHead(303, {
      Location: verdict.location,
      'Set-Cookie': verdict.cookie,
      'Content-Length': 0,
    });
    response.end();
    return;
  }
  const { status, words } = told(verdict);
  if (verdict.kind === 'limited') response.setHeader('Retry-After', verdict.seconds);
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  const isForPeople = status !== 403 && (request.headers.accept ?? '').includes('text/html');
  if (isForPeople) sendAccessPage(response, status, status === 401 ? forPeople(request) : words);
  else sendText(response, `${words}\n`, status);
}

/** A WebSocket is no page that could sign in. */
export function refuseUpgrade(socket: Duplex, verdict: Refusal): void {
  const { status, words } = told(verdict);
  const more = verdict.kind === 'limited' ? `Retry-After: ${verdict.seconds}\r\n` : '';
  endUpgrade(socket, status, words, more);
}

/** @param more further header lines */
export function endUpgrade(socket: Duplex, status: keyof typeof PHRASES, words: string, more = ''): void {
  const body = Buffer.from(`${words}\n`);
  const head =
    `HTTP/1.1 ${status} ${PHRASES[status]}\r\nConnection: close\r\n${more}` +
    `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${body.byteLength}\r\n\r\n`;
  socket.end(Buffer.concat([Buffer.from(head), body]));
}

const PHRASES = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
} as const;

function told(verdict: Refusal): { readonly status: 401 | 403 | 429; readonly words: string } {
  if (verdict.kind === 'refused') return verdict;
  if (verdict.kind === 'signs-in') return { status: 403, words: 'There is no page here.' };
  return {
    status: 429,
    words: `There were too many wrong tokens from your address. Try again in ${verdict.seconds} seconds.`,
  };
}

/** Programs are told about headers; people have a field. */
function forPeople({ url }: Asked): string {
  const { token } = tokenIn(url ?? '/');
  return token === null
    ? 'This browser has not shown one yet.'
    : 'That was not it, or a new one has been made since.';
}

function sendAccessPage(response: ServerResponse, status: number, words: string): void {
  const { html, policy } = plainPage(
    {
      title: 'ComfyUI of Comfy Ensemble: token',
      heading: 'This ComfyUI needs a token',
      body: `<p>${words}</p>
<p>It is shown where Comfy Ensemble runs: in Settings, “ComfyUI address”, or by <code>npx ensemble gateway --show-token</code>.</p>
<form method="get" action="/">
<label>Token <input name="token" type="password" autocomplete="current-password" required></label>
<button>Open ComfyUI</button>
</form>`,
    },
    "'self'",
  );
  const body = Buffer.from(html);
  response.setHeader('Content-Security-Policy', policy);
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': body.byteLength,
  });
  response.end(body);
}
