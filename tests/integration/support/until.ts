import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 50;

/**
 * Polls where there is no event.
 * @returns the first value that is neither false, null nor undefined
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  milliseconds = 30_000,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const value = await look();
    if (value !== false && value !== null && value !== undefined) {
      return value as Exclude<T, false | null | undefined>;
    }
    if (Date.now() > deadline) throw new Error(`Within ${milliseconds} ms it never happened that ${what}.`);
    await pause(POLL_MS);
  }
}
