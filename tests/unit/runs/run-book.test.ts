import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ActiveRun } from '../../../electron/core/runs/active-run.ts';
import { recovered, reopened } from '../../../electron/core/runs/recovery.ts';
import { RunBook } from '../../../electron/core/runs/run-book.ts';
import { RunFeed } from '../../../electron/core/runs/run-feed.ts';
import type { RunSummary, Shard, ShardError } from '../../../shared/runs.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { JournalBench } from './journal-bench.ts';
import { attempt, placing } from './journal-records.ts';
import { smallRun } from './small-plans.ts';

const ERROR: ShardError = {
  message: 'It broke.',
  nodeId: null,
  nodeType: null,
  exceptionType: null,
  traceback: [],
};

let bench: JournalBench;
let clock: ManualClock;
let book: RunBook;
let runs: RunSummary[] = [];
let shards: Shard[] = [];

beforeEach(() => {
  bench = new JournalBench();
  clock = new ManualClock();
  const feed = new RunFeed(clock);
  let revision = 0;
  book = new RunBook({
    ...{ journal: bench.journal, feed, expectedEnd: () => null },
    queue: () => ({ paused: false, waiting: 0, running: 0 }),
    nextRevision: () => {
      revision += 1;
      return revision;
    },
  });
  runs = [];
  shards = [];
  feed.onRuns((change) => runs.push(...change.runs));
  feed.onShards((changed) => shards.push(...changed));
});
afterEach(() => bench.close());

function begun(copies = 2): ActiveRun {
  const run = bench.add(smallRun(copies));
  book.add(run);
  return run;
}

function first(run: ActiveRun) {
  const [shard] = run.shards;
  if (shard === undefined) throw new Error('no shard');
  return shard;
}

/** What would be there if we were killed now. */
function afterKill(): ActiveRun {
  return recovered(bench.openRun(), bench.journal).run;
}

describe('the book of unfinished runs', () => {
  it('has journaled every end, and every way back, before it is told', () => {
    const shard = first(begun());
    for (const status of ['dispatched', 'running', 'fetching'] as const) {
      book.changeShard(shard, status);
      expect(first(afterKill()).status).toBe('queued');
    }
    book.changeShard(shard, 'failed', ERROR);
    expect(first(afterKill())).toMatchObject({ status: 'failed', error: ERROR });
    book.changeShard(shard, 'queued');
    expect(first(afterKill())).toMatchObject({ status: 'queued', error: null });
    book.changeShard(shard, 'done');
    expect(first(afterKill()).status).toBe('done');
  });

  it('journals an attempt when it begins, and its times when it ends', () => {
    const shard = first(begun());
    book.addAttempt(shard, attempt('a', 'r', 0));
    book.noteAttempt(shard, 'a', { startedAt: 5, fetchedAt: 7 });
    expect(first(afterKill()).attempts).toMatchObject([{ id: 'a', startedAt: null, endedAt: null }]);
    book.endAttempt(shard, 'a', { endedAt: 9, outcome: 'done', reason: null });
    expect(first(afterKill()).attempts).toMatchObject([
      { id: 'a', startedAt: 5, fetchedAt: 7, endedAt: 9, outcome: 'done' },
    ]);
    expect(book.endAttempt(shard, 'nobody', { endedAt: 9, outcome: 'done', reason: null })).toBeNull();
  });

  it('tells each changed shard and run once in a while, as it is by then', () => {
    const run = begun();
    const shard = first(run);
    book.changeShard(shard, 'dispatched');
    book.changeShard(shard, 'running');
    book.progress(shard, { node: 'Sampler', step: 3, steps: 20, preview: 1 });
    clock.advance(1_000);
    expect(shards).toMatchObject([{ index: 0, status: 'running', step: 3 }]);
    expect(runs).toMatchObject([{ id: 'r', shards: { running: 1, queued: 1 } }]);
    book.changeShard(shard, 'queued');
    clock.advance(1_000);
    expect(shards.at(-1)).toMatchObject({ status: 'queued', node: null, step: null });
    expect((runs.at(-1)?.revision ?? 0) > (runs[0]?.revision ?? 0)).toBe(true);
  });

  it('tells a run’s end at once, and forgets it', () => {
    const run = begun();
    book.changeRun(run, { status: 'done', endedAt: 5 });
    book.drop(run);
    expect(runs.at(-1)).toMatchObject({ status: 'done' });
    expect([book.find('r'), book.all]).toEqual([null, []]);
  });

  it('journals a second pass once, though it is begun twice', () => {
    const run = begun();
    const pass = book.addSecondStage(run);
    expect(book.addSecondStage(run)).toBe(pass);
    expect(afterKill().secondStage?.status).toBe('queued');
  });

  it('keeps a warning once', () => {
    const run = begun();
    book.warn(run, 'It is slow.');
    book.warn(run, 'It is slow.');
    expect(afterKill().record.warnings.filter((one) => one === 'It is slow.')).toHaveLength(1);
  });
});

describe('a run that was begun anew while its cancelled attempts still end', () => {
  function anew(): { readonly before: ActiveRun; readonly now: ActiveRun } {
    const before = begun();
    book.addAttempt(first(before), attempt('a', 'r', 0));
    book.changeShard(first(before), 'cancelled');
    book.changeRun(before, { status: 'cancelled', endedAt: 5 });
    book.drop(before);
    const record = bench.journal.run('r');
    if (record === null) throw new Error('no record');
    const now = reopened(record, bench.journal);
    book.add(now);
    clock.advance(1_000);
    runs = [];
    shards = [];
    return { before, now };
  }

  it('shows how they end, and stays what it is', () => {
    const { before, now } = anew();
    book.progress(first(before), { node: 'Sampler', step: 1, steps: 2, preview: 0 });
    book.endAttempt(first(before), 'a', { endedAt: 9, outcome: 'cancelled', reason: 'Enough.' });
    clock.advance(1_000);
    expect(runs.map(({ status }) => status)).toEqual(['queued']);
    expect(shards).toMatchObject([{ status: 'queued', step: null, attempts: [{ outcome: 'cancelled' }] }]);
    expect(first(now).attempts).toMatchObject([{ id: 'a', endedAt: 9 }]);
  });

  it('has what they bring home, once', () => {
    const { before, now } = anew();
    book.addArtifact(before, placing('late'));
    book.addArtifact(before, placing('late'));
    expect(now.artifacts.map(({ id }) => id)).toEqual(['late']);
  });
});

describe('what a cancelled life of a run brings home late', () => {
  it('is found in the journal, and nothing is taken twice', () => {
    const run = begun(1);
    const early = placing('early', { runId: run.id });
    bench.journal.beginPlacing(early);
    bench.journal.endPlacing(early.id);
    const again = reopened(run.record, bench.journal);
    const late = placing('late', { runId: run.id, nodeId: '10' });
    bench.journal.beginPlacing(late);
    bench.journal.endPlacing(late.id);
    expect(again.artifacts.map(({ id }) => id)).toEqual(['early']);
    book.catchUp(again);
    book.catchUp(again);
    expect(again.artifacts.map(({ id }) => id)).toEqual(['early', 'late']);
  });
});
