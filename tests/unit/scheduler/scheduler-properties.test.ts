import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EnsemblePolicy } from '../../bench/distribution/policy/ensemble.ts';
import { optimum } from '../../bench/distribution/policy/fan-out.ts';
import { bulkScenario } from '../../bench/distribution/policy/scale.ts';
import { simulate } from '../../bench/distribution/policy/simulate.ts';
import { RandomOwner } from './model.ts';
import { speed } from './world.ts';

const STEPS = fc.array(fc.tuple(fc.nat(14), fc.nat(10_000)), { maxLength: 120 });

function play(steps: readonly (readonly [number, number])[]): RandomOwner {
  const owner = new RandomOwner();
  for (const [choice, detail] of steps) owner.act(choice, detail);
  return owner;
}

describe('whatever happens', () => {
  it('breaks no rule of placement, loses nothing and ends', () => {
    fc.assert(
      fc.property(STEPS, (steps) => {
        const owner = play(steps);
        expect(owner.drain(3_000)).toBeLessThan(3_000);
        expect(owner.settled).toBe(owner.submitted);
        expect(owner.scheduler.openCount).toBe(0);
        expect(owner.scheduler.waitingCount).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('decides the same for the same events', () => {
    fc.assert(
      fc.property(STEPS, (steps) => {
        expect(play(steps).log).toEqual(play(steps).log);
      }),
      { numRuns: 50 },
    );
  });

  it('loses and doubles nothing when workers die', () => {
    const scenario = bulkScenario(2_000, 30, 7);
    const failures = { meanBetweenSeconds: 200, noticeSeconds: 5, backSeconds: 30 };
    const ids = scenario.servers.map(({ id }) => id);
    const policy = new EnsemblePolicy(ids, { oneRun: true });
    const outcome = simulate({ ...scenario, failures }, policy);
    expect(outcome).toMatchObject({ lost: 0, duplicated: 0 });
    expect(outcome.deaths).toBeGreaterThan(20);
    expect(policy.scheduler.openCount).toBe(0);
  });
});

describe('one run of equal works, speeds known, nothing unforeseen', () => {
  it('ends with the best of all ways to share it out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 2, max: 20 }), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 7 }),
        (slow, count) => {
          const best = bruteForce(slow, count);
          expect(
            optimum(
              slow.map((seconds) => 1 / seconds),
              count,
              1,
            ),
          ).toBeCloseTo(best, 6);
          const makespan = simulated(slow, count);
          expect(makespan).toBeGreaterThanOrEqual(best);
          // Whole jobs take seconds, messages a few milliseconds each.
          expect(makespan).toBeLessThan(best + 0.02 * count + 0.05);
        },
      ),
      // A second work behind the first must not be thought to have begun with it.
      { numRuns: 200, examples: [[[2, 4], 7]] },
    );
  });
});

/** Least makespan over every way to give `count` works to workers that take so many seconds each. */
function bruteForce(seconds: readonly number[], count: number): number {
  if (seconds.length === 0) return count === 0 ? 0 : Number.POSITIVE_INFINITY;
  const [first = 0, ...others] = seconds;
  const shares = Array.from({ length: count + 1 }, (_, share) =>
    Math.max(share * first, bruteForce(others, count - share)),
  );
  return Math.min(...shares);
}

function simulated(slow: readonly number[], count: number): number {
  const servers = slow.map((seconds, index) => ({ id: `w${index}`, speed: 1 / seconds, keeps: 1 }));
  const jobs = Array.from({ length: count }, (_, index) => {
    return { id: `job-${index}`, index, model: null, workflow: 'flow', seconds: 1, arrival: 0 };
  });
  const policy = new EnsemblePolicy(
    servers.map(({ id }) => id),
    { oneRun: true },
  );
  policy.scheduler.loadSpeeds(slow.map((seconds, index) => speed(`w${index}`, seconds)));
  const physics = { loadSeconds: () => 0, steps: 10, latencyMs: 2.5 };
  const calm = { sigma: 0, stragglers: 0, stragglerSlowness: 1, failures: null, seed: 1 };
  return simulate({ servers, jobs, physics, ...calm }, policy).makespan;
}
