import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { EnsembleError } from '../../../shared/errors.ts';
import { stringifyExact } from '../exact-json.ts';
import type { Clock } from '../ports.ts';
import { ask } from './ask.ts';
import { oversizeFailure, timeoutFailure, transportFailure } from './failures.ts';
import { hostOf, isPinned, type ServerAddress } from './server-address.ts';

/** One HTTP request and its whole, capped answer. */

export interface ExchangeOptions {
  readonly address: ServerAddress;
  /** Below the address, with its query, e.g. "/prompt". */
  readonly path: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'HEAD';
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
  /** What the headers promise, bytes; null when they do not. */
  readonly length: number | null;
  readonly body: Buffer;
}

/**
 * Never follows redirects, and gives up on a peer that stalls, whether before its headers or in the middle of its body.
 * @throws EnsembleError 'disconnected', 'unavailable', 'timeout' or 'too-large'; the signal's own reason when it aborts
 */
export async function exchange(options: ExchangeOptions): Promise<Exchanged> {
  const { address, clock, signal, timeoutMs } = options;
  const host = hostOf(address);
  signal?.throwIfAborted();
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const cancelTimer = clock.after(timeoutMs, () => controller.abort(timeoutFailure(host, timeoutMs)));
  try {
    return await receive(await send(options, controller.signal), host, options);
  } catch (error) {
    if (controller.signal.aborted) throw controller.signal.reason;
    throw error instanceof EnsembleError ? error : transportFailure(host, error, isPinned(address));
  } finally {
    cancelTimer();
    signal?.removeEventListener('abort', onAbort);
  }
}

async function send(options: ExchangeOptions, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  const { address, path, method, json } = options;
  const content = json === undefined ? null : exactJson(json);
  const type = content === null ? {} : { 'content-type': 'application/json' };
  return ask(address, path, {
    method,
    headers: { ...address.headers, ...type },
    body: content,
    signal,
  });
}

/** The engine's own writer is several times as fast, but knows no bigint. */
function exactJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return stringifyExact(value);
  }
}

async function receive(
  reply: Dispatcher.ResponseData,
  host: string,
  { method, maxBytes }: ExchangeOptions,
): Promise<Exchanged> {
  const length = lengthOf(reply);
  if (method !== 'HEAD' && (length ?? 0) > maxBytes) {
    discard(reply.body);
    throw oversizeFailure(host, maxBytes);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of reply.body) {
    size += chunk.length;
    if (size > maxBytes) throw oversizeFailure(host, maxBytes);
    chunks.push(chunk);
  }
  return {
    status: reply.statusCode,
    contentType: header(reply, 'content-type'),
    location: header(reply, 'location'),
    length,
    body: Buffer.concat(chunks),
  };
}

/** Destroying a body makes it emit an error that nobody waits for. */
export function discard(body: Readable): void {
  body.on('error', () => {});
  body.destroy();
}

export function header(reply: Dispatcher.ResponseData, name: string): string {
  const value = reply.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

export function lengthOf(reply: Dispatcher.ResponseData): number | null {
  const text = header(reply, 'content-length');
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}
