import type { ComfyFrame } from '../../comfy/frames.ts';
import { isRecord } from '../../plain-data.ts';
import type { OpenAttempt } from '../../runs/attempts.ts';
import type { RunServer } from '../../runs/run-fleet.ts';
import type { Job, Voice } from '../jobs/job.ts';
import type { JobMessage } from '../jobs/job-types.ts';
import type { Audience } from './audience.ts';

type Data = Readonly<Record<string, unknown>>;

/** Turns what a server tells of one attempt into what the client may hear: its own ids, and one shard at a time. */
export class Listening {
  readonly #stop: readonly (() => void)[];

  constructor(
    private readonly job: Job,
    private readonly voice: Voice,
    private readonly attempt: OpenAttempt,
    { monitor }: RunServer,
    private readonly audience: Audience,
    private readonly now: () => number,
  ) {
    this.#stop = [
      monitor.onText((text) => {
        // Most of what a server says is about others.
        if (text.includes(attempt.id)) this.#hear(text);
      }),
      monitor.onFrame((frame) => this.#see(frame)),
    ];
  }

  stop(): void {
    for (const stop of this.#stop) stop();
  }

  #hear(text: string): void {
    const message = parsed(text);
    const data = isRecord(message) && isRecord(message['data']) ? message['data'] : null;
    if (!isRecord(message) || data === null || data['prompt_id'] !== this.attempt.id) return;
    switch (message['type']) {
      case 'execution_cached':
        this.#cached(data);
        break;
      case 'executing':
      case 'progress':
        this.#step(message['type'], data);
        break;
      case 'progress_state':
        this.#state(data);
        break;
      case 'execution_error':
        if (data['exception_type'] !== 'ExecutionBlocked') this.#failed(data);
        break;
      default:
        break;
    }
  }

  /** Of the first attempt alone: the others begin within the same job. */
  #cached(data: Data): void {
    const { job } = this;
    if (job.messages.some(([event]) => event === 'execution_cached')) return;
    const ids: readonly unknown[] = Array.isArray(data['nodes']) ? data['nodes'] : [];
    const nodes = ids.flatMap((id) => this.#users(id) ?? []);
    const message: JobMessage = [
      'execution_cached',
      { nodes, prompt_id: job.promptId, timestamp: this.now() },
    ];
    job.messages.push(message);
    this.audience.tell(job, message);
  }

  #step(event: 'executing' | 'progress', data: Data): void {
    const node = this.#users(data['node']);
    if (node === null) return;
    const shown = { ...data, node, prompt_id: this.job.promptId };
    const message: JobMessage =
      event === 'executing'
        ? [event, { ...shown, display_node: this.#users(data['display_node']) ?? node }]
        : [event, shown];
    if (event === 'executing') this.voice.executing = message;
    this.#tell(message);
  }

  #state(data: Data): void {
    const nodes: Record<string, unknown> = {};
    for (const [id, state] of Object.entries(isRecord(data['nodes']) ? data['nodes'] : {})) {
      const node = this.#users(id);
      if (node === null || !isRecord(state)) continue;
      nodes[node] = { ...state, ...this.#named(state, node), prompt_id: this.job.promptId };
    }
    const message: JobMessage = ['progress_state', { ...data, prompt_id: this.job.promptId, nodes }];
    this.voice.progress = message;
    this.#tell(message);
  }

  #named(state: Data, node: string): Data {
    const names = ['node_id', 'display_node_id', 'real_node_id'].filter((name) => name in state);
    return Object.fromEntries(names.map((name) => [name, this.#users(state[name]) ?? node]));
  }

  #failed(data: Data): void {
    const { shard } = this.attempt;
    const executed: readonly unknown[] = Array.isArray(data['executed']) ? data['executed'] : [];
    this.job.errors.set(`${shard.stage}/${shard.index}`, {
      ...data,
      ...{ prompt_id: this.job.promptId, node_id: this.#users(data['node_id']) ?? data['node_id'] },
      executed: executed.flatMap((id) => this.#users(id) ?? []),
    });
  }

  #see(frame: ComfyFrame): void {
    const { job, voice, attempt } = this;
    if (job.leader !== voice || attempt.computed) return;
    // Frames without an id belong to what runs there; ours does once it has started.
    if (frame.kind === 'preview' && frame.promptId !== null && frame.promptId !== attempt.id) return;
    const said = frame.nodeId ?? voice.executing?.[1]['node'];
    const node = this.#users(said);
    if (node === null) return;
    if (frame.kind === 'preview') this.audience.preview(job, frame, node);
    else this.audience.text(job, frame, node);
  }

  #tell(message: JobMessage): void {
    if (this.job.leader === this.voice) this.audience.tell(this.job, message);
  }

  #users(id: unknown): string | null {
    return typeof id === 'string' || typeof id === 'number'
      ? this.job.usersNode(String(id), this.voice)
      : null;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
