/** States of a managed process (a ComfyUI server that we started), and what is known about its deaths. */

/** Why a process died, as far as its exit code, signal, last lines and memory tell. */
export type DeathCause =
  | 'out-of-vram'
  | 'out-of-ram'
  | 'port-in-use'
  | 'missing-module'
  | 'bad-argument'
  | 'driver'
  | 'disk-full'
  | 'spawn-failed'
  | 'ready-timeout'
  | 'hang'
  | 'killed'
  | 'clean-exit'
  | 'unknown';

export interface FailureReport {
  readonly cause: DeathCause;
  /** One sentence in words, e.g. "Ran out of GPU memory while loading a model". */
  readonly summary: string;
  /** What the person can do; null when only the log can tell. */
  readonly remedy: string | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The last lines of its output, oldest first, at most 20. */
  readonly lastLines: readonly string[];
  /** ms since the epoch. */
  readonly at: number;
}

/** A step of ComfyUI's start, recognised in its real output lines. */
export interface BootStep {
  /** e.g. "Loading custom nodes". */
  readonly label: string;
  /** 0..1, grows monotonically; an estimate. */
  readonly fraction: number;
}

export type StopStage = 'interrupt' | 'terminate' | 'kill';

/** `since` is ms since the epoch in every arm. `generation` stamps one spawn, so that late events drop. */
export type ProcessState =
  | { readonly status: 'stopped'; readonly since: number }
  | {
      readonly status: 'starting';
      readonly since: number;
      readonly generation: number;
      readonly pid: number | null;
      readonly step: BootStep;
      /** 1 for a first start, 2 and up for automatic restarts. */
      readonly attempt: number;
    }
  | {
      readonly status: 'ready';
      readonly since: number;
      readonly generation: number;
      readonly pid: number;
      /** Spawn to first answer, ms; null when the process was adopted. */
      readonly bootMs: number | null;
    }
  | {
      readonly status: 'unresponsive';
      readonly since: number;
      readonly generation: number;
      readonly pid: number;
      /** e.g. "No answer for 12 s". */
      readonly detail: string;
    }
  | {
      readonly status: 'stopping';
      readonly since: number;
      readonly generation: number;
      readonly pid: number;
      readonly stage: StopStage;
    }
  | {
      readonly status: 'backing-off';
      readonly since: number;
      /** When the next attempt begins, ms since the epoch. */
      readonly until: number;
      readonly attempt: number;
      readonly failure: FailureReport;
    }
  | {
      readonly status: 'failed';
      readonly since: number;
      readonly failure: FailureReport;
      /** Automatic restarts made before giving up. */
      readonly restarts: number;
    };

export type ProcessStatus = ProcessState['status'];

/** Legal transitions of a managed process; a test walks random sequences against it. */
export const TRANSITIONS: Readonly<Record<ProcessStatus, readonly ProcessStatus[]>> = {
  stopped: ['starting'],
  starting: ['ready', 'stopping', 'backing-off', 'failed', 'stopped'],
  ready: ['unresponsive', 'stopping', 'backing-off', 'failed', 'stopped'],
  unresponsive: ['ready', 'stopping', 'backing-off', 'failed', 'stopped'],
  stopping: ['stopped', 'failed'],
  'backing-off': ['starting', 'stopped'],
  failed: ['starting', 'stopped'],
};

export function canTransition(from: ProcessStatus, to: ProcessStatus): boolean {
  return TRANSITIONS[from].includes(to);
}

/** True while a child may exist. */
export function isAlive(state: ProcessState): boolean {
  return (
    state.status === 'starting' ||
    state.status === 'ready' ||
    state.status === 'unresponsive' ||
    state.status === 'stopping'
  );
}

/** The pid of the living child, or null. */
export function pidOf(state: ProcessState): number | null {
  return 'pid' in state ? state.pid : null;
}
