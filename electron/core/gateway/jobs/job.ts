import { TILED_UPSCALE } from '../../graph/distributed-nodes.ts';
import type { ShardOutput } from '../../graph/plan.ts';
import { isRecord } from '../../plain-data.ts';
import { readJson } from '../http/body.ts';
import type { JobMessage, JobRecord } from './job-types.ts';

/** One attempt of a job, as far as it speaks of itself. */
export interface Voice {
  readonly attemptId: string;
  readonly outputs: readonly ShardOutput[];
  started: boolean;
  /** What it last said: told again when the canvas turns to it. */
  executing: JobMessage | null;
  progress: JobMessage | null;
}

/** An unfinished prompt of a client. */
export class Job {
  /** Of execution_start; null until something of it runs. */
  startedAt: number | null = null;
  /** Its client has been told that it runs. */
  announced = false;
  /** What its history will list. */
  readonly messages: JobMessage[] = [];
  readonly executed = new Set<string>();
  /** Whatever its attempts said when a node failed, by shard. */
  readonly errors = new Map<string, Readonly<Record<string, unknown>>>();
  readonly voices = new Map<string, Voice>();
  /** The one that the client's canvas shows. */
  leader: Voice | null = null;
  /** Class of each node. */
  readonly classes: ReadonlyMap<string, string>;

  constructor(
    readonly record: JobRecord,
    /** What goes with its prompts and must not be written down. */
    readonly secrets: Readonly<Record<string, unknown>> = {},
  ) {
    this.classes = classesOf(record.prompt);
  }

  get promptId(): string {
    return this.record.promptId;
  }

  get clientId(): string | null {
    return this.record.clientId;
  }

  get isRunning(): boolean {
    return this.startedAt !== null;
  }

  get extraData(): Readonly<Record<string, unknown>> {
    const data = readJson(this.record.extraData);
    return isRecord(data) ? data : {};
  }

  /** The node of the user's graph that a node of a shard's prompt stands for; null when there is none. */
  usersNode(nodeId: string, { outputs }: Pick<Voice, 'outputs'>): string | null {
    if (this.classes.has(nodeId)) return nodeId;
    const output = outputs.find((one) => one.nodeId === nodeId);
    const target = output?.results[0]?.nodeId ?? output?.gathers[0]?.collector ?? null;
    if (target !== null) return this.classes.has(target) ? target : null;
    // What a tile is made with stands for the node that asked for tiles.
    const tiled = nodeId.slice(0, Math.max(0, nodeId.indexOf('-')));
    if (this.classes.get(tiled) === TILED_UPSCALE) return tiled;
    // Nodes that expand into others name these after themselves: "5.0.3".
    const outer = nodeId.split('.')[0] ?? nodeId;
    return outer !== nodeId && this.classes.has(outer) ? nodeId : null;
  }

  /** @returns whether the leader is another one now */
  forget(attemptId: string): boolean {
    this.voices.delete(attemptId);
    if (this.leader?.attemptId !== attemptId) return false;
    this.leader = [...this.voices.values()].find(({ started }) => started) ?? null;
    return true;
  }
}

function classesOf(prompt: string): ReadonlyMap<string, string> {
  const nodes = readJson(prompt);
  if (!isRecord(nodes)) return new Map();
  return new Map(
    Object.entries(nodes).map(([id, node]) => [id, isRecord(node) ? String(node['class_type'] ?? '') : '']),
  );
}
