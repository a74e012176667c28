import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { messageOf } from '../../../shared/errors.ts';
import type { Clock } from '../ports.ts';
import type { LaunchPlan } from './launch-plan.ts';
import { findProcess, type ProcessRow } from './process-table.ts';
import { isAliveProcess, type ProcessIdentity } from './process-tree.ts';

/** How a process ended, as far as it could be seen. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A process of ours, whether we spawned it or took it over. */
export interface RunningProcess {
  readonly pid: number;
  /** null when the system's process table cannot be read. */
  readonly identity: Promise<ProcessRow | null>;
  readonly exited: Promise<Exit>;
  /** Size of the log file when it began: what came before is not its own. */
  readonly logOffset: number;
  /** Stop caring; the process goes on. */
  letGo(): void;
}

/**
 * Starts the plan with its output appended to the log file, in a process group of its own.
 * @throws what kept it from starting (no such program, disk full, …)
 */
export async function spawnPlan(plan: LaunchPlan, openLog: () => number): Promise<RunningProcess> {
  for (const directory of plan.directories) await mkdir(directory, { recursive: true });
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
    resolve({
      pid,
      identity: findProcess(pid).catch(() => null),
      exited,
      logOffset,
      letGo: () => child.unref(),
    });
  });
}

const WATCH_MS = 500;

/** Takes over a process that is not our child: its end is seen by looking, its exit code by nobody. */
export function watchForeign(row: ProcessRow, clock: Clock): RunningProcess {
  let cancel = (): void => undefined;
  let watching = true;
  const exited = new Promise<Exit>((resolve) => {
    const look = (): void => {
      cancel = clock.after(WATCH_MS, () => {
        void isAliveProcess(row).then((alive) => {
          if (!alive) resolve({ code: null, signal: null });
          else if (watching) look();
        });
      });
    };
    look();
  });
  const letGo = (): void => {
    watching = false;
    cancel();
  };
  return { pid: row.pid, identity: Promise.resolve(row), exited, logOffset: 0, letGo };
}

export function identityOf(row: ProcessRow): ProcessIdentity {
  return { pid: row.pid, startTime: row.startTime };
}
