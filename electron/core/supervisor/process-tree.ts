import { type ChildProcess, execFile } from 'node:child_process';
import type { StopStage } from '../../../shared/lifecycle.ts';
import { type ProcessRow, type ProcessTable, systemTable } from './process-table.ts';

/** Never a pid alone: pids are used again. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

/** Sends a signal to a pid, or to a group when negative. Never throws. */
export type SendSignal = (target: number, name: NodeJS.Signals) => void;

export const STAGES: readonly StopStage[] = ['interrupt', 'terminate', 'kill'];
export const SIGNALS: Readonly<Record<StopStage, NodeJS.Signals>> = {
  interrupt: 'SIGINT',
  terminate: 'SIGTERM',
  kill: 'SIGKILL',
};

/** The pids below this one, nearest first. Empty when it has none or the table cannot be read. */
export async function descendants(pid: number): Promise<readonly number[]> {
  const rows = await systemTable.list().catch(() => []);
  return below(rows, new Set([pid])).map((row) => row.pid);
}

export type Presence = 'alive' | 'gone' | 'unknown';

/** 'unknown' when the table cannot be read: nobody may then be taken for dead, nor be signalled. */
export async function presenceOf(
  { pid, startTime }: ProcessIdentity,
  table: ProcessTable = systemTable,
): Promise<Presence> {
  try {
    return (await table.find(pid))?.startTime === startTime ? 'alive' : 'gone';
  } catch {
    return 'unknown';
  }
}

/** Rows of processes whose line of parents leads to one of the roots. Pure. */
export function below(rows: readonly ProcessRow[], roots: ReadonlySet<number>): readonly ProcessRow[] {
  const known = new Set(roots);
  const found: ProcessRow[] = [];
  for (let before = -1; before !== found.length; ) {
    before = found.length;
    for (const row of rows) {
      if (known.has(row.pid) || !known.has(row.parent)) continue;
      known.add(row.pid);
      found.push(row);
    }
  }
  return found;
}

/**
 * The processes that belong to a tree: its root, its group, whatever descends from them, and what was known before and
 * still lives (a daemon whose parents are gone). Pure. When the root's pid now belongs to somebody else, its group is
 * somebody else's too.
 */
export function membersOf(
  rows: readonly ProcessRow[],
  root: ProcessIdentity,
  known: ReadonlyMap<number, string>,
): readonly ProcessRow[] {
  const holder = rows.find((row) => row.pid === root.pid);
  const reused = holder !== undefined && holder.startTime !== root.startTime;
  const own = rows.filter((row) => {
    if (known.get(row.pid) === row.startTime) return true;
    if (reused) return false;
    return row.pid === root.pid || (row.group === root.pid && row.group > 1);
  });
  const living = new Set(own.map((row) => row.pid));
  // Orphans on Windows keep the pid of their dead parent.
  if (!reused) living.add(root.pid);
  return [...own, ...below(rows, living).filter((row) => row.pid !== process.pid)];
}

/** One round of signals to the members of a tree; on Windows, which knows no signals, they are ended. */
export async function signalMembers(
  members: readonly ProcessRow[],
  root: ProcessIdentity,
  stage: StopStage,
  send: SendSignal = sendSignal,
): Promise<void> {
  if (process.platform === 'win32') {
    await Promise.all(members.map(({ pid }) => taskkill(pid)));
    return;
  }
  const inGroup = members.some((row) => row.group === root.pid);
  const targets = members.filter((row) => row.group !== root.pid).map((row) => row.pid);
  if (inGroup) targets.unshift(-root.pid);
  for (const target of targets) {
    send(target, SIGNALS[stage]);
    // A stopped process (SIGSTOP, a debugger) hears nothing but SIGKILL until it is continued.
    if (stage !== 'kill') send(target, 'SIGCONT');
  }
}

export const sendSignal: SendSignal = (target, name) => {
  try {
    process.kill(target, name);
  } catch {
    // It ended in between: the wait that follows sees it.
  }
};

/**
 * Signals a child of ours and its group without looking at the table: until its exit was observed, its pid is its own.
 * Does nothing afterwards.
 */
export function signalChild(child: ChildProcess, name: NodeJS.Signals): void {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  if (process.platform === 'win32') {
    void taskkill(pid);
    return;
  }
  sendSignal(-pid, name);
  if (name !== 'SIGKILL') sendSignal(-pid, 'SIGCONT');
  child.kill(name);
}

/** Windows has no signals for other consoles: /T takes the children along, /F does not ask. */
function taskkill(pid: number): Promise<void> {
  return new Promise((resolve) => {
    execFile('taskkill', ['/PID', String(pid), '/T', '/F'], { windowsHide: true }, () => resolve());
  });
}
