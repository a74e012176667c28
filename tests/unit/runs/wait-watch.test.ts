import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ActiveRun } from '../../../electron/core/runs/active-run.ts';
import { RunBook } from '../../../electron/core/runs/run-book.ts';
import { RunFeed } from '../../../electron/core/runs/run-feed.ts';
import { LOOK_EVERY_MS, WaitWatch } from '../../../electron/core/runs/wait-watch.ts';
import { workOf } from '../../../electron/core/runs/works.ts';
import { Scheduler } from '../../../electron/core/scheduler/scheduler.ts';
import type { RunSummary } from '../../../shared/runs.ts';
import { BareFleet } from '../../support/bare-fleet.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { JournalBench } from './journal-bench.ts';
import { smallRun } from './small-plans.ts';

let bench: JournalBench;
let clock: ManualClock;
let scheduler: Scheduler;
let fleet: BareFleet;
let book: RunBook;
let watch: WaitWatch;
let told: RunSummary[] = [];

beforeEach(() => {
  bench = new JournalBench();
  clock = new ManualClock();
  scheduler = new Scheduler();
  fleet = new BareFleet(
    ['master', 'worker-1'].map((id) => ({ id, url: 'http://127.0.0.1:9' })),
    bench.folder,
    clock,
  );
  const feed = new RunFeed(clock);
  let revision = 0;
  book = new RunBook({
    ...{ journal: bench.journal, feed, expectedEnd: () => null },
    queue: () => ({ paused: scheduler.paused, waiting: 0, running: 0 }),
    nextRevision: () => {
      revision += 1;
      return revision;
    },
  });
  watch = new WaitWatch({
    ...{ fleet, book, scheduler, clock },
    whyUnusable: (id) => (id === 'worker-1' ? 'Stopped' : null),
  });
  told = [];
  feed.onRuns(({ runs }) => told.push(...runs));
});
afterEach(() => {
  fleet.close();
  bench.close();
});

function submit(id: string, order: number, copies = 1): ActiveRun {
  const run = bench.add(smallRun(copies, { id, order, candidates: ['master', 'worker-1'] }));
  book.add(run);
  scheduler.submit(run.shards.map(workOf), clock.now());
  return run;
}

/** One round of the engine, and what it tells. */
function round(usable: readonly string[]): void {
  scheduler.setWorkers(
    ['master', 'worker-1'].map((id) => ({
      ...{ id, paid: false, foreignQueue: 0, uploadRate: null, downloadRate: null },
      usable: usable.includes(id),
    })),
  );
  for (const { work } of scheduler.decide(clock.now())) {
    const [id = '', , index] = work.split('/');
    const shard = book.find(id)?.shard(1, Number(index));
    if (shard) book.changeShard(shard, 'dispatched');
  }
  watch.look();
  clock.advance(LOOK_EVERY_MS);
}

const lastOf = (id: string): string | null => told.findLast((run) => run.id === id)?.waits ?? null;

describe('the watch over waiting runs', () => {
  it('tells who is waited for, who cannot, and who goes first', () => {
    submit('a', 1, 3);
    submit('b', 2);
    round(['master']);
    expect(lastOf('a')).toMatch(
      /^Waits for master, which computes something else.* \(worker-1: stopped\)\.$/,
    );
    expect(lastOf('b')).toMatch(/^Waits for master, .*, and an earlier run goes first\.$/);
  });

  it('tells nothing of what does not wait, and nothing twice', () => {
    const run = submit('a', 1, 2);
    round([]);
    expect(lastOf('a')).toMatch(/^Nobody can take it now/);
    const before = told.length;
    round([]);
    expect(told).toHaveLength(before);
    round(['master', 'worker-1']);
    expect(run.counts.queued).toBe(0);
    expect(lastOf('a')).toBeNull();
  });

  it('tells of a pause and of its end at once', () => {
    submit('a', 1);
    scheduler.pause();
    round(['master']);
    expect(lastOf('a')).toBe('The queue is paused.');
    submit('b', 2, 4);
    watch.look();
    scheduler.resume();
    watch.look();
    clock.advance(80);
    expect(lastOf('b')).not.toBe('The queue is paused.');
  });

  it('is not asked more often than anybody reads', () => {
    submit('a', 1, 9);
    round(['master']);
    let asked = 0;
    const { reasons } = scheduler;
    scheduler.reasons = (id) => {
      asked += 1;
      return reasons.call(scheduler, id);
    };
    for (let event = 0; event < 1_000; event += 1) watch.look();
    expect(asked).toBe(1);
  });

  it('explains the runs in front, and counts for those far behind', () => {
    for (let order = 0; order < 30; order += 1) submit(`r${order}`, order);
    round([]);
    expect(lastOf('r19')).toMatch(/^Nobody can take it now/);
    expect(lastOf('r25')).toBe('25 earlier runs go first.');
  });
});
