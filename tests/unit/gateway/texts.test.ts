import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExact, stringifyExact } from '../../../electron/core/exact-json.ts';
import { readPage } from '../../../electron/core/gateway/jobs/history.ts';
import { readJobQuery } from '../../../electron/core/gateway/jobs/job-list.ts';
import { mergeInfos } from '../../../electron/core/gateway/object-info.ts';
import { mergeStats } from '../../../electron/core/gateway/system-stats.ts';
import { readTagged, tagged, writeTagged } from '../../../electron/core/gateway/tagged-json.ts';

describe('large JSON', () => {
  it('comes out as it went in, to the last digit', () => {
    const leaf = fc.oneof(
      fc.string(),
      fc.bigInt(-(2n ** 70n), 2n ** 70n),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(0.1 + 0.2, -1 / 3e7),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom('12345678901234567890', ' 12345678901234567890,', '"\\', '\u0001int', 'NaN'),
    );
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        leaf,
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('any'), { maxKeys: 4 }),
      ),
    })).any;
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value), (given) => {
        const text = stringifyExact(given);
        expect(parseExact(writeTagged(readTagged(text)))).toEqual(parseExact(text));
      }),
    );
  });

  it('takes what only Python writes for nothing, and bigints of ours for numbers', () => {
    expect(readTagged('{"a": NaN, "b": [-Infinity, "NaN"], "c": 1.5e300}')).toEqual({
      a: null,
      b: [null, 'NaN'],
      c: 1.5e300,
    });
    expect(writeTagged(tagged({ max: 2n ** 64n - 1n }))).toBe('{"max":18446744073709551615}');
  });
});

describe('the definitions of several servers', () => {
  const loader = (names: readonly string[]) => ({
    input: { required: { model: [names, { tooltip: 't' }] } },
  });

  it('are one list with all choices, and say who lacks what', () => {
    const merged = mergeInfos(
      [
        { name: 'Master', info: { Load: loader(['a']), Same: loader(['s']) } },
        { name: 'Worker', info: { Load: loader(['b', 'a']), Same: loader(['s']), Own: { input: {} } } },
      ],
      { Own: { category: 'ours' }, New: { category: 'ours' } },
    );
    expect(merged).toEqual({
      Load: {
        ...loader(['a', 'b']),
        ensemble: { missing_on: [], choices_missing_on: { model: { b: ['Master'] } } },
      },
      Same: loader(['s']),
      Own: { input: {}, ensemble: { missing_on: ['Master'], choices_missing_on: {} } },
      New: { category: 'ours' },
    });
  });

  it('of one server alone stay as they are', () => {
    const info = { Load: loader(['a']) };
    expect(mergeInfos([{ name: 'Master', info }], {})).toEqual(info);
  });

  it('name devices by their servers where there are several', () => {
    const stats = { system: { os: 'x' }, devices: [{ name: 'cuda:0' }] };
    expect(mergeStats([{ name: 'A', stats }])).toEqual(stats);
    const both = mergeStats(['A', 'B'].map((name) => ({ name, stats })));
    expect(both).toEqual({ system: { os: 'x' }, devices: [{ name: 'A: cuda:0' }, { name: 'B: cuda:0' }] });
    expect(mergeStats([])).toBeNull();
  });
});

describe('pages', () => {
  it.each([
    ['', 0, Number.MAX_SAFE_INTEGER],
    ['max_items=3', -3, 3],
    ['max_items=3&offset=5', 5, 3],
    ['offset=5', 5, Number.MAX_SAFE_INTEGER],
    ['max_items=3&offset=-1', -3, 3],
  ])('of the history: %s', (query, offset, limit) => {
    expect(readPage(new URLSearchParams(query))).toEqual({ offset, limit });
  });

  it('of the history are refused when they are no numbers', () => {
    expect(() => readPage(new URLSearchParams('max_items=many'))).toThrow(RangeError);
  });

  it.each(['status=odd', 'sort_by=x', 'sort_order=x', 'limit=x', 'limit=0', 'offset=x'])(
    'of jobs are refused: %s',
    (query) => {
      expect(readJobQuery(new URLSearchParams(query))).toBeTypeOf('string');
    },
  );
});
