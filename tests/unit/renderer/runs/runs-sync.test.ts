import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  beginDetailFetch,
  emptyDetail,
  MOST_SHARDS,
  receiveArtifact,
  receiveDetail,
  receiveShards,
} from '../../../../renderer/store/run-detail-sync.ts';
import {
  beginRunsFetch,
  NO_RUNS,
  orderRuns,
  type RunsSync,
  receiveNewest,
  receiveOlder,
  receiveRunsChange,
} from '../../../../renderer/store/runs-sync.ts';
import type { RunSummary, RunsPage } from '../../../../shared/runs.ts';
import { artifact, run, shard } from '../../../web/fixtures/runs.ts';

const QUEUE = { paused: false, waiting: 0, running: 0 };
const page = (runs: readonly RunSummary[], more = false): RunsPage => ({ runs, queue: QUEUE, more });
const change = (runs: readonly RunSummary[], removed: readonly string[] = []) => ({
  runs,
  removed,
  queue: { ...QUEUE, waiting: 7 },
});
const revisions = (state: RunsSync) => [...state.byId.values()].map(({ id, revision }) => `${id}${revision}`);

describe('runs sync', () => {
  it('keeps the higher revision, whichever of page and event comes first', () => {
    const early = receiveRunsChange(beginRunsFetch(NO_RUNS), change([run('a', { revision: 3 })]));
    const state = receiveNewest(early, page([run('a', { revision: 2 }), run('b')]));
    expect(revisions(state).sort()).toEqual(['a3', 'b1']);
    expect(state.queue?.waiting).toBe(7);
    expect(revisions(receiveRunsChange(state, change([run('a', { revision: 2 })]))).sort()).toEqual([
      'a3',
      'b1',
    ]);
    expect(revisions(receiveOlder(state, page([run('b', { revision: 0 }), run('c')]))).sort()).toEqual([
      'a3',
      'b1',
      'c1',
    ]);
  });

  it('does not bring back what was removed while a page was on its way', () => {
    const known = receiveNewest(beginRunsFetch(NO_RUNS), page([run('a'), run('b')]));
    const removed = receiveRunsChange(beginRunsFetch(known), change([], ['a']));
    expect(revisions(receiveNewest(removed, page([run('a'), run('b')])))).toEqual(['b1']);
    expect(revisions(receiveOlder(removed, page([run('a')])))).toEqual(['b1']);
    expect(revisions(receiveRunsChange(removed, change([run('a', { revision: 9 })])))).toEqual(['b1']);
  });

  it('starts over after a reconnection: what is gone is gone, even when revisions began again', () => {
    const before = receiveNewest(beginRunsFetch(NO_RUNS), page([run('a', { revision: 9 }), run('old')]));
    const after = receiveNewest(beginRunsFetch(before), page([run('a', { revision: 1 })]));
    expect(revisions(after)).toEqual(['a1']);
  });

  it('asks for older runs from the end of its pages, not from an old run that changed', () => {
    const first = receiveNewest(beginRunsFetch(NO_RUNS), page([run('a', { endedAt: 500 })], true));
    const moved = receiveRunsChange(first, change([run('ancient', { endedAt: 1 })]));
    expect(moved.cursor).toBe(500);
    expect(receiveOlder(moved, page([run('b', { endedAt: 400 })])).cursor).toBe(400);
    expect(receiveOlder(moved, page([])).cursor).toBe(500);
  });

  it('orders unfinished runs by their place and finished ones from the newest', () => {
    const runs = [
      run('old', { endedAt: 1 }),
      run('second', { status: 'queued', order: 2 }),
      run('new', { endedAt: 9 }),
      run('first', { status: 'running', order: 1 }),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(runs, { minLength: 4 }), (shuffled) => {
        expect(orderRuns(shuffled).map(({ id }) => id)).toEqual(['first', 'second', 'new', 'old']);
      }),
    );
  });

  it('ends at the newest revision of every run, in whatever order pages and events come', () => {
    const step = fc.record({ id: fc.constantFrom('a', 'b', 'c'), revision: fc.nat(9), paged: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let state = receiveNewest(beginRunsFetch(NO_RUNS), page([]));
        const newest = new Map<string, number>();
        for (const { id, revision, paged } of steps) {
          const summary = run(id, { revision });
          state = paged ? receiveOlder(state, page([summary])) : receiveRunsChange(state, change([summary]));
          newest.set(id, Math.max(revision, newest.get(id) ?? 0));
        }
        expect(new Map([...state.byId].map(([id, { revision }]) => [id, revision]))).toEqual(newest);
      }),
    );
  });
});

describe('run detail', () => {
  const detail = (indices: readonly number[]) => ({
    run: run('a'),
    shards: indices.map((index) => shard('a', index, { status: 'queued' })),
    artifacts: [artifact('a', 0)],
  });

  it('lets events that came during the fetch win, and ignores those of other runs', () => {
    let state = beginDetailFetch(emptyDetail('a'));
    state = receiveShards(state, [shard('a', 1, { status: 'running' }), shard('b', 0)]);
    state = receiveArtifact(state, artifact('a', 5));
    state = receiveArtifact(state, artifact('b', 6));
    state = receiveDetail(state, detail([1, 0]));
    expect(state.shards.map(({ index, status }) => `${index} ${status}`)).toEqual(['0 queued', '1 running']);
    expect(state.artifacts.map(({ id }) => id)).toEqual(['a-0', 'a-5']);
    expect(state.early).toBeNull();
  });

  it('starts over with a fetch after a reconnection, what it knew before does not win', () => {
    const before = receiveDetail(beginDetailFetch(emptyDetail('a')), detail([0]));
    const stale = receiveShards(before, [shard('a', 0, { status: 'running' })]);
    const after = receiveDetail(beginDetailFetch(stale), {
      ...detail([]),
      shards: [shard('a', 0, { status: 'done' })],
    });
    expect(after.shards.map(({ status }) => status)).toEqual(['done']);
  });

  it('puts new shards in their place and keeps those that did not change', () => {
    const state = receiveDetail(beginDetailFetch(emptyDetail('a')), detail([0, 2]));
    const next = receiveShards(state, [shard('a', 1), shard('a', 0, { stage: 2 })]);
    expect(next.shards.map(({ stage, index }) => `${stage}:${index}`)).toEqual(['1:0', '1:1', '1:2', '2:0']);
    expect(next.shards[0]).toBe(state.shards[0]);
    expect(receiveShards(next, [shard('b', 0)])).toBe(next);
    expect(receiveArtifact(next, artifact('a', 0))).toBe(next);
  });

  it('holds no more shards than a detail does', () => {
    const many = Array.from({ length: MOST_SHARDS + 5 }, (_, index) => shard('a', index));
    expect(receiveShards(emptyDetail('a'), many).shards).toHaveLength(MOST_SHARDS);
  });
});
