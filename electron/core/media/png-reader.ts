import { EnsembleError } from '../../../shared/errors.ts';
import { crc32 } from './crc32.ts';
import { FileReader, PIECE_BYTES } from './file-reader.ts';
import { damagedFailure, unreadableFile } from './media-failures.ts';

export const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MAX_CHUNK_BYTES = 2 ** 31 - 1;
/** A palette has 768; whoever reads more than this at once has to do it in pieces. */
const MAX_SMALL_BYTES = 4_096;

export interface PngChunk {
  readonly type: string;
  /** Of its data, bytes. */
  readonly length: number;
}

/** Walks over the chunks of a PNG file and checks the checksum of each one that is read. */
export class PngReader {
  #left = 0;
  #crc = 0;
  #chunk: PngChunk = { type: '', length: 0 };

  private constructor(
    private readonly reader: FileReader,
    readonly file: string,
  ) {}

  /** @throws EnsembleError that names the file: not readable, no PNG */
  static async open(file: string): Promise<PngReader> {
    const reader = await FileReader.open(file).catch((error: unknown) => {
      throw unreadableFile(file, error);
    });
    const png = new PngReader(reader, file);
    try {
      const signature = await png.#read(Math.min(SIGNATURE.length, reader.size));
      if (signature.equals(SIGNATURE)) return png;
      throw damagedFailure(file, 'it is not a PNG picture');
    } catch (error) {
      await reader.close();
      throw error;
    }
  }

  /** The next chunk, past what was not read of the one before; null after the last. */
  async next(): Promise<PngChunk | null> {
    if (this.#chunk.type === 'IEND') return null;
    if (this.#chunk.type !== '') this.reader.skip(this.#left + 4);
    if (this.reader.left < 12) throw damagedFailure(this.file, 'it is cut short');
    const head = await this.#read(8);
    const length = head.readUInt32BE(0);
    if (length > MAX_CHUNK_BYTES) throw damagedFailure(this.file, 'it is damaged');
    if (length + 4 > this.reader.left) throw damagedFailure(this.file, 'it is cut short');
    this.#chunk = { type: head.toString('latin1', 4, 8), length };
    this.#left = length;
    this.#crc = crc32(head.subarray(4));
    return this.#chunk;
  }

  /** The whole data of a small chunk. */
  async data(): Promise<Buffer> {
    if (this.#chunk.length > MAX_SMALL_BYTES) throw damagedFailure(this.file, 'it is damaged');
    const data = Buffer.from(await this.take(this.#left));
    await this.#check();
    return data;
  }

  /** The next `length` bytes of the chunk, valid until the next call. */
  async take(length: number): Promise<Buffer> {
    if (length > this.#left) throw damagedFailure(this.file, 'it is damaged');
    const bytes = await this.#read(length);
    this.#left -= length;
    this.#crc = crc32(bytes, this.#crc);
    return bytes;
  }

  /** What is left of the chunk, in pieces that are valid until the next one. */
  async *pieces(): AsyncGenerator<Buffer> {
    while (this.#left > 0) yield await this.take(Math.min(this.#left, PIECE_BYTES));
    await this.#check();
  }

  async close(): Promise<void> {
    await this.reader.close();
  }

  async #check(): Promise<void> {
    const stored = (await this.#read(4)).readUInt32BE(0);
    this.#left = -4;
    if (stored !== this.#crc) throw damagedFailure(this.file, 'its data does not match its checksums');
  }

  async #read(length: number): Promise<Buffer> {
    try {
      const bytes = await this.reader.read(length);
      if (bytes === null) throw damagedFailure(this.file, 'it is cut short');
      return bytes;
    } catch (error) {
      throw error instanceof EnsembleError ? error : unreadableFile(this.file, error);
    }
  }
}
