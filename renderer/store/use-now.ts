import { useCallback, useSyncExternalStore } from 'react';

interface Clock {
  now: number;
  readonly listeners: Set<() => void>;
  timer: ReturnType<typeof setInterval> | undefined;
}

/** One clock per interval, whoever looks at it: 200 rows tick as one render, and no row brings a timer of its own. */
const clocks = new Map<number, Clock>();

/** The time, renewed every `intervalMs`; 0 while that is null. */
export function useNow(intervalMs: number | null): number {
  const subscribe = useCallback(
    (listener: () => void) =>
      intervalMs === null ? nothing : listen(clockOf(intervalMs), intervalMs, listener),
    [intervalMs],
  );
  return useSyncExternalStore(subscribe, () => (intervalMs === null ? 0 : clockOf(intervalMs).now));
}

function nothing(): void {
  // There is no clock to leave.
}

function clockOf(intervalMs: number): Clock {
  const known = clocks.get(intervalMs);
  if (known !== undefined) return known;
  const clock: Clock = { now: Date.now(), listeners: new Set(), timer: undefined };
  clocks.set(intervalMs, clock);
  return clock;
}

function listen(clock: Clock, intervalMs: number, listener: () => void): () => void {
  clock.listeners.add(listener);
  if (clock.timer === undefined) start(clock, intervalMs);
  return () => {
    clock.listeners.delete(listener);
    if (clock.listeners.size > 0) return;
    clearInterval(clock.timer);
    clock.timer = undefined;
  };
}

function start(clock: Clock, intervalMs: number): void {
  const tick = (): void => {
    clock.now = Date.now();
    for (const listener of clock.listeners) listener();
  };
  // A clock that stood still catches up at once; a fresh one needs no second render.
  if (Date.now() - clock.now > intervalMs) tick();
  clock.timer = setInterval(tick, intervalMs);
}
