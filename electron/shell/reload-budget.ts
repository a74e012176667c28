/** More crashes than this within the window are no accident. */
const MOST_RELOADS = 3;
const WINDOW_MS = 60_000;

/** Decides whether a page that crashed is reloaded by itself, or a person is asked. */
export class ReloadBudget {
  #crashes: readonly number[] = [];

  /** @param now ms since the epoch */
  allows(now: number): boolean {
    this.#crashes = [...this.#crashes.filter((at) => now - at < WINDOW_MS), now];
    return this.#crashes.length <= MOST_RELOADS;
  }

  /** A person asked for another try. */
  reset(): void {
    this.#crashes = [];
  }
}
