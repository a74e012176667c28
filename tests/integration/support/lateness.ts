const TICK_MS = 50;

/** How much later than asked this process was woken since: what a machine that is busy with others costs everybody on it. */
export class Lateness {
  ms = 0;
  readonly #timer: NodeJS.Timeout;

  constructor() {
    let before = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.ms += Math.max(0, now - before - TICK_MS);
      before = now;
    }, TICK_MS);
  }

  stop(): number {
    clearInterval(this.#timer);
    return this.ms;
  }
}
