import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pacer } from '../../../electron/core/comfy/pacer.ts';
import { ManualClock } from '../../support/manual-clock.ts';

describe('a pacer', () => {
  it('lets whoever comes alone go at once', () => {
    const clock = new ManualClock();
    const pacer = new Pacer(clock, 50);
    expect(pacer.wait()).toBe(0);
    clock.advance(50);
    expect(pacer.wait()).toBe(0);
  });

  it('never lets two go within its gap, and makes nobody wait longer than that takes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(200), { maxLength: 100 }),
        fc.integer({ min: 1, max: 100 }),
        (pauses, gap) => {
          const clock = new ManualClock();
          const pacer = new Pacer(clock, gap);
          const moments = pauses.map((pause) => {
            clock.advance(pause);
            return clock.now() + pacer.wait();
          });
          for (const [index, moment] of moments.slice(1).entries()) {
            expect(moment - (moments[index] ?? 0)).toBeGreaterThanOrEqual(gap);
          }
          expect((moments.at(-1) ?? clock.now()) - clock.now()).toBeLessThanOrEqual(gap * moments.length);
        },
      ),
    );
  });

  it('postpones nothing when the clock is set back', () => {
    const clock = new ManualClock();
    const pacer = new Pacer(clock, 50);
    pacer.wait();
    clock.jump(-3_600_000);
    expect(pacer.wait()).toBeLessThanOrEqual(50);
  });
});
