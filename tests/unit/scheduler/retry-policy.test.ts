import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countFirst,
  countRetry,
  decideRetry,
  type FailureKind,
  NO_RETRIES,
  type RetryBudget,
} from '../../../electron/core/scheduler/retry-policy.ts';

const KINDS: readonly FailureKind[] = [
  'lost',
  'out-of-memory',
  'missing-node',
  'missing-model',
  'invalid',
  'execution',
  'cancelled',
];

describe('retry policy', () => {
  it('tries again only where the worker is the cause', () => {
    const retried = KINDS.filter((kind) => decideRetry(kind, 1, NO_RETRIES, () => 0).kind === 'retry');
    expect(retried).toEqual(['lost', 'out-of-memory', 'missing-node', 'missing-model']);
  });

  it('bars the worker where it would fail again, not where it only died', () => {
    const barred = KINDS.filter((kind) => {
      const decision = decideRetry(kind, 1, NO_RETRIES, () => 0);
      return decision.kind === 'retry' && decision.barHere;
    });
    expect(barred).toEqual(['out-of-memory', 'missing-node', 'missing-model']);
  });

  it('makes three attempts at most', () => {
    expect(decideRetry('lost', 2, NO_RETRIES, () => 0).kind).toBe('retry');
    expect(decideRetry('lost', 3, NO_RETRIES, () => 0)).toEqual({ kind: 'give-up', why: 'attempts' });
  });

  it('waits a random time below a ceiling that doubles', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, random) => {
          const decision = decideRetry('lost', attempt, NO_RETRIES, () => random);
          if (decision.kind !== 'retry') throw new Error('it gave up');
          expect(decision.delayMs).toBeGreaterThanOrEqual(0);
          expect(decision.delayMs).toBeLessThanOrEqual(250 * 2 ** (attempt - 1));
        },
      ),
    );
  });

  it('never makes more than a tenth of retries, beyond a few that are free', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 600 }), (failures) => {
        let budget: RetryBudget = NO_RETRIES;
        for (const fails of failures) {
          budget = countFirst(budget);
          if (fails && decideRetry('lost', 1, budget, () => 0).kind === 'retry') budget = countRetry(budget);
          expect(budget.retries).toBeLessThanOrEqual(10 + Math.floor(budget.firsts / 10));
        }
        const lost = failures.filter(Boolean).length;
        expect(budget.retries).toBeGreaterThanOrEqual(Math.min(lost, 10));
      }),
    );
  });
});
