import { type Readable, Transform } from 'node:stream';
import type { Dispatcher } from 'undici';
import { EnsembleError } from '../../../shared/errors.ts';
import type { Clock } from '../ports.ts';
import { ask } from './ask.ts';
import { discard, header, lengthOf } from './exchange.ts';
import { statusFailure, transportFailure } from './failures.ts';
import { hostOf, isPinned, type ServerAddress } from './server-address.ts';
import { StallWatch } from './stall-watch.ts';
import { absentFailure, cutFailure, encodedFailure, stallFailure } from './transfer-failures.ts';

export interface Download {
  /** The file's own bytes; ends with an EnsembleError when they do not come whole. Destroying it ends the transfer. */
  readonly stream: Readable;
  /** Of the whole file; null when the server does not say. */
  readonly bytes: number | null;
}

export interface DownloadRequest {
  readonly address: ServerAddress;
  /** Below the address, with its query. */
  readonly path: string;
  /** For messages alone: it is the server's word and never becomes a path here. */
  readonly filename: string;
  /** Without a byte, until it is given up. */
  readonly stallMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | null;
}

/**
 * Opens a file of any size; resolves with the headers.
 * @throws EnsembleError 'not-found', 'disconnected', 'timeout' or 'unavailable'; the signal's own reason when it aborts
 */
export async function openDownload(options: DownloadRequest): Promise<Download> {
  const { filename, clock, signal, stallMs } = options;
  const host = hostOf(options.address);
  signal?.throwIfAborted();
  const abort = new AbortController();
  const onAbort = (): void => abort.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const gate = new Gate(host, filename);
  const onStall = (limitMs: number): void => abort.abort(stallFailure(host, filename, limitMs));
  const watch = new StallWatch(clock, stallMs, onStall, () => gate.writableNeedDrain);
  gate.onMove = () => watch.moved();
  gate.once('close', () => {
    watch.stop();
    signal?.removeEventListener('abort', onAbort);
  });
  try {
    const reply = await send(options, abort.signal);
    gate.bytes = checked(reply, host, filename);
    feed(gate, reply.body, (error) => reasonOf(error, abort.signal, options.address));
    return { stream: gate, bytes: gate.bytes };
  } catch (error) {
    gate.destroy();
    throw reasonOf(error, abort.signal, options.address);
  }
}

function send({ address, path }: DownloadRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  // Our own watch bounds the silence; "identity" because a proxy's compression would change length and bytes.
  const headers = { ...address.headers, 'accept-encoding': 'identity' };
  return ask(address, path, { method: 'GET', headers, signal });
}

/** @returns the length; throws away the body of an answer that is no file */
function checked(reply: Dispatcher.ResponseData, host: string, filename: string): number | null {
  const encoding = header(reply, 'content-encoding');
  if (reply.statusCode === 200 && (encoding === '' || encoding === 'identity')) return lengthOf(reply);
  discard(reply.body);
  if (reply.statusCode === 404) throw absentFailure(host, filename);
  if (reply.statusCode === 200) throw encodedFailure(host, filename, encoding);
  throw statusFailure({
    address: host,
    path: '/view',
    status: reply.statusCode,
    contentType: header(reply, 'content-type'),
    location: header(reply, 'location'),
    text: '',
  });
}

/** Like pipe, with errors carried over in our words, and the body ended when the reader goes. */
function feed(gate: Gate, body: Readable, inWords: (error: unknown) => unknown): void {
  body.on('error', (error) => gate.destroy(asError(inWords(error))));
  body.once('close', () => {
    if (!body.readableEnded) gate.destroy(asError(inWords(new Error('the answer ended early'))));
  });
  gate.once('close', () => body.destroy());
  // An error may come before the reader has begun to listen; it finds it when it reads.
  gate.on('error', () => {});
  body.pipe(gate);
}

/** Passes bytes on, and knows when they are not as many as were promised. */
class Gate extends Transform {
  bytes: number | null = null;
  onMove: () => void = () => {};
  #received = 0;

  constructor(
    private readonly address: string,
    private readonly filename: string,
  ) {
    super({ highWaterMark: 256 * 1024 });
  }

  override _transform(chunk: Buffer, _encoding: string, done: (error: null, chunk: Buffer) => void): void {
    this.#received += chunk.length;
    this.onMove();
    done(null, chunk);
  }

  override _flush(done: (error?: Error) => void): void {
    const whole = this.bytes === null || this.bytes === this.#received;
    if (whole) done();
    else done(cutFailure(this.address, this.filename, this.#received, this.bytes ?? 0));
  }
}

function reasonOf(error: unknown, signal: AbortSignal, address: ServerAddress): unknown {
  if (signal.aborted) return signal.reason;
  return error instanceof EnsembleError ? error : transportFailure(hostOf(address), error, isPinned(address));
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
