import { type Clock, sleep } from '../ports.ts';

/** A sleep that can be cut short; a wake in between is kept for the next wait. */
export class Waker {
  #woken = false;
  #wake: () => void = () => {};

  wake(): void {
    this.#woken = true;
    this.#wake();
  }

  /** @throws the signal's reason when it aborts */
  async wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#woken) {
      const nap = new AbortController();
      const stop = (): void => nap.abort();
      this.#wake = stop;
      signal.addEventListener('abort', stop, { once: true });
      if (!signal.aborted) await sleep(clock, ms, nap.signal).catch(() => {});
      signal.removeEventListener('abort', stop);
    }
    this.#woken = false;
    signal.throwIfAborted();
  }
}
