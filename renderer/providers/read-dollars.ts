export interface ReadDollars {
  /** USD; null = none was entered, or it is wrong. */
  readonly value: number | null;
  readonly problem: string | null;
}

const MOST = 1_000_000;

/** "2", "0.75", "$20"; nothing at all stands for no amount. */
export function readDollars(text: string): ReadDollars {
  const bare = text.trim().replace(/^\$\s*/, '');
  if (bare === '') return { value: null, problem: null };
  const value = Number(bare.replace(',', '.'));
  if (/^\d+(?:[.,]\d+)?$/.test(bare) && value <= MOST) return { value, problem: null };
  return { value: null, problem: 'Enter an amount such as 0.75 or 20, or nothing.' };
}
