import type { Clock } from '../ports.ts';

/** ms from the first failure on. */
const WINDOW = 60_000;
const MOST_FAILURES = 10;
const MOST_KEYS = 1000;

/** Counts wrong secrets by whoever sends them: after ten within a minute nothing more is looked at until it is over. */
export class FailureLimit {
  readonly #failures = new Map<string, { readonly count: number; readonly until: number }>();

  constructor(private readonly clock: Clock) {}

  /** @returns ms until this one may try again; 0 when it may now */
  blockedFor(key: string): number {
    const failures = this.#current(key);
    return failures === null || failures.count < MOST_FAILURES ? 0 : failures.until - this.clock.now();
  }

  fail(key: string): void {
    const { count, until } = this.#current(key) ?? { count: 0, until: this.clock.now() + WINDOW };
    this.#makeRoom();
    this.#failures.set(key, { count: count + 1, until });
  }

  #current(key: string): { readonly count: number; readonly until: number } | null {
    const failures = this.#failures.get(key);
    return failures !== undefined && this.clock.now() < failures.until ? failures : null;
  }

  /** A Map keeps the order of insertion: the oldest goes. */
  #makeRoom(): void {
    for (const key of this.#failures.keys()) {
      if (this.#failures.size < MOST_KEYS) return;
      this.#failures.delete(key);
    }
  }
}
