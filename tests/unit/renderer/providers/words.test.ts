import fc from 'fast-check';
import { expect, test } from 'vitest';
import { detailOf } from '../../../../renderer/providers/lease-words.ts';
import { readList } from '../../../../renderer/providers/provider-form.ts';
import { readDollars } from '../../../../renderer/providers/read-dollars.ts';
import { dollars } from '../../../../shared/providers.ts';

test('amounts as people write them', () => {
  expect(readDollars(' $ 20 ').value).toBe(20);
  expect(readDollars('0,75').value).toBe(0.75);
  expect(readDollars('')).toEqual({ value: null, problem: null });
  for (const text of ['-1', 'much', '1e9', '1.', 'Infinity', '10000000']) {
    expect(readDollars(text).problem).toMatch(/^Enter an amount/);
  }
});

test('whatever is typed is an amount or a problem, never both', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const { value, problem } = readDollars(text);
      if (value !== null) expect([problem, value >= 0]).toEqual([null, true]);
    }),
  );
});

test('small sums show what they are', () => {
  expect([0, 0.0051, 0.1, 1.005, 20].map(dollars)).toEqual(['$0.00', '$0.0051', '$0.10', '$1.00', '$20.00']);
});

test('lists come with commas or line breaks', () => {
  expect(readList(' A,\nB , ,C')).toEqual(['A', 'B', 'C']);
});

test('what cannot be given back is said to cost', () => {
  const state = { status: 'draining', because: 'Its hour is over.', outcome: 'released', since: 0 } as const;
  expect(detailOf({ state: { ...state, trouble: null } })).toBe('Its hour is over.');
  expect(detailOf({ state: { ...state, trouble: 'No answer.' } })).toContain('It may still cost: No answer.');
});
