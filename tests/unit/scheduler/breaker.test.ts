import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Breaker,
  CLOSED,
  isOpenAt,
  onDispatched,
  onFailure,
  onInconclusive,
  onSuccess,
  opensUntil,
} from '../../../electron/core/scheduler/breaker.ts';

function following(outcomes: string, now = 0): Breaker {
  let breaker = CLOSED;
  for (const outcome of outcomes) breaker = outcome === 'x' ? onFailure(breaker, now) : onSuccess(breaker);
  return breaker;
}

describe('breaker', () => {
  it('opens after three failures in a row', () => {
    expect(following('xx').kind).toBe('closed');
    expect(following('xxoxx').kind).toBe('closed');
    expect(following('oxxx').kind).toBe('open');
  });

  it('opens when more than half of the last ten failed', () => {
    expect(following('xxoxxooxoo').kind).toBe('closed');
    expect(following('xxoxxoxoox').kind).toBe('open');
    // Old failures are forgotten.
    expect(following(`xxoxx${'o'.repeat(10)}xx`).kind).toBe('closed');
  });

  it('lets one job through after its pause, and closes when that one ends well', () => {
    const open = following('xxx', 1_000);
    expect(opensUntil(open)).toBe(6_000);
    expect(isOpenAt(open, 5_999)).toBe(true);
    expect(onDispatched(open, 5_999)).toBe(open);
    expect(isOpenAt(open, 6_000)).toBe(false);
    const trial = onDispatched(open, 6_000);
    expect(isOpenAt(trial, 6_000)).toBe(true);
    expect(onSuccess(trial)).toBe(CLOSED);
    expect(isOpenAt(onInconclusive(trial, 7_000), 7_000)).toBe(false);
  });

  it('pauses twice as long after every failed trial, up to two minutes', () => {
    let breaker = following('xxx');
    const pauses: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const until = opensUntil(breaker) ?? Number.NaN;
      pauses.push(until - (breaker.kind === 'open' ? breaker.since : Number.NaN));
      breaker = onFailure(onDispatched(breaker, until), until);
    }
    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 120_000, 120_000]);
  });

  it('is never open longer than its pause, whatever happens and however the clock jumps', () => {
    const event = fc.tuple(
      fc.constantFrom('ok', 'fail', 'dispatch', 'unclear'),
      fc.integer({ min: -9e6, max: 9e6 }),
    );
    fc.assert(
      fc.property(fc.array(event), (events) => {
        let breaker = CLOSED;
        let now = 0;
        for (const [kind, by] of events) {
          now += by;
          if (kind === 'ok') breaker = onSuccess(breaker);
          if (kind === 'fail') breaker = onFailure(breaker, now);
          if (kind === 'dispatch' && !isOpenAt(breaker, now)) breaker = onDispatched(breaker, now);
          if (kind === 'unclear') breaker = onInconclusive(breaker, now);
          if (breaker.kind === 'open') {
            expect(breaker.pauseMs).toBeGreaterThanOrEqual(5_000);
            expect(breaker.pauseMs).toBeLessThanOrEqual(120_000);
            expect(isOpenAt(breaker, breaker.since + breaker.pauseMs)).toBe(false);
            expect(isOpenAt(breaker, breaker.since - 1)).toBe(false);
          }
          if (breaker.kind === 'closed') expect(breaker.recent.slice(-3)).not.toEqual([true, true, true]);
        }
      }),
    );
  });
});
