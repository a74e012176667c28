import type { FieldProblem } from './errors.ts';
import type { LogPage } from './logs.ts';
import type { DeviceRef, InstanceId } from './model.ts';
import type { NoArgs } from './no-args.ts';
import type { WorkerSettings } from './settings.ts';

/** Commands about one instance: its power, its place in the roster, its log. */

/** What a form edits before a local worker (or the master) is saved. */
export interface LocalDraft {
  readonly name: string;
  readonly port: number;
  readonly device: DeviceRef;
  readonly extraArgs: string;
}

export interface DraftCheck {
  readonly problems: readonly FieldProblem[];
  /** argv that would be started, the program first; empty when it cannot be told. */
  readonly command: readonly string[];
  /** Environment variables that we set, e.g. CUDA_VISIBLE_DEVICES. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Target {
  readonly id: InstanceId;
}

export interface InstanceCommands {
  /** Resolves when the start has begun; progress arrives as state. */
  'instance.start': { args: Target; result: null };
  /** Resolves after the observed exit. */
  'instance.stop': { args: Target; result: null };
  'instance.restart': { args: Target; result: null };
  'instance.interrupt': { args: Target; result: null };
  'instance.freeMemory': { args: Target; result: null };
  'instance.select': { args: Target & { readonly selected: boolean }; result: null };
  'instance.testPicture': { args: Target; result: { readonly pictureId: string } };

  /** A free name, port and device for the Add dialog. */
  'worker.suggest': { args: NoArgs; result: LocalDraft };
  /** `id` null: a new worker. Also used for the master. */
  'worker.check': {
    args: { readonly id: InstanceId | null; readonly draft: LocalDraft };
    result: DraftCheck;
  };
  'worker.add': { args: { readonly draft: LocalDraft }; result: { readonly id: InstanceId } };
  /** Takes effect at the next start; restarts at once when `restart`. */
  'worker.update': {
    args: Target & { readonly draft: LocalDraft; readonly restart: boolean };
    result: null;
  };
  /** Stops it first. The result can be handed to worker.restore. */
  'worker.remove': {
    args: Target;
    result: { readonly removed: WorkerSettings; readonly index: number };
  };
  'worker.restore': {
    args: { readonly removed: WorkerSettings; readonly index: number };
    result: null;
  };

  /**
   * A page of an instance's log: the lines after `after` (exclusive seq; null = the newest `limit`).
   * With `waitMs` > 0 and nothing new it answers as soon as a line comes, or empty after waitMs.
   */
  'logs.read': {
    args: Target & { readonly after: number | null; readonly limit: number; readonly waitMs: number };
    result: LogPage;
  };
  'logs.clear': { args: Target; result: null };
}
