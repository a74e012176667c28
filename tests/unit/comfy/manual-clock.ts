import type { Clock } from '../../../electron/core/ports.ts';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Time that moves only when it is told to. */
export class ManualClock implements Clock {
  #elapsed = 0;
  #offset = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#elapsed + this.#offset;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#elapsed + ms, callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Sets the clock without time passing. */
  jump(ms: number): void {
    this.#offset += ms;
  }

  advance(ms: number): void {
    const end = this.#elapsed + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#elapsed = Math.max(this.#elapsed, next.at);
      next.callback();
    }
    this.#elapsed = end;
  }
}
