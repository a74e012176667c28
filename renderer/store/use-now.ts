import { useEffect, useState } from 'react';

/** The time, renewed every `intervalMs`; null stops the clock. */
export function useNow(intervalMs: number | null): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (intervalMs === null) return;
    // A clock that stood still catches up at once; a fresh one needs no second render.
    setNow((shown) => (Date.now() - shown > intervalMs ? Date.now() : shown));
    const timer = setInterval(() => setNow(Date.now()), intervalMs);
    return () => clearInterval(timer);
  }, [intervalMs]);
  return now;
}
