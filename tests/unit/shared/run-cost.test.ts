import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pricesOf, runCost, shardCost } from '../../../shared/run-cost.ts';
import { attempt } from '../../web/fixtures/runs.ts';
import { leaseWith } from '../providers/fixtures.ts';

const prices = new Map([['worker-1', 3.6]]);
const took = (worker: number, seconds: number, endedAt: number | null = seconds * 1000) =>
  attempt('r', 0, worker, { dispatchedAt: 0, endedAt });

test('every attempt on a rented worker costs, lost ones too; others cost nothing', () => {
  expect(shardCost({ attempts: [took(1, 10), took(2, 1000), took(1, 5)] }, prices, 0)).toBeCloseTo(0.015);
  expect(shardCost({ attempts: [took(2, 1000)] }, prices, 0)).toBeNull();
  expect(shardCost({ attempts: [took(1, 0, null)] }, prices, 20_000)).toBeCloseTo(0.02);
});

test('a run costs the sum of its shards, and each file its part', () => {
  const shards = [{ attempts: [took(1, 10)] }, { attempts: [took(1, 30)] }, { attempts: [took(2, 9)] }];
  expect(runCost(shards, 4, prices, 0)).toEqual({
    total: expect.closeTo(0.04),
    perFile: expect.closeTo(0.01),
  });
  expect(runCost(shards, 0, prices, 0)?.perFile).toBeNull();
  expect(runCost([{ attempts: [took(2, 9)] }], 1, prices, 0)).toBeNull();
});

test('a clock that was set back makes nothing cheaper than nothing', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (from, to) => {
      const one = attempt('r', 0, 1, { dispatchedAt: from, endedAt: to });
      expect(shardCost({ attempts: [one] }, prices, 0)).toBeGreaterThanOrEqual(0);
    }),
  );
});

test('prices are those of the workers that leases brought', () => {
  expect(pricesOf([leaseWith({ worker: 'w' }), leaseWith()])).toEqual(new Map([['w', 0.5]]));
});
