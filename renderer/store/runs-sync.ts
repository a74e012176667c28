import type { QueueState, RunId, RunSummary, RunsChange, RunsPage } from '../../shared/runs.ts';
import { isFinished } from '../../shared/runs.ts';

/** How pages of runs and their changes, in whatever order they come, become one list. Pure. */

export interface RunsSync {
  readonly byId: ReadonlyMap<RunId, RunSummary>;
  /** Gone for good: a page that was under way must not bring them back. */
  readonly removed: ReadonlySet<RunId>;
  /** Changed since the newest page was asked for: what the page says of them may be older. */
  readonly touched: ReadonlySet<RunId>;
  readonly queue: QueueState | null;
  readonly queueTouched: boolean;
  /** There are older ones than those of the pages. */
  readonly more: boolean;
  /** End of the oldest run of the pages, ms since the epoch: from there on older ones are asked for. */
  readonly cursor: number | null;
}

export const NO_RUNS: RunsSync = {
  byId: new Map(),
  removed: new Set(),
  touched: new Set(),
  queue: null,
  queueTouched: false,
  more: false,
  cursor: null,
};

/** Called when the newest page is asked for, at first and after every reconnection. */
export function beginRunsFetch(state: RunsSync): RunsSync {
  return { ...state, removed: new Set(), touched: new Set(), queueTouched: false };
}

/** The newest page starts the list over: what is neither in it nor changed since is gone. */
export function receiveNewest(state: RunsSync, page: RunsPage): RunsSync {
  const byId = new Map(page.runs.filter(({ id }) => !state.removed.has(id)).map((run) => [run.id, run]));
  for (const id of state.touched) {
    const known = state.byId.get(id);
    if (known !== undefined && isNewer(known, byId.get(id))) byId.set(id, known);
  }
  const queue = state.queueTouched ? state.queue : page.queue;
  return { ...state, byId, queue, more: page.more, cursor: oldestOf(page) };
}

export function receiveOlder(state: RunsSync, page: RunsPage): RunsSync {
  const byId = new Map(state.byId);
  for (const run of page.runs) {
    if (!state.removed.has(run.id) && isNewer(run, byId.get(run.id))) byId.set(run.id, run);
  }
  return { ...state, byId, more: page.more, cursor: oldestOf(page) ?? state.cursor };
}

export function receiveRunsChange(state: RunsSync, change: RunsChange): RunsSync {
  const byId = new Map(state.byId);
  const touched = new Set(state.touched);
  const removed = new Set([...state.removed, ...change.removed]);
  for (const run of change.runs) {
    if (removed.has(run.id) || !isNewer(run, byId.get(run.id))) continue;
    byId.set(run.id, run);
    touched.add(run.id);
  }
  for (const id of change.removed) byId.delete(id);
  return { ...state, byId, removed, touched, queue: change.queue, queueTouched: true };
}

function isNewer(run: RunSummary, known: RunSummary | undefined): boolean {
  return known === undefined || run.revision > known.revision;
}

/** Unfinished ones in queue order, then the finished ones, newest first. */
export function orderRuns(runs: Iterable<RunSummary>): readonly RunSummary[] {
  return [...runs].sort((left, right) => {
    const leftDone = isFinished(left.status);
    if (leftDone !== isFinished(right.status)) return leftDone ? 1 : -1;
    if (!leftDone) return left.order - right.order || left.createdAt - right.createdAt;
    return endOf(right) - endOf(left);
  });
}

function oldestOf(page: RunsPage): number | null {
  const ends = page.runs.filter(({ status }) => isFinished(status)).map(endOf);
  return ends.length === 0 ? null : Math.min(...ends);
}

function endOf(run: RunSummary): number {
  return run.endedAt ?? run.createdAt;
}
