import type { InstanceId } from '../../../shared/model.ts';

/** What the scheduler is told and what it decides. No I/O: time comes in, decisions go out. Times are ms, sizes abstract units. */

/** Unique over all runs, e.g. "run-1/1/0" (run, stage, shard). */
export type WorkId = string;

/** A file that a work loads. */
export interface WorkInput {
  /** Of this very content. */
  readonly id: string;
  readonly bytes: number;
}

export interface Work {
  readonly id: WorkId;
  readonly runId: string;
  /** Position in the queue: lower first (run order, then shard index). */
  readonly order: number;
  /** Hash of the graph without seeds and texts: what the speed model learns by. */
  readonly workflow: string;
  /** resolution × steps × batch; 1 when unknown. */
  readonly units: number;
  /** Checkpoint or diffusion model that must be resident; null for model-free graphs. */
  readonly model: string | null;
  /** Instances that may compute it (participants with its nodes and models). Works of one run share one array. */
  readonly eligible: readonly InstanceId[];
  /** Waited for unless it is unusable (the master for a second stage); null = no preference. */
  readonly preferred: InstanceId | null;
  /** What has to be there before it can begin. Works of one run share one array. */
  readonly inputs: readonly WorkInput[];
}

export interface WorkerView {
  readonly id: InstanceId;
  /** Ready and trusted: breaker closed, φ below suspicion, not paused. */
  readonly usable: boolean;
  /** Paid by the hour or picture: never used for backup copies. */
  readonly paid: boolean;
  /** Prompts there that are not ours: it is busy with somebody else's work. */
  readonly foreignQueue: number;
  /** Bytes per second to it and back, as measured without works; null = unknown, Infinity = it reads our files itself. */
  readonly uploadRate: number | null;
  readonly downloadRate: number | null;
}

export type Decision =
  /** `ahead`: queued behind what runs there, can be revoked; `backup`: second copy of a straggler. */
  | {
      readonly kind: 'dispatch';
      readonly work: WorkId;
      readonly worker: InstanceId;
      readonly ahead: boolean;
      readonly backup: boolean;
    }
  /** Take a prefetched prompt back from a worker's queue; answered by `revoked` or `started`. */
  | { readonly kind: 'revoke'; readonly work: WorkId; readonly worker: InstanceId };
