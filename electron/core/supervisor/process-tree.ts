import { execFile } from 'node:child_process';
import type { StopStage } from '../../../shared/lifecycle.ts';
import { type Clock, sleep, systemClock } from '../ports.ts';
import { findProcess, listProcesses, type ProcessRow } from './process-table.ts';

/** Never a pid alone: pids are used again. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

/** ms that each stage may take before the next; after `kill` we give up waiting. */
export type StopLimits = Readonly<Record<StopStage, number>>;

export const STOP_LIMITS: StopLimits = { interrupt: 8_000, terminate: 4_000, kill: 5_000 };

/** How long helpers may outlive their root within one stage before the next one comes. */
const HELPER_GRACE_MS = 1_000;
const POLL_MS = process.platform === 'linux' ? 50 : 300;

export interface EndOptions {
  readonly limits?: StopLimits;
  readonly clock?: Clock;
  readonly onStage?: (stage: StopStage) => void;
  readonly first?: StopStage;
}

const STAGES: readonly StopStage[] = ['interrupt', 'terminate', 'kill'];
const SIGNALS: Readonly<Record<StopStage, NodeJS.Signals>> = {
  interrupt: 'SIGINT',
  terminate: 'SIGTERM',
  kill: 'SIGKILL',
};

/** The pids below this one, nearest first. Empty when it has none or the table cannot be read. */
export async function descendants(pid: number): Promise<readonly number[]> {
  const rows = await listProcesses().catch(() => []);
  return below(rows, new Set([pid])).map((row) => row.pid);
}

export async function isAliveProcess(identity: ProcessIdentity): Promise<boolean> {
  const row = await findProcess(identity.pid).catch(() => null);
  return row !== null && row.startTime === identity.startTime;
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

/**
 * Ends a whole tree and nothing else: SIGINT to the group, SIGTERM, SIGKILL, each after a bounded wait, and the same to
 * descendants that left the group. Works after the root's own death too (its helpers may live on).
 * @returns true when all of it was seen to be gone
 */
export async function endTree(root: ProcessIdentity, options: EndOptions = {}): Promise<boolean> {
  const { limits = STOP_LIMITS, clock = systemClock, onStage } = options;
  const known = new Map<number, string>([[root.pid, root.startTime]]);
  const from = process.platform === 'win32' ? 'kill' : (options.first ?? 'interrupt');
  for (const stage of STAGES.slice(STAGES.indexOf(from))) {
    const members = await refresh(root, known);
    if (members.length === 0) return true;
    onStage?.(stage);
    await signalMembers(members, root, stage);
    if (await waitUntilGone(root, known, limits[stage], stage, clock)) return true;
  }
  return (await refresh(root, known)).length === 0;
}

async function refresh(root: ProcessIdentity, known: Map<number, string>): Promise<readonly ProcessRow[]> {
  const rows = await listProcesses().catch(() => []);
  const members = membersOf(rows, root, known);
  for (const { pid, startTime } of members) known.set(pid, startTime);
  return members;
}

async function signalMembers(
  members: readonly ProcessRow[],
  root: ProcessIdentity,
  stage: StopStage,
): Promise<void> {
  if (process.platform === 'win32') {
    await Promise.all(members.map(({ pid }) => taskkill(pid)));
    return;
  }
  const inGroup = members.some((row) => row.group === root.pid);
  const targets = members.filter((row) => row.group !== root.pid).map((row) => row.pid);
  if (inGroup) targets.unshift(-root.pid);
  for (const target of targets) {
    signal(target, SIGNALS[stage]);
    // A stopped process (SIGSTOP, a debugger) hears nothing but SIGKILL until it is continued.
    if (stage !== 'kill') signal(target, 'SIGCONT');
  }
}

function signal(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name);
  } catch {
    // It ended in between: the wait that follows sees it.
  }
}

/** Windows has no signals for other consoles: /T takes the children along, /F does not ask. */
function taskkill(pid: number): Promise<void> {
  return new Promise((resolve) => {
    execFile('taskkill', ['/PID', String(pid), '/T', '/F'], { windowsHide: true }, () => resolve());
  });
}

async function waitUntilGone(
  root: ProcessIdentity,
  known: Map<number, string>,
  limit: number,
  stage: StopStage,
  clock: Clock,
): Promise<boolean> {
  const deadline = clock.now() + limit;
  let rootGoneAt: number | null = null;
  for (;;) {
    const members = await refresh(root, known);
    if (members.length === 0) return true;
    const now = clock.now();
    if (now >= deadline) return false;
    if (!members.some((row) => row.pid === root.pid)) {
      rootGoneAt ??= now;
      if (stage !== 'kill' && now - rootGoneAt >= HELPER_GRACE_MS) return false;
    }
    // Something that was forked between the look and the signal.
    if (stage === 'kill') await signalMembers(members, root, stage);
    await sleep(clock, POLL_MS);
  }
}

/** Kills a child of ours by pid and group, when its identity could not be read. Only while its exit was not observed. */
export async function forceEnd(pid: number): Promise<void> {
  if (process.platform === 'win32') {
    await taskkill(pid);
    return;
  }
  signal(-pid, 'SIGKILL');
  signal(pid, 'SIGKILL');
}
