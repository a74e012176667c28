import type { z } from 'zod';
import { EnsembleError } from '../../../shared/errors.ts';
import { type Clock, systemClock } from '../ports.ts';
import { type Download, openDownload } from './download.ts';
import { type Exchanged, exchange } from './exchange.ts';
import { contentFailure, type ReplyFacts, statusFailure } from './failures.ts';
import type { ComfyHttpOptions, QueueIds, ServerLogEntry, SubmitRequest } from './http-types.ts';
import type { ComfyFile } from './outputs.ts';
import { parsePythonJson } from './python-json.ts';
import { refusal } from './refusal.ts';
import {
  History,
  type HistoryEntry,
  ObjectInfo,
  PromptInfo,
  Queue,
  Refused,
  ServerLogs,
  Submitted,
  SystemStats,
} from './replies.ts';
import { addressOf, hostOf, type ServerAddress } from './server-address.ts';
import { absentFailure } from './transfer-failures.ts';
import { sendUpload, type UploadOptions } from './upload.ts';
import type { Upload } from './upload-form.ts';
import { withdraw } from './whereabouts.ts';

/** Quick questions: a healthy server answers in milliseconds, a busy one holds Python's lock for some seconds. */
const DEFAULT_TIMEOUT_MS = 10_000;
/** /object_info of a server with many custom nodes walks every model folder. */
const SLOW_TIMEOUT_MS = 60_000;
const MAX_JSON_BYTES = 64 * 1_048_576;
const MAX_FILE_BYTES = 256 * 1_048_576;
/** A file may take hours, but not stand still. */
const STALL_MS = 60_000;
/** No such file, or a proxy in between that knows no HEAD: the file is not known to be there. */
const ABSENT: ReadonlySet<number> = new Set([404, 405, 501]);

interface Call {
  readonly path: string;
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'HEAD';
  readonly json?: unknown;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One ComfyUI server over HTTP. Every reply is checked. All methods throw EnsembleError: 'disconnected' (nobody there),
 * 'timeout', 'too-large', 'unavailable' (somebody else is there, or the server refuses or fails).
 */
export class ComfyHttp {
  readonly address: ServerAddress;
  readonly #host: string;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #stallMs: number;

  /** @param where a base URL without a trailing slash, e.g. "http://127.0.0.1:8188", or one with what opens it */
  constructor(where: string | ServerAddress, options: ComfyHttpOptions = {}) {
    this.address = addressOf(where);
    this.#host = hostOf(this.address);
    this.#clock = options.clock ?? systemClock;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#stallMs = options.stallMs ?? STALL_MS;
  }

  async systemStats(signal?: AbortSignal): Promise<SystemStats> {
    return this.#json({ path: '/system_stats', signal }, SystemStats);
  }

  /** Prompts running and waiting. */
  async queueRemaining(signal?: AbortSignal): Promise<number> {
    const info = await this.#json({ path: '/prompt', signal }, PromptInfo);
    return info.exec_info.queue_remaining;
  }

  async queue(signal?: AbortSignal): Promise<QueueIds> {
    const queue = await this.#json({ path: '/queue', signal }, Queue);
    // Pending comes in raw heap order.
    const pending = [...queue.queue_pending].sort(([a, idA], [b, idB]) => a - b || (idA < idB ? -1 : 1));
    return { running: queue.queue_running.map(([, id]) => id), pending: pending.map(([, id]) => id) };
  }

  /** One class; an empty record when the server does not have it. */
  async objectInfo(className: string, signal?: AbortSignal): Promise<ObjectInfo> {
    const path = `/object_info/${encodeURIComponent(className)}`;
    return this.#json({ path, signal, timeoutMs: SLOW_TIMEOUT_MS }, ObjectInfo);
  }

  /**
   * Queues a prompt; integers keep every digit.
   * @throws PromptRefused when the server refuses it or drops an output of it: then it is taken back where possible
   */
  async submit(request: SubmitRequest, signal?: AbortSignal): Promise<void> {
    const { prompt, promptId, clientId, extraData } = request;
    const json = {
      prompt,
      prompt_id: promptId,
      ...(clientId === null ? {} : { client_id: clientId }),
      ...(extraData === undefined ? {} : { extra_data: extraData }),
    };
    const call: Call = { path: '/prompt', method: 'POST', json, signal, timeoutMs: SLOW_TIMEOUT_MS };
    const reply = await this.#exchange(call);
    const host = this.#host;
    if (reply.status === 400) throw refusal(host, this.#check(call, reply, Refused));
    if (reply.status !== 200) throw statusFailure(this.#facts(call, reply));
    const { prompt_id: queuedAs, node_errors: dropped = {} } = this.#check(call, reply, Submitted);
    if (queuedAs === promptId && Object.keys(dropped).length === 0) return;
    await withdraw(this, queuedAs, signal).catch(() => {});
    if (queuedAs !== promptId) throw new EnsembleError('unavailable', `${host} gave the prompt another id.`);
    throw refusal(host, { error: { message: 'Some outputs cannot run here' }, node_errors: dropped });
  }

  /** Removes waiting prompts; those that run or are unknown are left alone. */
  async deleteQueued(promptIds: readonly string[], signal?: AbortSignal): Promise<void> {
    await this.#post({ path: '/queue', method: 'POST', json: { delete: promptIds }, signal });
  }

  /** null while the prompt is unknown, waiting or running. */
  async history(promptId: string, signal?: AbortSignal): Promise<HistoryEntry | null> {
    const history = await this.#json({ path: `/history/${encodeURIComponent(promptId)}`, signal }, History);
    return history[promptId] ?? null;
  }

  /** @param promptId null interrupts whatever runs, whoever queued it */
  async interrupt(promptId: string | null, signal?: AbortSignal): Promise<void> {
    const json = promptId === null ? {} : { prompt_id: promptId };
    await this.#post({ path: '/interrupt', method: 'POST', json, signal });
  }

  /** Unloads models and caches after the prompt that runs now. */
  async free(signal?: AbortSignal): Promise<void> {
    const json = { unload_models: true, free_memory: true };
    await this.#post({ path: '/free', method: 'POST', json, signal });
  }

  /** The newest lines that it printed. */
  async logs(): Promise<readonly ServerLogEntry[]> {
    return (await this.#json({ path: '/internal/logs/raw' }, ServerLogs)).entries;
  }

  /** New lines come over the WebSocket of this client from now on, or no longer. */
  async subscribeLogs(clientId: string, enabled: boolean): Promise<void> {
    const json = { clientId, enabled };
    await this.#post({ path: '/internal/logs/subscribe', method: 'PATCH', json });
  }

  /** What a route of it answers, as it is; null when the status is not 200. Errors as of all methods. */
  async text(path: string, slow = false, signal?: AbortSignal): Promise<string | null> {
    const call: Call = {
      path,
      signal,
      ...(slow ? { timeoutMs: SLOW_TIMEOUT_MS } : {}),
      maxBytes: MAX_FILE_BYTES,
    };
    const reply = await this.#exchange(call);
    return reply.status === 200 ? reply.body.toString('utf8') : null;
  }

  /** @throws EnsembleError also for any status but 200 */
  async post(path: string, json: unknown): Promise<void> {
    await this.#post({ path, method: 'POST', json });
  }

  /** All classes. Numbers beyond 2^53 (bounds of seeds) are rounded; what JSON cannot say (Python's NaN) is null. */
  async objectInfoAll(signal?: AbortSignal): Promise<unknown> {
    const call: Call = { path: '/object_info', signal, timeoutMs: SLOW_TIMEOUT_MS };
    const reply = await this.#exchange(call);
    if (reply.status !== 200) throw statusFailure(this.#facts(call, reply));
    const info = parsePythonJson(reply.body.toString('utf8'));
    if (typeof info !== 'object' || info === null) throw contentFailure(this.#facts(call, reply));
    return info;
  }

  /** A file of any size, byte for byte, as a stream. @throws EnsembleError('not-found') */
  async download(file: ComfyFile, signal?: AbortSignal): Promise<Download> {
    return openDownload({
      address: this.address,
      path: viewPath(file),
      filename: file.filename,
      stallMs: this.#stallMs,
      clock: this.#clock,
      signal: signal ?? null,
    });
  }

  /** Size of a file; null when the server does not have it. */
  async stat(file: ComfyFile, signal?: AbortSignal): Promise<{ readonly bytes: number | null } | null> {
    const call: Call = { path: viewPath(file), method: 'HEAD', signal };
    const reply = await this.#exchange(call);
    if (ABSENT.has(reply.status)) return null;
    if (reply.status !== 200) throw statusFailure(this.#facts({ ...call, path: '/view' }, reply));
    return { bytes: reply.length };
  }

  /** Streams a file into a folder of the server. Errors: see sendUpload. @returns the file as the server calls it */
  async upload(upload: Upload, options: UploadOptions = {}): Promise<ComfyFile> {
    return sendUpload({
      ...options,
      upload,
      address: this.address,
      clock: this.#clock,
      stallMs: this.#stallMs,
    });
  }

  /** A whole file, byte for byte, at most 256 MiB. @throws EnsembleError('not-found') */
  async file(file: ComfyFile, signal?: AbortSignal): Promise<Buffer> {
    const call: Call = { path: viewPath(file), signal, timeoutMs: SLOW_TIMEOUT_MS, maxBytes: MAX_FILE_BYTES };
    const reply = await this.#exchange(call);
    if (reply.status === 404) throw absentFailure(this.#host, file.filename);
    if (reply.status !== 200) throw statusFailure(this.#facts({ ...call, path: '/view' }, reply));
    return reply.body;
  }

  async #post(call: Call): Promise<void> {
    const reply = await this.#exchange(call);
    if (reply.status !== 200) throw statusFailure(this.#facts(call, reply));
  }

  async #json<T>(call: Call, schema: z.ZodType<T>): Promise<T> {
    const reply = await this.#exchange(call);
    if (reply.status !== 200) throw statusFailure(this.#facts(call, reply));
    return this.#check(call, reply, schema);
  }

  #check<T>(call: Call, reply: Exchanged, schema: z.ZodType<T>): T {
    let value: unknown;
    try {
      value = JSON.parse(reply.body.toString('utf8'));
    } catch {
      throw contentFailure(this.#facts(call, reply));
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw contentFailure(this.#facts(call, reply));
  }

  async #exchange(call: Call): Promise<Exchanged> {
    return exchange({
      address: this.address,
      path: call.path,
      method: call.method ?? 'GET',
      json: call.json,
      timeoutMs: call.timeoutMs ?? this.#timeoutMs,
      maxBytes: call.maxBytes ?? MAX_JSON_BYTES,
      clock: this.#clock,
      signal: call.signal ?? null,
    });
  }

  #facts({ path }: Call, { status, contentType, location, body }: Exchanged): ReplyFacts {
    const text = body.subarray(0, 200).toString('utf8');
    return { address: this.#host, path, status, contentType, location, text };
  }
}

function viewPath({ filename, subfolder, type }: ComfyFile): string {
  return `/view?${new URLSearchParams({ filename, subfolder, type })}`;
}
