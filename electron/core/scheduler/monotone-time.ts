/** Time that never runs backwards: when the wall clock is set back, ours goes on from where it was. ms. */
export class MonotoneTime {
  #offset = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** @param now wall clock @returns the same moment on our clock */
  at(now: number): number {
    if (now + this.#offset < this.#last) this.#offset = this.#last - now;
    this.#last = now + this.#offset;
    return this.#last;
  }

  /** The wall clock's name for a moment of ours. */
  outside(time: number): number {
    return time - this.#offset;
  }

  get last(): number {
    return this.#last;
  }
}
