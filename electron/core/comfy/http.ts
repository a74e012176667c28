import type { z } from 'zod';
import { EnsembleError, type FieldProblem } from '../../../shared/errors.ts';
import { type Clock, systemClock } from '../ports.ts';
import { type Exchanged, exchange } from './exchange.ts';
import { contentFailure, type ReplyFacts, statusFailure } from './failures.ts';
import type { ComfyFile } from './outputs.ts';
import type { ApiPrompt } from './prompt.ts';
import {
  History,
  type HistoryEntry,
  type NodeErrors,
  ObjectInfo,
  PromptInfo,
  Queue,
  Refused,
  Submitted,
  SystemStats,
} from './replies.ts';

/** Quick questions: a healthy server answers in milliseconds, a busy one holds Python's lock for some seconds. */
const DEFAULT_TIMEOUT_MS = 10_000;
/** /object_info of a server with many custom nodes walks every model folder. */
const SLOW_TIMEOUT_MS = 60_000;
const MAX_JSON_BYTES = 64 * 1_048_576;
const MAX_FILE_BYTES = 256 * 1_048_576;

export interface ComfyHttpOptions {
  readonly clock?: Clock;
  /** Of the quick calls, ms. */
  readonly timeoutMs?: number;
}

export interface SubmitRequest {
  readonly prompt: ApiPrompt;
  /** A lowercase UUID: 0.33 refuses anything else. */
  readonly promptId: string;
  /** Whose socket gets the events; null = nobody's. */
  readonly clientId: string | null;
  readonly extraData?: Readonly<Record<string, unknown>>;
}

export interface QueueIds {
  readonly running: readonly string[];
  /** In the order in which they will run. */
  readonly pending: readonly string[];
}

interface Call {
  readonly path: string;
  readonly method?: 'GET' | 'POST';
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
  readonly #base: URL;
  readonly #clock: Clock;
  readonly #timeoutMs: number;

  /** @param baseUrl without a trailing slash, e.g. "http://127.0.0.1:8188" */
  constructor(baseUrl: string, options: ComfyHttpOptions = {}) {
    this.#base = new URL(baseUrl);
    this.#clock = options.clock ?? systemClock;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
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
   * Queues a prompt.
   * @throws EnsembleError('bad-argument') when the server refuses it, or drops an output of it; `problems` names the nodes
   */
  async submit(request: SubmitRequest, signal?: AbortSignal): Promise<void> {
    const json = {
      prompt: request.prompt,
      prompt_id: request.promptId,
      ...(request.clientId === null ? {} : { client_id: request.clientId }),
      ...(request.extraData === undefined ? {} : { extra_data: request.extraData }),
    };
    const call: Call = { path: '/prompt', method: 'POST', json, signal, timeoutMs: SLOW_TIMEOUT_MS };
    const reply = await this.#exchange(call);
    if (reply.status === 400) throw this.#refusal(this.#check(call, reply, Refused));
    if (reply.status !== 200) throw statusFailure(this.#facts(call, reply));
    const { node_errors: dropped = {} } = this.#check(call, reply, Submitted);
    if (Object.keys(dropped).length > 0) {
      throw this.#refusal({ error: { message: 'Some outputs cannot run here' }, node_errors: dropped });
    }
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

  /** A whole file, byte for byte, at most 256 MiB. @throws EnsembleError('not-found') */
  async file({ filename, subfolder, type }: ComfyFile, signal?: AbortSignal): Promise<Buffer> {
    const path = `/view?${new URLSearchParams({ filename, subfolder, type })}`;
    const call: Call = { path, signal, timeoutMs: SLOW_TIMEOUT_MS, maxBytes: MAX_FILE_BYTES };
    const reply = await this.#exchange(call);
    if (reply.status === 404) {
      throw new EnsembleError('not-found', `${this.#base.host} does not have the file ${filename} any more.`);
    }
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
      // A cloud address may have a path of its own in front.
      url: new URL(`${this.#base.href.replace(/\/$/, '')}${call.path}`),
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
    return { address: this.#base.host, path, status, contentType, location, text };
  }

  #refusal({ error, node_errors: nodes = {} }: Refused): EnsembleError {
    const problems = problemsOf(nodes);
    const [first] = problems;
    const detail = first === undefined ? (error.details ?? '') : `${first.field}: ${first.message}`;
    const sentence = [error.message, detail].filter((part) => part !== '').join(': ');
    return new EnsembleError(
      'bad-argument',
      `${this.#base.host} refused the workflow: ${sentence}.`,
      'Check that this server has the models and nodes that the workflow uses.',
      problems,
    );
  }
}

function problemsOf(nodes: NodeErrors): readonly FieldProblem[] {
  return Object.entries(nodes).flatMap(([id, node]) =>
    node.errors.map(({ message, details }) => ({
      field: `node ${id}${node.class_type === undefined ? '' : ` (${node.class_type})`}`,
      message: details === undefined || details === '' ? message : `${message} (${details})`,
    })),
  );
}
