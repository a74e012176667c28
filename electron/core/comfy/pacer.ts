import type { Clock } from '../ports.ts';

/** Hands out moments that lie apart, so that what concerns hundreds of servers at once does not happen in one beat. */
export class Pacer {
  #next = Number.NEGATIVE_INFINITY;
  #asked = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    private readonly gapMs: number,
  ) {}

  /** How long to wait for the next moment, ms; 0 for whoever comes alone. */
  wait(): number {
    const now = this.clock.now();
    // A clock that was set back must not postpone anything.
    if (now < this.#asked) this.#next = now;
    this.#asked = now;
    const at = Math.max(now, this.#next);
    this.#next = at + this.gapMs;
    return at - now;
  }
}

/** Does it at its moment; at once without a pacer. @returns its cancel */
export function inTurn(clock: Clock, pacer: Pacer | undefined, action: () => void): () => void {
  const wait = pacer?.wait() ?? 0;
  if (wait > 0) return clock.after(wait, action);
  action();
  return () => {};
}
