import type { LogLine, LogPage } from '../../../shared/logs.ts';

/** The newest lines of a log, bounded in lines and in characters; every line keeps the number it came with. */
export class LineRing {
  readonly #slots: (LogLine | undefined)[];
  #first = 0;
  #next = 0;
  #characters = 0;

  constructor(
    private readonly mostLines: number,
    private readonly mostCharacters: number,
  ) {
    this.#slots = new Array<LogLine | undefined>(mostLines);
  }

  /** seq of the oldest line that is kept. */
  get first(): number {
    return this.#first;
  }

  /** seq that the next line will get. */
  get next(): number {
    return this.#next;
  }

  push(line: Omit<LogLine, 'seq'>): LogLine {
    const numbered = { seq: this.#next, ...line };
    if (this.#next - this.#first === this.mostLines) this.#dropOldest();
    this.#slots[this.#next % this.mostLines] = numbered;
    this.#next += 1;
    this.#characters += line.text.length;
    while (this.#characters > this.mostCharacters && this.#next - this.#first > 1) this.#dropOldest();
    return numbered;
  }

  /** Numbers go on, so that a reader's place stays valid. */
  clear(): void {
    while (this.#first < this.#next) this.#dropOldest();
  }

  /** @param after exclusive; null, or a number from another life of this log = the newest `limit` */
  page(after: number | null, limit: number): Omit<LogPage, 'file'> {
    const known = after !== null && after < this.#next;
    const from = known ? Math.max(after + 1, this.#first) : Math.max(this.#next - limit, this.#first);
    const to = Math.min(from + Math.max(0, limit), this.#next);
    return {
      lines: this.#slice(from, to),
      dropped: known ? from - (after + 1) : 0,
      first: this.#first,
      next: this.#next,
    };
  }

  #slice(from: number, to: number): readonly LogLine[] {
    const lines: LogLine[] = [];
    for (let seq = from; seq < to; seq += 1) {
      const line = this.#slots[seq % this.mostLines];
      if (line !== undefined) lines.push(line);
    }
    return lines;
  }

  #dropOldest(): void {
    const slot = this.#first % this.mostLines;
    this.#characters -= this.#slots[slot]?.text.length ?? 0;
    this.#slots[slot] = undefined;
    this.#first += 1;
  }
}
