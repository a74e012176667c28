import type { IncomingMessage, ServerResponse } from 'node:http';
import { toJson } from '../graph/exact-json.ts';

/** A reply before it is written; a Readable body is streamed. */
export interface SimulatedReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}
export interface SimulatedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** Path parameters, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  body(): Promise<Buffer>;
  /** Rejects for what is no JSON: the real server then answers 500 in plain text. */
  json(): Promise<unknown>;
}
export type Handler = (request: SimulatedRequest) => Promise<SimulatedReply> | SimulatedReply;
/** "GET /history/{prompt_id}" → handler; "{name*}" takes the rest of the path. */
export type Routes = Readonly<Record<string, Handler>>;

export function json(value: unknown, status = 200): SimulatedReply {
  const headers = { 'Content-Type': 'application/json; charset=utf-8' };
  return { status, headers, body: Buffer.from(toJson(value)) };
}

export function empty(status = 200): SimulatedReply {
  return { status, headers: { 'Content-Type': 'application/octet-stream' }, body: Buffer.alloc(0) };
}

export function text(content: string, status = 200): SimulatedReply {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: Buffer.from(content) };
}

export const SERVER_ERROR = text('500 Internal Server Error\n\nServer got itself in trouble', 500);

export class TooLarge extends Error {}

export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  // As aiohttp does, what is not wanted any more is read to its end: a connection that is cut off would take the answer along.
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    size += part.length;
    if (size > limit) {
      request.resume();
      throw new TooLarge();
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** How long aiohttp goes on reading after an answer that came early, ms. */
const LINGER_MS = 10_000;

/** Answers before all was read; the connection ends when the rest is here, since to cut it off would take the answer along. */
export async function writeEarly(
  request: IncomingMessage,
  response: ServerResponse,
  reply: SimulatedReply,
): Promise<void> {
  writeHead(response, reply);
  response.write(reply.body);
  if (!request.complete) {
    await new Promise<void>((resolve) => {
      request.once('end', resolve).once('close', resolve);
      setTimeout(resolve, LINGER_MS).unref();
    });
  }
  response.end();
}

/** Writes a reply, as slowly as the script says. */
export async function writeReply(
  response: ServerResponse,
  reply: SimulatedReply,
  pace: { readonly latencyMs: number; readonly bytesPerSecond: number | null },
): Promise<void> {
  if (pace.latencyMs > 0) await pause(pace.latencyMs);
  writeHead(response, reply);
  if (pace.bytesPerSecond === null) {
    response.end(reply.body);
    return;
  }
  const slice = Math.max(1, Math.round(pace.bytesPerSecond / 20));
  for (let at = 0; at < reply.body.length && !response.destroyed; at += slice) {
    response.write(reply.body.subarray(at, at + slice));
    await pause(50);
  }
  response.end();
}

function writeHead(response: ServerResponse, { status, headers, body }: SimulatedReply): void {
  const usual = { Server: 'Python/3.12 aiohttp/3.12', 'Content-Length': String(body.length) };
  response.writeHead(status, { ...usual, ...headers });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
