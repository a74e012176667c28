export type ReadNumber =
  | { readonly value: number; readonly problem: null }
  | { readonly value: null; readonly problem: string };

/** A whole number within its bounds, or the sentence that says what is expected. */
export function readNumber(text: string, least: number, most: number): ReadNumber {
  const value = Number(text.trim());
  if (/^\s*\d+\s*$/.test(text) && value >= least && value <= most) return { value, problem: null };
  return { value: null, problem: `Enter a whole number from ${least} to ${most.toLocaleString('en')}.` };
}
