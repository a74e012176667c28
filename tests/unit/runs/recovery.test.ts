import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recovered, reopened } from '../../../electron/core/runs/recovery.ts';
import type { ShardError, ShardStatus } from '../../../shared/runs.ts';
import { JournalBench } from './journal-bench.ts';
import { attempt, placing, shardRecord } from './journal-records.ts';
import { smallPlan, smallRun } from './small-plans.ts';

let bench: JournalBench;

beforeEach(() => {
  bench = new JournalBench();
});
afterEach(() => bench.close());

const ERROR: ShardError = {
  message: 'It broke.',
  nodeId: '3',
  nodeType: 'KSampler',
  exceptionType: 'ValueError',
  traceback: [],
};
const LOST = { outcome: 'lost', startedAt: 3, endedAt: 4, reason: 'gone' } as const;

function update(index: number, status: ShardStatus, error: ShardError | null = null): void {
  bench.journal.updateShard({ runId: 'r', stage: 1, index }, { status, error });
}

describe('an unfinished run after a kill', () => {
  it('goes on with the same plan, exactly', () => {
    const plan = smallPlan(3, 2n ** 64n - 3n);
    bench.add(smallRun(3, {}, plan));
    bench.restart();
    expect(recovered(bench.openRun(), bench.journal).run.plan).toEqual(plan);
  });

  it('places anew what is on no server, and looks up what may be on one', () => {
    bench.add(smallRun(4));
    update(0, 'done');
    bench.journal.addAttempt(attempt('a', 'r', 0, { endedAt: 5, outcome: 'done' }));
    bench.journal.addAttempt(attempt('b', 'r', 1));
    bench.journal.addAttempt(attempt('b2', 'r', 1, { number: 2, backup: true }));
    bench.journal.addAttempt(attempt('c', 'r', 2, LOST));
    bench.restart();
    const { run, waiting, open } = recovered(bench.openRun(), bench.journal);
    expect(waiting.map(({ index }) => index)).toEqual([2, 3]);
    expect(open.map(({ shard, attempt: one }) => [shard.index, one.id])).toEqual([
      [1, 'b'],
      [1, 'b2'],
    ]);
    expect(run.shards.map(({ fatalLosses }) => fatalLosses)).toEqual([0, 0, 1, 0]);
  });

  it('looks up nothing for a shard that is over: its copy is a stray', () => {
    bench.add(smallRun(1));
    update(0, 'done');
    bench.journal.addAttempt(attempt('slow', 'r', 0));
    const { waiting, open } = recovered(bench.openRun(), bench.journal);
    expect({ waiting, open }).toEqual({ waiting: [], open: [] });
    expect(bench.journal.openAttempts().map(({ id }) => id)).toEqual(['slow']);
  });

  it('does not place a second pass before it is built', () => {
    bench.add(smallRun(1));
    update(0, 'done');
    bench.journal.addShards([shardRecord('r', 0, { stage: 2, seed: null })]);
    bench.journal.addAttempt(attempt('p', 'r', 0, { stage: 2 }));
    const { run, waiting, open } = recovered(bench.openRun(), bench.journal);
    expect(waiting).toEqual([]);
    expect(open.map(({ shard }) => shard)).toEqual([run.secondStage]);
    expect(run.secondStageJournaled).toBe(true);
  });

  it('has every shard in exactly one place, whatever was journaled', () => {
    const shard = fc.record({
      status: fc.constantFrom<ShardStatus>('queued', 'done', 'failed'),
      attempts: fc.array(fc.boolean(), { maxLength: 3 }),
    });
    let count = 0;
    fc.assert(
      fc.property(fc.array(shard, { minLength: 1, maxLength: 6 }), (shards) => {
        const run = smallRun(shards.length);
        const attempts = shards.flatMap(({ attempts: open }, index) =>
          open.map((isOpen) => {
            count += 1;
            return attempt(`x${count}`, 'r', index, isOpen ? {} : LOST);
          }),
        );
        const records = shards.map(({ status }, index) => shardRecord('r', index, { status }));
        const result = recovered({ run: run.record, shards: records, attempts }, bench.journal);
        const looked = new Set(result.open.map((one) => one.shard.index));
        const placed = new Set(result.waiting.map(({ index }) => index));
        for (const one of result.run.shards) {
          const places = [one.isOver, looked.has(one.index), placed.has(one.index)].filter(Boolean);
          expect(places).toHaveLength(1);
        }
      }),
    );
  });
});

describe('a run that is tried again', () => {
  function failed(): void {
    bench.add(smallRun(3));
    update(0, 'done');
    update(1, 'failed', ERROR);
    update(2, 'cancelled');
    bench.journal.beginPlacing(placing('kept'));
    bench.journal.endPlacing('kept');
    for (const number of [1, 2, 3]) {
      bench.journal.addAttempt(attempt(`n${number}`, 'r', 1, { ...LOST, number }));
    }
    bench.journal.updateRun('r', { status: 'partial', endedAt: 9, error: ERROR.message });
  }

  function again() {
    const record = bench.journal.run('r');
    if (record === null) throw new Error('no record');
    return reopened(record, bench.journal);
  }

  it('keeps what is done with its files, and queues the rest with new chances', () => {
    failed();
    const run = again();
    expect(run.shards.map(({ status }) => status)).toEqual(['done', 'queued', 'queued']);
    expect(run.shards[1]).toMatchObject({ error: null, fatalLosses: 0, tries: 0 });
    expect(run.shards[1]?.attempts.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(run.artifacts.map(({ id }) => id)).toEqual(['kept']);
    expect(run.record).toMatchObject({ status: 'queued', endedAt: null, error: null });
  });

  it('is open again for another life of ours', () => {
    failed();
    again();
    bench.restart();
    const { run, waiting } = recovered(bench.openRun(), bench.journal);
    expect(run.record).toMatchObject({ status: 'queued', endedAt: null, error: null });
    expect(waiting.map(({ index }) => index)).toEqual([1, 2]);
  });

  it('builds its second pass again out of everything', () => {
    failed();
    bench.journal.addShards([shardRecord('r', 0, { stage: 2, seed: null, status: 'done' })]);
    bench.journal.addAttempt(attempt('p', 'r', 0, { stage: 2, endedAt: 5, outcome: 'done' }));
    const run = again();
    expect(run.secondStage).toBeNull();
    expect(run.secondStageJournaled).toBe(true);
    const second = bench.journal.shards('r', 10).find(({ stage }) => stage === 2);
    expect(second).toMatchObject({ status: 'queued', error: null });
  });
});
