import type { IncomingMessage } from 'node:http';
import { EnsembleError } from '../../../../shared/errors.ts';
import { parseExact } from '../../exact-json.ts';

/** ComfyUI's own limit for what is posted to it. */
export const MAX_JSON_BYTES = 100 * 1_048_576;
/** Somebody who sends nothing more for so long, ms, is gone: connections are not to be kept for the dead. */
export const STALL_MS = 30_000;
/** Fewer digits than these are exact as a double, and the engine's own reader is ten times as fast. */
const LONG_NUMBER = /\d{16}/;

/** @throws EnsembleError('too-large'); the request is then read no further */
export async function readText(request: IncomingMessage, limit = MAX_JSON_BYTES): Promise<string> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limit) throw tooLarge(limit);
  const chunks: Buffer[] = [];
  let size = 0;
  request.setTimeout(STALL_MS, () => request.destroy());
  // Not to be ended here: the answer goes the same way.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  request.setTimeout(0);
  return Buffer.concat(chunks).toString('utf8');
}

/** What is left of a request that is answered already: read for nothing, so that the connection can be used again. */
export function readAway(request: IncomingMessage): void {
  request.resume();
  if (!request.complete) request.setTimeout(STALL_MS, () => request.complete || request.destroy());
}

/** What a client may still send after an answer that came early, ms. */
const LINGER_MS = 10_000;

/** Resolves when nothing of the request is on its way any more: to end the connection before would take the answer along. */
export function restOf(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve();
  readAway(request);
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, LINGER_MS);
    const settle = (): void => {
      clearTimeout(timer);
      resolve();
    };
    request.once('end', settle).once('close', settle);
  });
}

/** @throws SyntaxError */
export function readJson(text: string): unknown {
  return LONG_NUMBER.test(text) ? parseExact(text) : JSON.parse(text);
}

export function tooLarge(limit: number): EnsembleError {
  const mebibytes = Math.floor(limit / 1_048_576);
  return new EnsembleError('too-large', `Nothing larger than ${mebibytes} MiB is taken here.`);
}
