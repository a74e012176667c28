import { isSafeNumber, parse, stringify } from 'lossless-json';
import { messageOf } from '../../shared/errors.ts';

/** JSON whose integers keep every digit: seeds reach 2^64 − 1, doubles end at 2^53. */

/**
 * Numbers come as number, or as bigint for integers that a double cannot hold.
 * @throws SyntaxError
 */
export function parseExact(text: string): unknown {
  try {
    return parse(text, null, (digits) =>
      /^-?\d+$/.test(digits) && !isSafeNumber(digits) ? BigInt(digits) : Number.parseFloat(digits),
    );
  } catch (error) {
    throw error instanceof SyntaxError ? error : new SyntaxError(messageOf(error));
  }
}

/** The inverse: bigint is written with all its digits. */
export function stringifyExact(value: unknown, space?: number): string {
  return stringify(value, undefined, space) ?? 'null';
}
