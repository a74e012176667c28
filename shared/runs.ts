import type { InstanceId, MasterMode } from './model.ts';

/**
 * Runs, shards, attempts and artifacts as they cross the transports. Times are ms since the epoch, sizes bytes, durations
 * seconds. Seeds are decimal text: they reach 2^64 − 1, which JSON numbers would round.
 */

export type RunId = string;

/**
 * whole: one prompt on one participant; copies and distributed: one shard per seed; batch-split: slices of one batch; tiles:
 * pieces of one picture.
 */
export type PlanKind = 'whole' | 'copies' | 'distributed' | 'batch-split' | 'tiles';

export type RunStatus = 'queued' | 'running' | 'done' | 'partial' | 'failed' | 'cancelled';

/** `failed` is a real error of the workflow; a lost shard goes back to `queued` with its attempt counted. */
export type ShardStatus = 'queued' | 'dispatched' | 'running' | 'fetching' | 'done' | 'failed' | 'cancelled';

/** auto: the master's toggle decides, with fallback where no worker is usable. */
export type ModeChoice = 'auto' | 'participating' | 'orchestrator';

/** One literal of the workflow to change before it runs. */
export interface InputOverride {
  /** Node id, or its title when only one node has it. */
  readonly node: string;
  readonly input: string;
  /** JSON where it is JSON (numbers exact), text otherwise. */
  readonly value: string;
}

export interface RunOptions {
  /** Number of shards; null = one per participant where the workflow is distributed or split, else one. */
  readonly copies: number | null;
  /** Cut the batch of an empty latent into slices, one per shard, with the pictures it would have had. */
  readonly splitBatch: boolean;
  readonly mode: ModeChoice;
  /** Only these instances; null = the selected ones. */
  readonly on: readonly InstanceId[] | null;
  readonly set: readonly InputOverride[];
  /** Ahead of everything that waits. */
  readonly front: boolean;
}

export const DEFAULT_RUN_OPTIONS: RunOptions = {
  copies: null,
  splitBatch: false,
  mode: 'auto',
  on: null,
  set: [],
  front: false,
};

// ── Runs ─────────────────────────────────────────────────────────────────────

export interface ShardError {
  /** One sentence for people. */
  readonly message: string;
  readonly nodeId: string | null;
  readonly nodeType: string | null;
  readonly exceptionType: string | null;
  readonly traceback: readonly string[];
}

export type AttemptOutcome =
  | 'running'
  | 'done'
  /** Its server died, hung or forgot it: the shard goes elsewhere. */
  | 'lost'
  | 'failed'
  | 'cancelled'
  /** Another copy of the same shard was faster. */
  | 'superseded';

/** One dispatch of a shard to an instance. */
export interface Attempt {
  /** The prompt_id there: a lowercase UUID. */
  readonly id: string;
  readonly runId: RunId;
  readonly stage: 1 | 2;
  readonly shard: number;
  /** 1 for the first. */
  readonly number: number;
  readonly instanceId: InstanceId;
  readonly instanceName: string;
  /** A second copy of a straggler. */
  readonly backup: boolean;
  readonly dispatchedAt: number;
  /** execution_start; null until it runs. */
  readonly startedAt: number | null;
  /** First sampling step: what came before was loading. */
  readonly sampledAt: number | null;
  /** The server was done and its files are fetched from here on. */
  readonly fetchedAt: number | null;
  readonly endedAt: number | null;
  readonly outcome: AttemptOutcome;
  /** Why it ended without a result, in words. */
  readonly reason: string | null;
}

export interface Shard {
  readonly runId: RunId;
  /** 2: the second pass on the master. */
  readonly stage: 1 | 2;
  readonly index: number;
  readonly status: ShardStatus;
  readonly seed: string | null;
  readonly instanceId: InstanceId | null;
  /** Title of the node that runs now. */
  readonly node: string | null;
  readonly step: number | null;
  readonly steps: number | null;
  /** Grows with each live preview of its instance while it runs; 0 = none. Image at /files/previews/INSTANCE?n=PREVIEW. */
  readonly preview: number;
  readonly attempts: readonly Attempt[];
  readonly error: ShardError | null;
}

export type ArtifactKind = 'image' | 'video' | 'audio' | 'latent' | 'model' | 'text' | 'file';

/** A file that came home, with where it came from. */
export interface Artifact {
  readonly id: string;
  readonly runId: RunId;
  readonly runName: string;
  readonly stage: 1 | 2;
  readonly shard: number;
  readonly nodeId: string;
  /** Title or class of the node whose result it is. */
  readonly node: string;
  readonly kind: ArtifactKind;
  /** Of a preview node: kept apart from the output folder. */
  readonly preview: boolean;
  /** Path below the output folder (or the previews folder), with "/". */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  /** Pixels; null for what is no picture. */
  readonly width: number | null;
  readonly height: number | null;
  readonly seed: string | null;
  readonly instanceId: InstanceId;
  readonly instanceName: string;
  /** From execution_start to the last byte. */
  readonly seconds: number | null;
  readonly at: number;
  /** e.g. "/files/artifacts/ID.png" below the control center's address. */
  readonly url: string;
}

export interface RunSummary {
  readonly id: RunId;
  /** Grows with every change: of two summaries of one run the larger is the newer. */
  readonly revision: number;
  readonly name: string;
  readonly kind: PlanKind;
  readonly status: RunStatus;
  readonly mode: MasterMode;
  readonly modeReason: string;
  /** Names of the participants. */
  readonly participants: readonly string[];
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** Place in the queue: lower runs first. Changes when it is moved. */
  readonly order: number;
  /** The second pass among them, once it has begun. */
  readonly shards: Readonly<Record<ShardStatus, number>>;
  /** Without the second pass. */
  readonly shardCount: number;
  /** True when a second pass on the master is part of it. */
  readonly secondStage: boolean;
  readonly seedFirst: string | null;
  readonly seedLast: string | null;
  /** ms since the epoch; null while nothing is known about the speed. */
  readonly expectedEnd: number | null;
  /** Why its next waiting shard is on no GPU yet, one sentence; null while none waits, or nothing is known yet. */
  readonly waits: string | null;
  readonly artifactCount: number;
  /** The first pictures, at most 12, in the order of shards. */
  readonly thumbnails: readonly Pick<Artifact, 'id' | 'url' | 'kind' | 'shard' | 'seed'>[];
  /** The first error, one sentence. */
  readonly error: string | null;
  readonly warnings: readonly string[];
}

export interface RunDetail {
  readonly run: RunSummary;
  /** At most 2,000; the first ones. */
  readonly shards: readonly Shard[];
  readonly artifacts: readonly Artifact[];
}

/** What waits for a GPU, over all runs. */
export interface QueueState {
  readonly paused: boolean;
  readonly waiting: number;
  readonly running: number;
}

export interface RunsPage {
  /** Unfinished ones first in queue order, then the finished ones, newest first. */
  readonly runs: readonly RunSummary[];
  readonly queue: QueueState;
  /** There are older ones. */
  readonly more: boolean;
}

export interface RunsChange {
  readonly runs: readonly RunSummary[];
  readonly removed: readonly RunId[];
  readonly queue: QueueState;
}

export interface GalleryFilter {
  readonly runId: RunId | null;
  readonly instanceId: InstanceId | null;
  /** Part of a run's name, whatever its case. */
  readonly name: string | null;
  /** ms since the epoch. */
  readonly since: number | null;
  readonly until: number | null;
  readonly previews: boolean;
}

export interface GalleryPage {
  /** Newest first. */
  readonly artifacts: readonly Artifact[];
  /** What to hand in as `cursor` for the next page; null at the end. */
  readonly next: string | null;
}

/** Done shards of the first stage: `shards` also counts the second pass. */
export function shardsDone({ shards, shardCount }: Pick<RunSummary, 'shards' | 'shardCount'>): number {
  return Math.min(shards.done, shardCount);
}

export function isFinished(status: RunStatus): boolean {
  return status === 'done' || status === 'partial' || status === 'failed' || status === 'cancelled';
}
