import type { ServerResponse } from 'node:http';
import { stringifyExact } from '../../exact-json.ts';
import { sender } from './sender.ts';

/** Answers in the form that ComfyUI gives them. */

const JSON_TYPE = 'application/json; charset=utf-8';
/** What stock servers say when a handler fails. */
const TROUBLE = '500 Internal Server Error\n\nServer got itself in trouble';

/** The engine's own writer is several times as fast, but knows no bigint. */
export function exactText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    return stringifyExact(value);
  }
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  sendJsonText(response, exactText(value), status);
}

/** @param text is JSON already */
export function sendJsonText(response: ServerResponse, text: string, status = 200): void {
  send(response, status, JSON_TYPE, text);
}

/** Long JSON, piece by piece: one is made while the one before goes out, and no more than two are in memory. */
export async function sendJsonPieces(response: ServerResponse, pieces: Iterator<Buffer>): Promise<void> {
  const first = pieces.next();
  const second = pieces.next();
  if (first.done === true || second.done === true) {
    sendJsonText(response, first.done === true ? '' : first.value.toString());
    return;
  }
  response.writeHead(200, { 'Content-Type': JSON_TYPE });
  const write = sender(response);
  let sent = write(first.value);
  for (let next: IteratorResult<Buffer> = second; next.done !== true; next = pieces.next()) {
    if (!(await sent)) return;
    sent = write(next.value);
  }
  if (await sent) response.end();
}

export function sendEmpty(response: ServerResponse, status = 200): void {
  send(response, status, 'application/octet-stream', '');
}

export function sendText(response: ServerResponse, text: string, status: number): void {
  send(response, status, 'text/plain; charset=utf-8', text);
}

export function sendTrouble(response: ServerResponse): void {
  sendText(response, TROUBLE, 500);
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = Buffer.from(text);
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': body.length });
  response.end(body);
}
