import type { Tone } from '../../shared/condition.ts';
import type { MasterMode } from '../../shared/model.ts';
import type { PlanKind, RunStatus, RunSummary, Shard, ShardError, ShardStatus } from '../../shared/runs.ts';
import { isFinished, shardsDone } from '../../shared/runs.ts';
import { formatDuration } from '../store/format.ts';

/** What a person reads about a run. Pure. */

export interface Words {
  readonly word: string;
  readonly tone: Tone;
}

export const RUN_WORDS: Readonly<Record<RunStatus, Words>> = {
  queued: { word: 'Waiting', tone: 'neutral' },
  running: { word: 'Running', tone: 'busy' },
  done: { word: 'Done', tone: 'ok' },
  partial: { word: 'Partly failed', tone: 'warning' },
  failed: { word: 'Failed', tone: 'error' },
  cancelled: { word: 'Cancelled', tone: 'neutral' },
};

export const SHARD_WORDS: Readonly<Record<ShardStatus, Words>> = {
  queued: { word: 'Waiting', tone: 'neutral' },
  dispatched: { word: 'Sent', tone: 'busy' },
  running: { word: 'Running', tone: 'busy' },
  fetching: { word: 'Fetching', tone: 'busy' },
  done: { word: 'Done', tone: 'ok' },
  failed: { word: 'Failed', tone: 'error' },
  cancelled: { word: 'Cancelled', tone: 'neutral' },
};

export const MODE_WORDS: Readonly<Record<MasterMode, Words>> = {
  participating: { word: 'Participating', tone: 'neutral' },
  'orchestrator-only': { word: 'Orchestrator only', tone: 'warning' },
  fallback: { word: 'Fallback', tone: 'ok' },
};

export const KIND_WORDS: Readonly<Record<PlanKind, string>> = {
  whole: 'One prompt on one participant',
  copies: 'Copies with seeds that follow each other',
  distributed: 'Distributed: one shard per seed',
  'batch-split': 'One batch, split over the participants',
  tiles: 'One picture, in tiles',
};

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** "5 of 16 shards", with those that failed. */
export function progressWords(run: RunSummary): string {
  const done = `${shardsDone(run).toLocaleString('en')} of ${plural(run.shardCount, 'shard')}`;
  return run.shards.failed === 0 ? done : `${done}, ${run.shards.failed.toLocaleString('en')} failed`;
}

/** "Seed 7", "Seeds 7 – 10"; null when it has none. */
export function seedWords(first: string | null, last: string | null): string | null {
  if (first === null) return null;
  return last === null || last === first ? `Seed ${first}` : `Seeds ${first} – ${last}`;
}

/** @param now ms since the epoch; how long it has run, or ran; null before it begins */
export function elapsedMs(run: RunSummary, now: number): number | null {
  return run.startedAt === null ? null : Math.max(0, (run.endedAt ?? now) - run.startedAt);
}

/** "Waits", "1 min · about 40 s left", "48 s". */
export function timeWords(run: RunSummary, now: number): string {
  const elapsed = elapsedMs(run, now);
  if (elapsed === null) return isFinished(run.status) ? 'Never began' : 'Not begun';
  const left = isFinished(run.status) || run.expectedEnd === null ? null : run.expectedEnd - now;
  const spent = formatDuration(elapsed);
  if (left === null) return spent;
  return left <= 0 ? `${spent} · ends any moment` : `${spent} · about ${formatDuration(left)} left`;
}

/** As seedWords, with only the digits of the last one that differ: "Seeds 9007199254741000 – …015". */
export function shortSeedWords(first: string | null, last: string | null): string | null {
  const same = first === null || last === null || last === first || last.length !== first.length;
  if (same || first.length < 7) return seedWords(first, last);
  let shared = 0;
  while (first[shared] === last[shared]) shared += 1;
  const shown = Math.min(shared, first.length - 3);
  return shown < 3 ? seedWords(first, last) : `Seeds ${first} – …${last.slice(shown)}`;
}

export type RunAction =
  | 'cancel'
  | 'retry'
  | 'again'
  | 'move-up'
  | 'move-down'
  | 'copy-id'
  | 'download'
  | 'gallery'
  | 'remove';

/** What can be done with a run in its state, in the order of its menu. */
export function runActions(run: RunSummary, runs: readonly RunSummary[]): readonly RunAction[] {
  const finished = isFinished(run.status);
  const moves: readonly RunAction[] = [
    ...(moveTarget(runs, run.id, 'up') === undefined ? [] : (['move-up'] as const)),
    ...(moveTarget(runs, run.id, 'down') === undefined ? [] : (['move-down'] as const)),
  ];
  return [
    ...(finished ? [] : (['cancel'] as const)),
    ...(finished && run.shards.failed > 0 ? (['retry'] as const) : []),
    'again',
    ...moves,
    ...(run.artifactCount > 0 ? (['gallery'] as const) : []),
    'copy-id',
    'download',
    ...(finished ? (['remove'] as const) : []),
  ];
}

/**
 * In front of which run a waiting run goes when it moves one place; null = at the end; undefined = it cannot move that way.
 *
 * @param runs in the order of the list
 */
export function moveTarget(
  runs: readonly RunSummary[],
  id: string,
  direction: 'up' | 'down',
): string | null | undefined {
  const queue = runs.filter((run) => run.status === 'queued');
  const at = queue.findIndex((run) => run.id === id);
  if (at < 0) return undefined;
  if (direction === 'up') return queue[at - 1]?.id;
  if (at === queue.length - 1) return undefined;
  return queue[at + 2]?.id ?? null;
}

/** Why nothing of it has begun yet; null when something has, or nobody knows. */
export function waitsAsAWhole(run: RunSummary): string | null {
  return run.status === 'queued' && run.artifactCount === 0 ? run.waits : null;
}

/** One error and everywhere it happened. */
export interface Trouble {
  readonly key: string;
  readonly error: ShardError;
  readonly shards: readonly Shard[];
}

/** A workflow that fails fails on every GPU in the same way: that is one error. */
export function troublesOf(shards: readonly Shard[]): readonly Trouble[] {
  const troubles = new Map<string, { readonly error: ShardError; readonly shards: Shard[] }>();
  for (const shard of shards) {
    const { error } = shard;
    if (error === null) continue;
    const key = JSON.stringify([error.message, error.nodeId, error.exceptionType]);
    const known = troubles.get(key);
    if (known === undefined) troubles.set(key, { error, shards: [shard] });
    else known.shards.push(shard);
  }
  return [...troubles].map(([key, trouble]) => ({ key, ...trouble }));
}

/** Shards named one by one; more are counted. */
const MOST_NAMED = 8;

/** "Shard 3", "Shards 0, 1, 3", "Second pass", "212 shards" */
export function shardsWords(shards: readonly Shard[]): string {
  const first = shards.filter(({ stage }) => stage === 1).map(({ index }) => index);
  if (first.length === 0) return 'Second pass';
  if (first.length > MOST_NAMED) return plural(first.length, 'shard');
  return `${first.length === 1 ? 'Shard' : 'Shards'} ${first.join(', ')}`;
}

/** What cancelling ends, in words. */
export function cancelConsequence(run: RunSummary): string {
  const { dispatched, running, fetching, queued, done } = run.shards;
  const working = dispatched + running + fetching;
  const ends = [
    ...(working > 0 ? [`${plural(working, 'shard')} at work ${working === 1 ? 'is' : 'are'} stopped`] : []),
    ...(queued > 0 ? [`${plural(queued, 'waiting shard')} will not run`] : []),
  ];
  const kept =
    done > 0 ? ` The files of ${plural(done, 'finished shard')} stay.` : ' Nothing is finished yet.';
  return `${ends.join(' and ') || 'Nothing else is stopped'}. Other runs and their prompts are left alone.${kept}`;
}
