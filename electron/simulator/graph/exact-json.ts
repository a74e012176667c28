import { isSafeNumber, parse, stringify } from 'lossless-json';

/** JSON as Python reads and writes it: integers keep every digit. Those that a double would round are bigint here. */

/** Fewer digits than these are exact as a double, and JSON.parse is ten times faster. */
const LONG_NUMBER = /\d{16}/;

/** @throws SyntaxError */
export function parseJson(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  return parse(text, null, {
    parseNumber: (digits) =>
      /^-?\d+$/.test(digits) && !isSafeNumber(digits) ? BigInt(digits) : Number.parseFloat(digits),
    onDuplicateKey: ({ newValue }) => newValue,
  });
}

export function toJson(value: unknown, space?: number): string {
  try {
    return JSON.stringify(value, undefined, space) ?? 'null';
  } catch {
    // It holds a bigint.
    return stringify(value, undefined, space) ?? 'null';
  }
}
