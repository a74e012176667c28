import { closeSync, fstatSync, openSync, readSync, statSync, truncateSync } from 'node:fs';

/** One read's most: a few ms of work, so that a spamming child never blocks the event loop. */
export const CHUNK_BYTES = 128 * 1024;

/** Reads a growing file from a place on; notices when it was truncated. Synchronous: each call is one small read. */
export class FileTail {
  readonly #buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  #descriptor: number | null = null;
  #offset = 0;

  constructor(private readonly file: string) {}

  get offset(): number {
    return this.#offset;
  }

  /**
   * Begins at most `most` bytes before the end.
   * @returns true when the first line is likely cut
   */
  begin(most: number): boolean {
    this.#open();
    this.#offset = Math.max(0, this.#size() - most);
    return this.#offset > 0;
  }

  /**
   * @returns the next bytes, only valid until the next call; null when there are none now.
   *   `restarted`: the file was truncated and is read from its start
   */
  read(): { readonly bytes: Buffer; readonly more: boolean; readonly restarted: boolean } | null {
    const descriptor = this.#open();
    if (descriptor === null) return null;
    const size = this.#size();
    const restarted = size < this.#offset;
    if (restarted) this.#offset = 0;
    const count = readSync(descriptor, this.#buffer, 0, CHUNK_BYTES, this.#offset);
    if (count === 0) return restarted ? { bytes: this.#buffer.subarray(0, 0), more: false, restarted } : null;
    this.#offset += count;
    return { bytes: this.#buffer.subarray(0, count), more: this.#offset < size, restarted };
  }

  /** True when nothing is left to read. */
  atEnd(): boolean {
    return this.#size() <= this.#offset;
  }

  /** Empties the file; its writers append, so that they go on at the start. */
  truncate(): void {
    truncateSync(this.file, 0);
    this.#offset = 0;
  }

  /** The path may name a new file by now: somebody deleted the old one. */
  follow(): void {
    if (this.#descriptor === null) return;
    try {
      if (statSync(this.file).ino === fstatSync(this.#descriptor).ino) return;
    } catch {
      // Gone: the next read opens whatever comes in its place.
    }
    this.close();
    this.#offset = 0;
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #open(): number | null {
    try {
      this.#descriptor ??= openSync(this.file, 'r');
    } catch {
      this.#descriptor = null;
    }
    return this.#descriptor;
  }

  #size(): number {
    return this.#descriptor === null ? 0 : fstatSync(this.#descriptor).size;
  }
}
