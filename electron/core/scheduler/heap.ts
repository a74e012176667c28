/** A binary heap: the least first by a number that the caller reads from each value. */
export class Heap<T> {
  #values: T[] = [];

  constructor(private readonly rank: (value: T) => number) {}

  get size(): number {
    return this.#values.length;
  }

  get values(): readonly T[] {
    return this.#values;
  }

  peek(): T | undefined {
    return this.#values[0];
  }

  push(value: T): void {
    this.#values.push(value);
    this.#rise(this.#values.length - 1);
  }

  pop(): T | undefined {
    const first = this.#values[0];
    const last = this.#values.pop();
    if (this.#values.length > 0 && last !== undefined) {
      this.#values[0] = last;
      this.#sink(0);
    }
    return first;
  }

  /** Keeps what `stays` says, and puts it in order again after ranks changed. */
  rebuild(stays: (value: T) => boolean): void {
    this.#values = this.#values.filter(stays);
    for (let index = (this.#values.length >> 1) - 1; index >= 0; index -= 1) this.#sink(index);
  }

  #rise(start: number): void {
    const values = this.#values;
    const value = values[start] as T;
    const rank = this.rank(value);
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = values[parent] as T;
      if (this.rank(above) <= rank) break;
      values[index] = above;
      index = parent;
    }
    values[index] = value;
  }

  #sink(start: number): void {
    const values = this.#values;
    const value = values[start] as T;
    const rank = this.rank(value);
    let index = start;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= values.length) break;
      const right = child + 1;
      if (right < values.length && this.rank(values[right] as T) < this.rank(values[child] as T))
        child = right;
      const below = values[child] as T;
      if (this.rank(below) >= rank) break;
      values[index] = below;
      index = child;
    }
    values[index] = value;
  }
}
