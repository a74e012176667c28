import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, toJson } from '../../../electron/simulator/graph/exact-json.ts';
import { toFloat, toInteger } from '../../../electron/simulator/graph/python-text.ts';

describe('JSON of the simulator', () => {
  it('keeps every digit of an integer, wherever it stands', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (whole) => {
        const text = `{"a":[${whole},"${whole}"]}`;
        expect(toJson(parseJson(text))).toBe(text);
      }),
    );
  });

  it('reads what JSON.parse reads as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify([value, '0123456789012345']);
        // Through text again: integers that a double rounds are bigint on one side.
        expect(JSON.parse(toJson(parseJson(text)))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('takes the last of two equal keys, and refuses what is no JSON', () => {
    expect(parseJson('{"a":1,"a":1234567890123456}')).toEqual({ a: 1_234_567_890_123_456 });
    expect(() => parseJson('{"a":18446744073709551615')).toThrow(SyntaxError);
    expect(() => parseJson('{bad')).toThrow(SyntaxError);
  });
});

describe('int() and float()', () => {
  it.each([
    ['18446744073709551615', 18_446_744_073_709_551_615n],
    [' +7 ', 7],
    [7.9, 7],
    [1e20, 100_000_000_000_000_000_000n],
    [true, 1],
    [2n ** 64n, 2n ** 64n],
  ])('int(%s) is %s', (value, whole) => {
    expect(toInteger(value)).toBe(whole);
  });

  it('float() of a large integer is the nearest double', () => {
    expect(toFloat(18_446_744_073_709_551_615n)).toBe(2 ** 64);
  });
});
