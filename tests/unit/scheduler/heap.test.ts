import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap } from '../../../electron/core/scheduler/heap.ts';
import { MonotoneTime } from '../../../electron/core/scheduler/monotone-time.ts';

describe('heap', () => {
  it('gives everything back in order, also after ranks changed', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: -1, max: 1 }), (values, sign) => {
        const heap = new Heap<{ rank: number }>(({ rank }) => rank);
        for (const rank of values) heap.push({ rank });
        for (const value of heap.values) value.rank *= sign;
        heap.rebuild(({ rank }) => rank % 3 !== 0);
        const expected = values.map((rank) => rank * sign).filter((rank) => rank % 3 !== 0);
        const got = expected.map(() => heap.pop()?.rank);
        expect(got).toEqual([...expected].sort((a, b) => a - b));
        expect(heap.size).toBe(0);
      }),
    );
  });

  it('is in order after every push and pop', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer(), { nil: null })), (steps) => {
        const heap = new Heap<number>((value) => value);
        let model: number[] = [];
        for (const step of steps) {
          if (step === null) {
            expect(heap.pop()).toBe(model[0]);
            model = model.slice(1);
          } else {
            heap.push(step);
            model = [...model, step].sort((a, b) => a - b);
          }
          expect(heap.peek()).toBe(model[0]);
        }
      }),
    );
  });
});

describe('monotone time', () => {
  it('never runs back, goes on at once, and names moments as the wall clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1e9, max: 1e9 })), (steps) => {
        const time = new MonotoneTime();
        let wall = 0;
        let before = Number.NEGATIVE_INFINITY;
        for (const step of steps) {
          wall += step;
          const now = time.at(wall);
          expect(now).toBeGreaterThanOrEqual(before);
          expect(time.outside(now)).toBe(wall);
          expect(time.at(wall + 5)).toBe(now + 5);
          wall += 5;
          before = now;
        }
      }),
    );
  });
});
