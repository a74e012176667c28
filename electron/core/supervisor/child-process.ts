import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync } from 'node:fs';
import { messageOf } from '../../../shared/errors.ts';
import type { Clock } from '../ports.ts';
import type { OwnChild } from './end-tree.ts';
import type { LaunchPlan } from './launch-plan.ts';
import { type ProcessRow, type ProcessTable, systemTable } from './process-table.ts';
import { presenceOf, type SendSignal, sendSignal, signalChild } from './process-tree.ts';

/** How a process ended, as far as it could be seen. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A process of ours, whether we spawned it or took it over. */
export interface RunningProcess {
  readonly pid: number;
  /** As last seen; null when the system's process table could not be read so far. A re-exec changes its command. */
  identity(): Promise<ProcessRow | null>;
  readonly exited: Promise<Exit>;
  /** Absent when it was taken over: its pid could be somebody else's by now. */
  readonly own?: OwnChild;
  /** Size of the log file when it began: what came before is not its own. */
  readonly logOffset: number;
  /** Stop caring; the process goes on. */
  letGo(): void;
}

/** What the operating system does for a managed process. */
export interface ProcessSystem {
  readonly table: ProcessTable;
  readonly send: SendSignal;
  readonly spawn: (plan: LaunchPlan, openLog: () => number) => Promise<RunningProcess>;
}

export const localSystem: ProcessSystem = { table: systemTable, send: sendSignal, spawn: spawnPlan };

/**
 * Starts the plan with its output appended to the log file, in a process group of its own.
 * @throws what kept it from starting (no such program, disk full, …)
 */
export async function spawnPlan(
  plan: Pick<LaunchPlan, 'file' | 'args' | 'cwd' | 'environment'>,
  openLog: () => number,
): Promise<RunningProcess> {
  const log = openLog();
  try {
    const logOffset = fstatSync(log).size;
    const child = spawn(plan.file, [...plan.args], {
      cwd: plan.cwd,
      env: { ...plan.environment },
      // Its group can then be signalled as a whole; on Windows it would open a console instead.
      detached: process.platform !== 'win32',
      stdio: ['ignore', log, log],
      windowsHide: true,
    });
    return await started(child, logOffset);
  } finally {
    closeSync(log);
  }
}

function started(child: ChildProcess, logOffset: number): Promise<RunningProcess> {
  return new Promise((resolve, reject) => {
    const exited = new Promise<Exit>((settle) => {
      child.once('exit', (code, signal) => settle({ code, signal }));
    });
    child.once('error', (error: NodeJS.ErrnoException) => reject(new Error(error.code ?? messageOf(error))));
    const { pid } = child;
    // Without a pid the error event follows.
    if (pid === undefined) return;
    const hasExited = (): boolean => child.exitCode !== null || child.signalCode !== null;
    const own: OwnChild = { hasExited, signal: (name) => signalChild(child, name) };
    const identity = identityReader(pid, hasExited);
    // At once: a child may die before anybody asks, and its helpers are found through it.
    void identity();
    resolve({ pid, identity, exited, own, logOffset, letGo: () => child.unref() });
  });
}

/** A child's row, read anew while its exit was not observed: until then the pid is its own. */
function identityReader(pid: number, hasExited: () => boolean): () => Promise<ProcessRow | null> {
  let seen: Promise<ProcessRow | null> = Promise.resolve(null);
  return () => {
    const before = seen;
    if (hasExited()) return before;
    const look = systemTable.find(pid).catch(() => null);
    // Its exit may be observed while we read: then the row could be of another process.
    seen = look.then(async (row) => (row === null || hasExited() ? ((await before) ?? row) : row));
    return seen;
  };
}

const WATCH_MS = 500;

/** Takes over a process that is not our child: its end is seen by looking, its exit code by nobody. */
export function watchForeign(row: ProcessRow, clock: Clock, table: ProcessTable): RunningProcess {
  let cancel = (): void => undefined;
  let watching = true;
  const exited = new Promise<Exit>((resolve) => {
    const look = (): void => {
      cancel = clock.after(WATCH_MS, () => {
        void presenceOf(row, table).then((presence) => {
          if (presence === 'gone') resolve({ code: null, signal: null });
          else if (watching) look();
        });
      });
    };
    look();
  });
  const identity = async (): Promise<ProcessRow> => {
    const now = await table.find(row.pid).catch(() => null);
    return now?.startTime === row.startTime ? now : row;
  };
  const letGo = (): void => {
    watching = false;
    cancel();
  };
  return { pid: row.pid, identity, exited, logOffset: 0, letGo };
}
