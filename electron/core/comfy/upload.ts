import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { EnsembleError } from '../../../shared/errors.ts';
import type { Clock } from '../ports.ts';
import { ask } from './ask.ts';
import { discard, header } from './exchange.ts';
import { contentFailure, transportFailure } from './failures.ts';
import type { ComfyFile } from './outputs.ts';
import { hostOf, isPinned, isSecure, type ServerAddress } from './server-address.ts';
import { StallWatch } from './stall-watch.ts';
import { brokenUploadFailure, earlyAnswerFailure, stallFailure, uploadRefusal } from './transfer-failures.ts';
import { FormBody, type Upload } from './upload-form.ts';

export interface UploadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the file that have left us. */
  readonly onProgress?: ((sentBytes: number) => void) | undefined;
}

export interface UploadRequest extends UploadOptions {
  readonly address: ServerAddress;
  readonly upload: Upload;
  readonly clock: Clock;
  /** Without a byte taken, until it is given up. */
  readonly stallMs: number;
}

/** The last bytes may still be on a slow line when they have left us, and the server writes the whole file then. */
const ANSWER_LIMIT_MS = 180_000;
/** Proxies of clouds cut what is silent for 100 s, and answer for the server then: what came whole is found there later. */
const CLOUD_ANSWER_LIMIT_MS = 90_000;
const MAX_ANSWER_BYTES = 64 * 1024;

const Uploaded = z.object({
  name: z.string().min(1),
  subfolder: z.string().default(''),
  type: z.enum(['input', 'output', 'temp']).default('input'),
});

/**
 * Sends a file as the multipart form that ComfyUI takes, in pieces, as fast as the server takes them.
 * @returns the file as the server calls it
 * @throws EnsembleError 'too-large' (the server's limit), 'conflict' (it changed meanwhile), 'internal' (unreadable),
 *   'disconnected', 'timeout' or 'unavailable'; the signal's own reason when it aborts
 */
export async function sendUpload(options: UploadRequest): Promise<ComfyFile> {
  const { address, upload, signal, clock, stallMs } = options;
  signal?.throwIfAborted();
  const abort = new AbortController();
  const onAbort = (): void => abort.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const watch = new StallWatch(clock, stallMs, (limitMs) =>
    abort.abort(stallFailure(hostOf(address), upload.name, limitMs)),
  );
  const answerMs = isSecure(address) ? CLOUD_ANSWER_LIMIT_MS : ANSWER_LIMIT_MS;
  const form = new FormBody(upload, (sent) => {
    watch.moved(sent === upload.bytes ? answerMs : stallMs);
    options.onProgress?.(sent);
  });
  try {
    return await answerOf(await send(address, form, abort.signal), form, options);
  } catch (error) {
    if (abort.signal.aborted) throw abort.signal.reason;
    throw form.failure ?? inWords(error, options, form);
  } finally {
    watch.stop();
    signal?.removeEventListener('abort', onAbort);
    form.close();
  }
}

async function send(
  address: ServerAddress,
  form: FormBody,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const headers = {
    ...address.headers,
    'content-type': `multipart/form-data; boundary=${form.boundary}`,
    'content-length': String(form.length),
  };
  const body = form.open();
  // A server that refuses does not read the rest: whatever came next on that connection would wait behind it.
  return ask(address, '/upload/image', { method: 'POST', headers, body, signal, reset: true });
}

async function answerOf(
  reply: Dispatcher.ResponseData,
  form: FormBody,
  { address, upload }: UploadRequest,
): Promise<ComfyFile> {
  const host = hostOf(address);
  if (reply.statusCode !== 200) {
    discard(reply.body);
    throw uploadRefusal(host, upload.name, upload.bytes, reply.statusCode);
  }
  if (!form.sentWhole) {
    discard(reply.body);
    throw earlyAnswerFailure(host, upload.name);
  }
  const text = await textOf(reply.body);
  const parsed = Uploaded.safeParse(jsonOf(text));
  if (parsed.success) {
    const { name: filename, subfolder, type } = parsed.data;
    return { filename, subfolder, type };
  }
  throw contentFailure({
    address: host,
    path: '/upload/image',
    status: reply.statusCode,
    contentType: header(reply, 'content-type'),
    location: '',
    text: text.slice(0, 200),
  });
}

async function textOf(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function inWords(error: unknown, { address, upload }: UploadRequest, form: FormBody): EnsembleError {
  if (error instanceof EnsembleError) return error;
  const failure = transportFailure(hostOf(address), error, isPinned(address));
  return form.begun ? brokenUploadFailure(failure, upload.bytes) : failure;
}
