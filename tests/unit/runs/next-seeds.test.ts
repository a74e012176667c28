import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringifyExact } from '../../../electron/core/exact-json.ts';
import { nextSeeds } from '../../../electron/core/runs/next-seeds.ts';
import { smallPlan } from './small-plans.ts';

it.each([
  [7n, 4, '11'],
  [2n ** 53n, 3, '9007199254740995'],
  [2n ** 64n - 2n, 4, '2'],
])('goes on behind the seeds that were used: %d with %d shards', (base, shards, value) => {
  expect(nextSeeds([], stringifyExact(smallPlan(shards, base)))).toEqual([
    { node: '3', input: 'seed', value },
  ]);
});

it('replaces what was set before for a seed, and keeps the rest', () => {
  const set = [
    { node: '3', input: 'seed', value: '5' },
    { node: '3', input: 'steps', value: '4' },
  ];
  expect(nextSeeds(set, stringifyExact(smallPlan(2, 5n)))).toEqual([
    { node: '3', input: 'steps', value: '4' },
    { node: '3', input: 'seed', value: '7' },
  ]);
});

it('never takes a seed twice, however often it is asked', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.integer({ min: 1, max: 50 }),
      (base, shards) => {
        const seen = new Set<bigint>();
        let from = base;
        for (let round = 0; round < 4; round += 1) {
          const plan = smallPlan(shards, from);
          for (const { seed } of plan.shards) seen.add(BigInt(seed ?? 0n) % 2n ** 64n);
          from = BigInt(nextSeeds([], stringifyExact(plan))[0]?.value ?? 0);
        }
        expect(seen.size).toBe(4 * shards);
      },
    ),
  );
});
