import { type RunSummary, type Shard, shardsDone } from '../../../shared/runs.ts';
import { cutTo, widthOf } from '../terminal.ts';

const BAR_CELLS = 20;
const LEAST_BAR_CELLS = 6;
/** Below the bars: the line of the whole run. */
const SUMMARY_ROWS = 2;

export interface ProgressState {
  readonly run: RunSummary;
  readonly shards: readonly Shard[];
}

/** A bar per participant and a line about the run; none is wider than the screen, and they all fit on it. */
export function progressLines(
  { run, shards }: ProgressState,
  size: { readonly columns: number; readonly rows: number },
  now: number,
): readonly string[] {
  const names = participantsOf(run, shards);
  const room = Math.max(1, size.rows - SUMMARY_ROWS);
  const shown = names.length <= room ? names : names.slice(0, room - 1);
  const nameCells = Math.min(24, Math.max(...shown.map(widthOf), 0));
  const bars = shown.map((name) => barLine(name, nameCells, shards, size.columns));
  const hidden = names.length - shown.length;
  const more = hidden === 0 ? [] : [`… and ${hidden} more`];
  // One cell stays free: a full line makes some terminals go on to the next.
  return [...bars, ...more, summaryLine(run, now)].map((line) => cutTo(line, size.columns - 1));
}

/** Also those that a lost shard went to. */
function participantsOf(run: RunSummary, shards: readonly Shard[]): readonly string[] {
  const used = shards.flatMap((shard) => shard.attempts.map((attempt) => attempt.instanceName));
  return [...new Set([...run.participants, ...used])];
}

function barLine(name: string, nameCells: number, shards: readonly Shard[], columns: number): string {
  const current = shards.find((shard) => isBusy(shard) && workerOf(shard) === name) ?? null;
  const done = shards.filter((shard) => shard.status === 'done' && workerOf(shard) === name).length;
  const cells = columns >= 60 ? BAR_CELLS : LEAST_BAR_CELLS;
  const label = cutTo(name, nameCells);
  const padded = label + ' '.repeat(Math.max(0, nameCells - widthOf(label)));
  const count = done === 0 ? '' : `  ${done} done`;
  if (current === null) return `${padded}  ${' '.repeat(cells)}  waiting${count}`;
  return `${padded}  ${bar(current, cells)}  ${describe(current)}${count}`;
}

function isBusy(shard: Shard): boolean {
  return shard.status === 'dispatched' || shard.status === 'running' || shard.status === 'fetching';
}

function workerOf(shard: Shard): string | null {
  return shard.attempts.findLast((attempt) => attempt.instanceId === shard.instanceId)?.instanceName ?? null;
}

function bar(shard: Shard, cells: number): string {
  const share = shard.status === 'fetching' ? 1 : shareOf(shard);
  const full = Math.round(share * cells);
  return '█'.repeat(full) + '░'.repeat(cells - full);
}

function shareOf({ step, steps }: Shard): number {
  if (step === null || steps === null || steps === 0) return 0;
  return Math.min(1, Math.max(0, step / steps));
}

function describe(shard: Shard): string {
  const step = shard.step === null || shard.steps === null ? null : `${shard.step}/${shard.steps}`;
  const what = {
    dispatched: shard.node ?? 'sent',
    running: shard.node ?? 'running',
    fetching: 'fetching the files',
  };
  const activity = shard.status in what ? what[shard.status as keyof typeof what] : shard.status;
  return [shardName(shard), activity, step].filter((part) => part !== null).join(' · ');
}

export function shardName({ stage, index, seed }: Pick<Shard, 'stage' | 'index' | 'seed'>): string {
  if (stage === 2) return 'second pass';
  return seed === null ? `shard ${index}` : `shard ${index} · seed ${seed}`;
}

function summaryLine(run: RunSummary, now: number): string {
  const { failed } = run.shards;
  const parts = [`${shardsDone(run)} of ${run.shardCount} ${run.shardCount === 1 ? 'shard' : 'shards'} done`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (run.expectedEnd !== null && run.expectedEnd > now) {
    parts.push(`about ${duration(run.expectedEnd - now)} left`);
  }
  return parts.join(' · ');
}

/** @param ms a span of time */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms / 1000);
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
