import type { Readable } from 'node:stream';
import { type Dispatcher, request } from 'undici';
import { EnsembleError } from '../../../shared/errors.ts';
import type { Clock } from '../ports.ts';
import { oversizeFailure, timeoutFailure, transportFailure } from './failures.ts';

/** One HTTP request and its whole, capped answer. */

export interface ExchangeOptions {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly json?: unknown;
  /** From the request to the last byte, ms. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | null;
}

export interface Exchanged {
  readonly status: number;
  readonly contentType: string;
  readonly location: string;
  readonly body: Buffer;
}

/**
 * Never follows redirects, and gives up on a peer that stalls, whether before its headers or in the middle of its body.
 * @throws EnsembleError 'disconnected', 'unavailable', 'timeout' or 'too-large'; the signal's own reason when it aborts
 */
export async function exchange(options: ExchangeOptions): Promise<Exchanged> {
  const { url, clock, signal, timeoutMs } = options;
  signal?.throwIfAborted();
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const cancelTimer = clock.after(timeoutMs, () => controller.abort(timeoutFailure(url.host, timeoutMs)));
  try {
    return await receive(await send(options, controller.signal), options);
  } catch (error) {
    if (controller.signal.aborted) throw controller.signal.reason;
    throw error instanceof EnsembleError ? error : transportFailure(url.host, error);
  } finally {
    cancelTimer();
    signal?.removeEventListener('abort', onAbort);
  }
}

async function send(options: ExchangeOptions, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  const { url, method, json } = options;
  const content =
    json === undefined ? {} : { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } };
  // Our own timer bounds the whole exchange; undici's finer ones would only blur its message.
  return request(url, { method, signal, headersTimeout: 0, bodyTimeout: 0, ...content });
}

async function receive(reply: Dispatcher.ResponseData, options: ExchangeOptions): Promise<Exchanged> {
  const { url, maxBytes } = options;
  const declared = Number(header(reply, 'content-length'));
  if (declared > maxBytes) {
    discard(reply.body);
    throw oversizeFailure(url.host, maxBytes);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of reply.body) {
    size += chunk.length;
    if (size > maxBytes) throw oversizeFailure(url.host, maxBytes);
    chunks.push(chunk);
  }
  return {
    status: reply.statusCode,
    contentType: header(reply, 'content-type'),
    location: header(reply, 'location'),
    body: Buffer.concat(chunks),
  };
}

/** Destroying a body makes it emit an error that nobody waits for. */
function discard(body: Readable): void {
  body.on('error', () => {});
  body.destroy();
}

function header(reply: Dispatcher.ResponseData, name: string): string {
  const value = reply.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}
