import { type FileHandle, open } from 'node:fs/promises';

/** Most that is read, held or written at once, bytes. */
export const PIECE_BYTES = 256 * 1024;

/** Reads a file from front to back, never holding more than one piece of it. */
export class FileReader {
  readonly #buffer = Buffer.allocUnsafe(PIECE_BYTES);
  /** Bounds of what is read and not yet given out. */
  #from = 0;
  #to = 0;
  /** Place in the file of `#from`. */
  #position = 0;

  private constructor(
    private readonly handle: FileHandle,
    readonly size: number,
  ) {}

  /** @throws the system's error */
  static async open(file: string): Promise<FileReader> {
    const handle = await open(file, 'r');
    try {
      return new FileReader(handle, (await handle.stat()).size);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Bytes that are left. */
  get left(): number {
    return this.size - this.#position;
  }

  /**
   * @param length at most PIECE_BYTES
   * @returns exactly so many bytes, valid until the next call; null when the file ends before
   */
  async read(length: number): Promise<Buffer | null> {
    while (this.#to - this.#from < length) if (!(await this.#fill())) return null;
    const bytes = this.#buffer.subarray(this.#from, this.#from + length);
    this.#from += length;
    this.#position += length;
    return bytes;
  }

  skip(length: number): void {
    this.#from = Math.min(this.#to, this.#from + length);
    this.#position += length;
    if (this.#from === this.#to) this.#from = this.#to = 0;
  }

  /** Back to the start. */
  rewind(): void {
    this.#from = this.#to = this.#position = 0;
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  async #fill(): Promise<boolean> {
    this.#buffer.copyWithin(0, this.#from, this.#to);
    this.#to -= this.#from;
    this.#from = 0;
    const free = PIECE_BYTES - this.#to;
    const { bytesRead } = await this.handle.read(this.#buffer, this.#to, free, this.#position + this.#to);
    this.#to += bytesRead;
    return bytesRead > 0;
  }
}
