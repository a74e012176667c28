import type { Random } from '../ports.ts';

/** Full jitter: uniform between nothing and the doubled step, so that a fleet does not reconnect in one beat. */
export function fullJitter(
  attempt: number,
  { baseMs, capMs }: { readonly baseMs: number; readonly capMs: number },
  random: Random,
): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30));
  return Math.round(random() * ceiling);
}

/** A period within ±10 %, so that the polls of many instances spread. */
export function jittered(periodMs: number, random: Random): number {
  return Math.round(periodMs * (0.9 + 0.2 * random()));
}
