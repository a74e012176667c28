import type { InstanceId } from '../../../shared/model.ts';
import type { Heap } from './heap.ts';
import type { Work, WorkerView, WorkId } from './scheduler-types.ts';

/** What the scheduler remembers. Mutable, and seen by the files of this folder alone. Times are ms on our own clock. */

/** A copy of a work on a worker. */
export interface Placement {
  readonly work: WorkId;
  readonly worker: InstanceId;
}

export interface RunState {
  readonly id: string;
  /** Since when it waits; of a run that was moved, as if it had been submitted in its new place. */
  since: number;
  /** Lowest order of its works. */
  first: number;
  readonly items: Set<Item>;
  /** GPU seconds of its finished works, and of its backup copies. */
  computeSeconds: number;
  backupSeconds: number;
}

export interface Item {
  readonly work: Work;
  readonly run: RunState;
  position: number;
  /** 1 for the first. */
  attempt: number;
  /** Lost it before: taken only when nobody else is left. */
  avoided: readonly InstanceId[];
  /** Cannot compute it, with the reason in words. */
  readonly barred: Map<InstanceId, string>;
  readonly copies: Copy[];
  /** Where it waits; null while it is placed. */
  lane: Lane | null;
  revokes: number;
}

export interface Copy {
  readonly item: Item;
  readonly worker: Worker;
  readonly backup: boolean;
  ahead: boolean;
  /** Since when nothing is before it there. */
  dueFrom: number;
  /** Seconds of loading that were expected. */
  readonly setup: number;
  /** When all that it loads is expected to be there. */
  arrivesAt: number;
  /** Models on the worker before, for when it is taken back. */
  readonly residentBefore: readonly string[];
  startedAt: number | null;
  firstStep: { readonly fraction: number; readonly at: number } | null;
  lastStep: { readonly fraction: number; readonly at: number } | null;
  revoking: boolean;
  /** Its work is settled: the worker is busy with it until the owner says that it is gone. */
  settled: boolean;
}

export interface Worker {
  readonly id: InstanceId;
  view: WorkerView;
  removed: boolean;
  /** In the order in which it computes them; at most MOST_PER_WORKER. */
  copies: Copy[];
  /** Models on it, the one used last at the end. */
  resident: readonly string[];
  /** How many models it has been seen to keep. */
  capacity: number;
  /** Files that were brought to it, by their ids, the one brought last at the end. */
  readonly files: Set<string>;
  /** When its first copy is expected to end, null when unknown or idle. */
  firstEnd: number | null;
  /** ms of its first copy's whole run, the least step of being overdue. */
  firstRun: number;
  /** ms that the copies behind the first take; null when unknown. */
  rest: number | null;
}

/** Works that are alike for placement, the first in order ahead. */
export interface Lane {
  readonly key: string;
  readonly workflow: string;
  readonly model: string | null;
  readonly eligible: ReadonlySet<InstanceId>;
  readonly preferred: InstanceId | null;
  readonly avoided: readonly InstanceId[];
  readonly barred: readonly InstanceId[];
  readonly heap: Heap<Item>;
  /** How many really wait: the heap also holds cancelled ones. */
  count: number;
  /** Sum of the units that wait. */
  units: number;
  /** Who may compute them now, as of `epoch`. */
  allowed: ReadonlySet<Worker>;
  epoch: number;
  /** Since when idle workers were kept from it; null after every dispatch. */
  heldSince: number | null;
  /** Works per ms of all who may compute it, an upper bound as of `at`. */
  pace: { readonly value: number; readonly at: number; readonly epoch: number } | null;
}
