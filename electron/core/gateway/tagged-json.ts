/**
 * Large JSON of servers, read and written by the engine's own fast means without losing a digit: long integers travel as
 * marked texts in between. What JSON cannot say (Python's NaN and Infinity) becomes null.
 */

const MARK = '\u0001int:';
/** Strings are matched so that they are skipped. */
const TOKENS = /"(?:[^"\\]|\\.)*"|(?<![\w.+-])-?\d{16,}(?![\d.eE])|-?\bInfinity\b|\bNaN\b/g;
const NEEDED = /\d{16}|NaN|Infinity/;
const MARKED = /"\\u0001int:(-?\d+)"/g;

/** @throws SyntaxError */
export function readTagged(text: string): unknown {
  if (!NEEDED.test(text)) return JSON.parse(text);
  const marked = text.replace(TOKENS, (token) => {
    if (token.startsWith('"')) return token;
    return /^-?\d/.test(token) ? `"\\u0001int:${token}"` : 'null';
  });
  return JSON.parse(marked);
}

/** A value of ours with its bigints in the same form. */
export function tagged<T extends object>(value: T): T {
  return JSON.parse(
    JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? `${MARK}${part}` : part)),
  );
}

export function writeTagged(value: unknown): string {
  return JSON.stringify(value).replace(MARKED, '$1');
}
