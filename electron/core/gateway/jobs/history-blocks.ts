/** What is kept at most; a longer history is read anew each time. */
const MOST_BYTES = 32 * 1_048_576;
/** Entries of one block, by their place: with large workflows each may have hundreds of kilobytes. */
export const BLOCK = 100;

/** The history as text, in blocks that are kept: what has ended does not change any more, only the last block grows. */
export class HistoryBlocks {
  readonly #texts = new Map<number, Buffer>();
  #bytes = 0;

  /** @param read the entries of these places, both included */
  constructor(private readonly read: (first: number, last: number) => Buffer) {}

  /** @param place of any of its entries */
  of(place: number): Buffer {
    const block = Math.floor(place / BLOCK);
    const known = this.#texts.get(block);
    if (known !== undefined) return known;
    const text = this.read(block * BLOCK, block * BLOCK + BLOCK - 1);
    this.#texts.set(block, text);
    this.#bytes += text.length;
    for (const [oldest] of this.#texts) {
      if (this.#bytes <= MOST_BYTES) break;
      this.#drop(oldest);
    }
    return text;
  }

  /** An entry has come there, or gone. */
  changed(place: number): void {
    this.#drop(Math.floor(place / BLOCK));
  }

  clear(): void {
    this.#texts.clear();
    this.#bytes = 0;
  }

  #drop(block: number): void {
    this.#bytes -= this.#texts.get(block)?.length ?? 0;
    this.#texts.delete(block);
  }
}
