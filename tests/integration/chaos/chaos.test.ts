import { expect, it } from 'vitest';
import { Dice } from './dice.ts';
import { play } from './play.ts';
import { rollSchedule } from './schedule.ts';

/** CHAOS_SEED=n plays that schedule alone; CHAOS_FIRST and CHAOS_COUNT choose others than CI plays. */
const FIRST_SEED = Number(process.env['CHAOS_FIRST'] ?? 1);
const COUNT = Number(process.env['CHAOS_COUNT'] ?? 240);
/** Mostly waiting: schedules side by side cost little. */
const AT_ONCE = 12;

it('ends every run in results or honest words, with every file exactly once, whatever goes wrong', async () => {
  const only = process.env['CHAOS_SEED'];
  const seeds =
    only === undefined ? Array.from({ length: COUNT }, (_, index) => FIRST_SEED + index) : [Number(only)];
  const wrong: string[] = [];
  const next = seeds.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const seed of next) {
        const schedule = rollSchedule(new Dice(seed));
        const said = await play(schedule).catch((error: unknown) => [String(error)]);
        wrong.push(...said.map((sentence) => `CHAOS_SEED=${seed}: ${sentence}`));
      }
    }),
  );
  expect(wrong).toEqual([]);
}, 600_000);
