import { type Clock, systemClock } from '../../electron/core/ports.ts';

/** Real time, so many times as fast. */
export function scaledClock(speed: number): Clock {
  return {
    now: () => performance.now() * speed,
    after: (ms, callback) => systemClock.after(ms / speed, callback),
  };
}
