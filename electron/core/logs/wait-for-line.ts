import type { Clock, Emitter } from '../ports.ts';
import type { LineRing } from './line-ring.ts';

export interface LineWait {
  readonly ring: LineRing;
  /** Something may have come. */
  readonly arrived: Pick<Emitter<void>, 'on'>;
  readonly clock: Clock;
}

/** Resolves when there is a line behind `after` (null: any line), after `ms`, or when the signal aborts. */
export function waitForLine(
  { ring, arrived, clock }: LineWait,
  after: number | null,
  ms: number,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const isThere = (): boolean => ring.next > Math.max(ring.first, (after ?? -1) + 1);
    if (isThere() || ms <= 0 || signal?.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      unsubscribe();
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const unsubscribe = arrived.on(() => isThere() && done());
    const cancel = clock.after(ms, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}
