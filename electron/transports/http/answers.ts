import type { ServerResponse } from 'node:http';
import { EnsembleError, type ErrorCode, toEnvelope } from '../../../shared/errors.ts';
import type { Reply } from '../../../shared/ipc.ts';

/** HTTP's own word for each refusal, for programs that look no further than the status. */
const STATUS: Readonly<Record<ErrorCode, number>> = {
  'bad-argument': 400,
  unauthorized: 401,
  'forbidden-origin': 403,
  'not-found': 404,
  'unknown-command': 404,
  conflict: 409,
  'port-in-use': 409,
  'no-comfyui': 409,
  'not-ready': 409,
  'too-large': 413,
  internal: 500,
  unavailable: 501,
  disconnected: 502,
  timeout: 504,
  'disk-full': 507,
  'settings-unwritable': 507,
};

export function sendReply(response: ServerResponse, reply: Reply, status = statusOf(reply)): void {
  const body = Buffer.from(JSON.stringify(reply));
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(body.byteLength),
  });
  response.end(body);
}

/** @param error an EnsembleError carries its own status; anything else is an internal one */
export function sendError(response: ServerResponse, error: unknown, status?: number): void {
  sendReply(response, { ok: false, error: toEnvelope(error) }, status);
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

export function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location, 'content-length': '0' });
  response.end();
}

export function methodNotAllowed(response: ServerResponse, allowed: string): void {
  response.setHeader('allow', allowed);
  sendError(response, new EnsembleError('bad-argument', `Use ${allowed} here.`), 405);
}

function statusOf(reply: Reply): number {
  return reply.ok ? 200 : STATUS[reply.error.code];
}
