import { beforeEach, describe, expect, it } from 'vitest';
import { FEED_INTERVAL_MS, type FeedSource, RunFeed } from '../../../electron/core/runs/run-feed.ts';
import type { RunSummary, RunsChange, Shard } from '../../../shared/runs.ts';
import { runSummary } from '../../support/fixtures.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** What changed, until it is asked for. */
class Source implements FeedSource {
  changedRuns: RunSummary[] = [];
  changedShards: Shard[] = [];
  waiting = 0;
  asked = 0;
  runs(): readonly RunSummary[] {
    this.asked += 1;
    return this.changedRuns.splice(0);
  }
  shards(): readonly Shard[] {
    return this.changedShards.splice(0);
  }
  queue() {
    return { paused: false, waiting: this.waiting, running: 0 };
  }
}

let clock: ManualClock;
let feed: RunFeed;
let source: Source;
let heard: RunsChange[] = [];

beforeEach(() => {
  clock = new ManualClock();
  feed = new RunFeed(clock);
  source = new Source();
  heard = [];
  feed.onRuns((change) => heard.push(change));
});

describe('the feed of runs', () => {
  it('makes one message of everything within its interval', () => {
    for (let n = 0; n < 100; n += 1) {
      source.changedRuns = [runSummary({ revision: n })];
      feed.schedule(source);
    }
    expect(heard).toEqual([]);
    clock.advance(FEED_INTERVAL_MS);
    expect(heard).toHaveLength(1);
    expect(heard[0]?.runs.map(({ revision }) => revision)).toEqual([99]);
    expect(source.asked).toBe(1);
    clock.advance(10 * FEED_INTERVAL_MS);
    expect(heard).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('waits longer after many shards', () => {
    const told: number[] = [];
    feed.onShards((shards) => told.push(shards.length));
    source.changedShards = Array.from({ length: 300 }, (_, index) => shardOf(index));
    feed.schedule(source);
    clock.advance(FEED_INTERVAL_MS);
    source.changedShards = [shardOf(1)];
    feed.schedule(source);
    clock.advance(299);
    expect(told).toEqual([300]);
    clock.advance(1);
    expect(told).toEqual([300, 1]);
  });

  it('says nothing when nothing changed, and tells a queue that did', () => {
    feed.flush(source);
    feed.flush(source);
    expect(heard).toHaveLength(1);
    source.waiting = 3;
    feed.flush(source);
    expect(heard.at(-1)).toMatchObject({ runs: [], queue: { waiting: 3 } });
  });

  it('tells at once where it is asked to, and not again later', () => {
    source.changedRuns = [runSummary()];
    feed.schedule(source);
    feed.flush(source);
    expect(heard).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('tells shards before the run that they belong to', () => {
    const order: string[] = [];
    feed.onShards(() => order.push('shards'));
    feed.onRuns(() => order.push('runs'));
    source.changedRuns = [runSummary()];
    source.changedShards = [{} as unknown as Shard];
    feed.flush(source);
    expect(order).toEqual(['shards', 'runs']);
  });

  it('tells once which runs are gone', () => {
    feed.removed(['a']);
    feed.removed(['b']);
    feed.flush(source);
    source.waiting = 1;
    feed.flush(source);
    expect(heard.map(({ removed }) => removed)).toEqual([['a', 'b'], []]);
  });

  it('never asks a source that has closed', () => {
    feed.schedule(source);
    feed.cancel();
    clock.advance(10 * FEED_INTERVAL_MS);
    expect(source.asked).toBe(0);
    feed.schedule(source);
    clock.advance(FEED_INTERVAL_MS);
    expect(source.asked).toBe(1);
  });
});

function shardOf(index: number): Shard {
  return {
    ...{ runId: 'run', stage: 1, index, status: 'running', seed: null, instanceId: 'w', node: 'KSampler' },
    ...{ step: index, steps: 1_000, preview: 0, attempts: [], error: null },
  };
}
