import type { FileHandle } from 'node:fs/promises';
import { crc32 } from './crc32.ts';
import { PIECE_BYTES } from './file-reader.ts';
import type { FrameControl, PngHeader } from './png-frames.ts';
import { SIGNATURE } from './png-reader.ts';

/** Nobody plays it: each frame is one picture of a batch. */
const DELAY_SECONDS = [1, 10] as const;

/** Room for some pieces: one write each would cost more than the checksums. */
const BUFFER_BYTES = 4 * PIECE_BYTES;

/** Writes a PNG, animated when there is more than one frame, out of data that is already compressed. */
export class PngWriter {
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #used = 0;
  #sequence = 0;
  #frame = -1;

  constructor(
    private readonly handle: FileHandle,
    private readonly frames: number,
  ) {}

  async begin({ setup }: PngHeader): Promise<void> {
    this.#used = SIGNATURE.copy(this.#buffer);
    const [ihdr, ...rest] = setup;
    if (ihdr !== undefined) await this.#write(...ihdr);
    if (this.frames > 1) await this.#write('acTL', numbers(this.frames, 0));
    for (const [type, data] of rest) await this.#write(type, data);
  }

  async frame({ width, height, x, y, dispose, blend }: FrameControl): Promise<void> {
    this.#frame += 1;
    if (this.frames === 1) return;
    const place = numbers(this.#next(), width, height, x, y);
    const manner = Buffer.from([0, DELAY_SECONDS[0], 0, DELAY_SECONDS[1], dispose, blend]);
    await this.#write('fcTL', place, manner);
  }

  /** @param piece compressed pixels of the frame that was begun last, at most PIECE_BYTES */
  async data(piece: Buffer): Promise<void> {
    if (this.#frame === 0) await this.#write('IDAT', piece);
    else await this.#write('fdAT', numbers(this.#next()), piece);
  }

  async end(): Promise<void> {
    await this.#write('IEND');
    await this.#flush();
  }

  #next(): number {
    this.#sequence += 1;
    return this.#sequence - 1;
  }

  async #write(type: string, ...content: readonly Buffer[]): Promise<void> {
    const size = content.reduce((sum, part) => sum + part.length, 0);
    if (this.#used + size + 12 > BUFFER_BYTES) await this.#flush();
    const chunk = this.#buffer.subarray(this.#used, this.#used + size + 12);
    chunk.writeUInt32BE(size, 0);
    chunk.write(type, 4, 'latin1');
    let at = 8;
    for (const part of content) at += part.copy(chunk, at);
    chunk.writeUInt32BE(crc32(chunk.subarray(4, at)), at);
    this.#used += chunk.length;
  }

  async #flush(): Promise<void> {
    await this.handle.appendFile(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}
