import { describe, expect, it } from 'vitest';
import type { ActiveRun } from '../../../electron/core/runs/active-run.ts';
import { ORDER_STEP, shardOf, workOf } from '../../../electron/core/runs/works.ts';
import { smallPlan, smallRun } from './small-plans.ts';

function works(run: ActiveRun) {
  return run.allShards.map(workOf);
}

describe('what the scheduler is told of a shard', () => {
  it('keeps the shards of a run together and in order, between those of its neighbours', () => {
    const first = works(smallRun(3, { order: 1 })).map(({ order }) => order);
    const between = works(smallRun(3, { order: 1.5 })).map(({ order }) => order);
    const next = works(smallRun(3, { order: 2 })).map(({ order }) => order);
    const all = [...first, ...between, ...next];
    expect([...all].sort((a, b) => a - b)).toEqual(all);
    expect(new Set(all).size).toBe(9);
    expect(Math.max(...first)).toBeLessThan(2 * ORDER_STEP);
  });

  it('tells shards that differ by their seed alone from no others', () => {
    const [a, b] = works(smallRun(2));
    expect(a?.workflow).toBe(b?.workflow);
    expect(a).toMatchObject({ model: expect.stringContaining('dream'), preferred: null, runId: 'r' });
    expect(a?.id).not.toBe(b?.id);
    expect(a?.eligible).toBe(b?.eligible);
  });

  it('takes a slice for its share of the batch', () => {
    const plan = smallPlan(2);
    const sliced = plan.shards.map((shard) => ({ ...shard, slice: { first: 0, count: 3 + shard.index } }));
    const whole = works(smallRun(1))[0]?.units ?? 0;
    const units = works(smallRun(2, {}, { ...plan, shards: sliced })).map((work) => work.units / whole);
    expect(units.map((value) => Math.round(value * 1e6) / 1e6)).toEqual([3, 4]);
  });

  it('puts the second pass before everything else of its run, on the master where it can be', () => {
    const run = smallRun(2, { candidates: ['w1', 'master'] });
    run.secondPass = {
      prompt: { '1': { class_type: 'ImageScale', inputs: {} } },
      outputs: [],
      digest: 'd',
    };
    const work = workOf(run.addSecondStage());
    expect(work).toMatchObject({ preferred: 'master', eligible: ['master', 'w1'], order: 1.5 * ORDER_STEP });
    expect(work.workflow).not.toBe(works(run)[0]?.workflow);
  });

  it('lets the master do the second pass even where it renders nothing', () => {
    const run = smallRun(1, { candidates: ['w1'] });
    expect(workOf(run.addSecondStage()).eligible).toEqual(['master', 'w1']);
    expect(works(run)[0]?.eligible).toEqual(['w1']);
  });
});

describe('the shard of a work', () => {
  it('is found by its id', () => {
    const run = smallRun(3);
    run.addSecondStage();
    const book = { find: (id: string) => (id === 'r' ? run : null) };
    for (const shard of run.allShards) expect(shardOf(workOf(shard).id, book)).toBe(shard);
  });

  it('is nobody’s when the run is over', () => {
    expect(shardOf('gone/1/0', { find: () => null })).toBeNull();
    expect(shardOf('r/2/0', { find: () => smallRun(1) })).toBeNull();
  });
});
