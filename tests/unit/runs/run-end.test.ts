import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOf, isGatheredFor, noticeOf, type RunFacts } from '../../../electron/core/runs/run-end.ts';
import type { ShardStatus } from '../../../shared/runs.ts';

type Fact = RunFacts['stage1'][number];
const DONE: Fact = { status: 'done', error: null };
const FAILED: Fact = { status: 'failed', error: 'It broke.' };
const CANCELLED: Fact = { status: 'cancelled', error: null };

function facts(stage1: readonly Fact[], change: Partial<RunFacts> = {}): RunFacts {
  return { cancelled: false, stage1, stage2: null, ...change };
}

describe('the end of a run', () => {
  it.each<[string, RunFacts, string, string | null]>([
    ['all shards done', facts([DONE, DONE]), 'done', null],
    ['one failed', facts([DONE, FAILED]), 'partial', 'It broke.'],
    ['all failed', facts([FAILED, { ...FAILED, error: 'later' }]), 'failed', 'It broke.'],
    ['nothing could be done, nobody said why', facts([CANCELLED]), 'failed', 'No shard could be computed.'],
    ['the second pass too', facts([DONE], { stage2: DONE }), 'done', null],
    ['the second pass failed', facts([DONE], { stage2: FAILED }), 'partial', 'It broke.'],
    ['the second pass over what there is', facts([DONE, FAILED], { stage2: DONE }), 'partial', 'It broke.'],
    ['a person ended it', facts([DONE, FAILED], { cancelled: true }), 'cancelled', null],
    [
      'a person ended it before anything was done',
      facts([CANCELLED], { cancelled: true }),
      'cancelled',
      null,
    ],
  ])('%s', (_, run, status, error) => {
    expect(endOf(run)).toEqual({ status, error });
  });

  it('is done only when nothing is missing, and never fails without words', () => {
    const any = fc.constantFrom(DONE, FAILED, CANCELLED);
    fc.assert(
      fc.property(fc.array(any, { minLength: 1 }), fc.option(any), (stage1, stage2) => {
        const end = endOf(facts(stage1, { stage2 }));
        const whole = [...stage1, ...(stage2 === null ? [] : [stage2])].every((one) => one === DONE);
        expect(end.status === 'done').toBe(whole);
        if (end.status === 'failed') expect(end.error).not.toBeNull();
      }),
    );
  });
});

describe('what a person is told', () => {
  it.each([
    ['done', 1, { level: 'success', title: 'cat is done', detail: '1 file came home.' }],
    ['done', 4, { level: 'success', title: 'cat is done', detail: '4 files came home.' }],
    ['partial', 3, { level: 'warning', title: 'cat is done in part (3 of 4)', detail: 'why' }],
    ['failed', 0, { level: 'error', title: 'cat failed', detail: 'why' }],
    ['cancelled', 2, null],
  ] as const)('%s', (status, files, notice) => {
    expect(noticeOf('cat', { status, error: 'why' }, files, '3 of 4')).toEqual(notice);
  });
});

describe('isGatheredFor', () => {
  const shards = (...statuses: readonly ShardStatus[]) => statuses.map((status) => ({ status }));
  it.each([
    ['distributed', {}, shards('done', 'failed'), true],
    ['distributed', {}, shards('failed', 'failed'), false],
    ['distributed', null, shards('done'), false],
    ['tiles', {}, shards('done', 'done'), true],
    ['tiles', {}, shards('done', 'failed'), false],
  ] as const)('of %s, with %o as its second pass and %o: %s', (kind, secondStage, stage1, expected) => {
    expect(isGatheredFor({ kind, secondStage }, stage1)).toBe(expected);
  });
});
