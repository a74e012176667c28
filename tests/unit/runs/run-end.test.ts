import { describe, expect, it } from 'vitest';
import { stringifyExact } from '../../../electron/core/exact-json.ts';
import type { Plan } from '../../../electron/core/graph/plan.ts';
import { whyStepIn } from '../../../electron/core/runs/fallback.ts';
import { nextSeeds } from '../../../electron/core/runs/next-seeds.ts';
import { endOf, noticeOf } from '../../../electron/core/runs/run-end.ts';
import { parsePlan } from '../../../electron/core/runs/stored-plan.ts';
import type { ShardStatus } from '../../../shared/runs.ts';
import { instanceSnapshot } from '../../support/fixtures.ts';

const shard = (status: ShardStatus, error: string | null = null) => ({ status, error });

describe('the end of a run', () => {
  it.each([
    [[shard('done'), shard('done')], null, 'done', null],
    [[shard('done'), shard('failed', 'no')], null, 'partial', 'no'],
    [[shard('failed', 'no'), shard('failed', 'nor')], null, 'failed', 'no'],
    [[shard('done')], shard('done'), 'done', null],
    [[shard('done')], shard('failed', 'late'), 'partial', 'late'],
  ] as const)('%j and second stage %j is %s', (stage1, stage2, status, error) => {
    expect(endOf({ cancelled: false, stage1, stage2 })).toEqual({ status, error });
  });

  it('is a cancellation whatever was done by then, and that is not told to who asked for it', () => {
    const end = endOf({ cancelled: true, stage1: [shard('done'), shard('queued')], stage2: null });
    expect(end).toEqual({ status: 'cancelled', error: null });
    expect(noticeOf('night', end, 1, '1 of 2')).toBeNull();
  });

  it('is told with what came home', () => {
    expect(noticeOf('night', { status: 'done', error: null }, 1, '')?.detail).toBe('1 file came home.');
    expect(noticeOf('night', { status: 'partial', error: 'no' }, 2, '1 of 2 shards')).toEqual({
      level: 'warning',
      title: 'night is done in part (1 of 2 shards)',
      detail: 'no',
    });
  });
});

describe('stepping in', () => {
  const master = instanceSnapshot({ id: 'master', role: 'master', name: 'Master' });
  const up = instanceSnapshot({ id: 'w1', name: 'W1' });
  const down = {
    ...up,
    process: { status: 'stopped', since: 0 } as const,
    link: { status: 'unknown' } as const,
  };

  it('waits while a worker can compute it', () => {
    expect(whyStepIn([master, up], ['w1'], new Map(), 0)).toBeNull();
  });

  it('says why for each worker that cannot', () => {
    expect(whyStepIn([master, down], ['w1'], new Map(), 0)).toContain('W1: Stopped');
    expect(whyStepIn([master, up], ['w1'], new Map([['w1', 'Lacks X']]), 0)).toContain('W1: Lacks X');
    expect(whyStepIn([master], ['w1'], new Map(), 0)).toContain('its workers are gone');
  });

  it('does not help where the master takes part already, is down, or lacks the same', () => {
    expect(whyStepIn([master, down], ['master', 'w1'], new Map(), 0)).toBeNull();
    expect(whyStepIn([{ ...master, ...down, role: 'master' }, down], ['w1'], new Map(), 0)).toBeNull();
    expect(whyStepIn([master, down], ['w1'], new Map([['master', 'Lacks X']]), 0)).toBeNull();
  });
});

describe('a stored plan', () => {
  const plan: Plan = {
    kind: 'copies',
    templates: [{ prompt: {}, outputs: [] }],
    shards: [0, 1].map((index) => ({
      ...{
        index,
        template: 0,
        literals: [{ nodeId: '5', input: 'seed', value: 2n ** 64n - 2n + BigInt(index) }],
      },
      ...{ seed: 2n ** 64n - 2n + BigInt(index), slice: null },
    })),
    secondStage: null,
    seeds: [{ nodeId: '5', input: 'seed', base: 2n ** 64n - 2n }],
    titles: { '5': 'Sampler' },
    warnings: [],
  };

  it('comes back as it was, every digit of its seeds', () => {
    expect(parsePlan(stringifyExact(plan))).toEqual(plan);
    const small = { ...plan, seeds: [{ nodeId: '5', input: 'seed', base: 7n }] };
    expect(parsePlan(stringifyExact(small)).seeds[0]?.base).toBe(7n);
  });

  it('tells the seeds that follow, around the end, and leaves other overrides alone', () => {
    const set = [
      { node: '5', input: 'steps', value: '3' },
      { node: '5', input: 'seed', value: '1' },
    ];
    expect(nextSeeds(set, stringifyExact(plan))).toEqual([
      { node: '5', input: 'steps', value: '3' },
      { node: '5', input: 'seed', value: '0' },
    ]);
  });
});
