import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSame } from '../../electron/core/plain-data.ts';

describe('isSame', () => {
  it('says of plain data what its text says', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(isSame(a, structuredClone(a))).toBe(true);
        expect(isSame(a, b)).toBe(isSame(b, a));
        // -0 and 0 have one text.
        if (JSON.stringify(a) !== JSON.stringify(b))
          expect(isSame(a, b) && !hasReorderedKeys(a, b)).toBe(false);
      }),
    );
  });

  it('sees what is missing, more, or of another kind', () => {
    for (const [a, b] of [
      [{ a: 1 }, { b: 1 }],
      [{ a: 1 }, { a: 1, b: 2 }],
      [{ a: undefined }, { b: undefined }],
      [[], {}],
      [[1, 2], [1]],
      [null, {}],
      [{ a: { b: [1, { c: 2 }] } }, { a: { b: [1, { c: 3 }] } }],
      ['1', 1],
    ]) {
      expect(isSame(a, b)).toBe(false);
    }
    expect(isSame({ a: 1, b: [Number.NaN] }, { b: [Number.NaN], a: 1 })).toBe(true);
  });
});

function hasReorderedKeys(a: unknown, b: unknown): boolean {
  return sorted(a) === sorted(b);
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([x], [y]) => (x < y ? -1 : 1)))
      : one,
  );
}
