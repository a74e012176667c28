import { pipeline } from 'node:stream/promises';
import { createInflate } from 'node:zlib';
import { EnsembleError } from '../../../../shared/errors.ts';
import { damagedFailure } from '../media-failures.ts';
import { type PngHeader, readHeader } from '../png-frames.ts';
import { type PngChunk, PngReader } from '../png-reader.ts';
import { encodeThumbnail } from './encode.ts';
import { painterOf, strideOf, unfilter } from './rows.ts';
import { Shrinker, thumbnailSize } from './shrink.ts';

/** Beyond this it would take seconds: a poster of 16,384² pixels. */
const MOST_PIXELS = 16_384 ** 2;
/** Decompressed bytes between two chances for everybody else. */
const BAND_BYTES = 128 * 1024;

export type Thumbnail = ReturnType<typeof encodeThumbnail>;

/**
 * Decodes a PNG row by row, never holding more than two of them, and lets others work in between.
 * @returns null for what is not made small here: interlaced, enormous, or damaged; @throws when aborted or not readable
 */
export async function makeThumbnail(file: string, signal: AbortSignal): Promise<Thumbnail | null> {
  try {
    const png = await PngReader.open(file);
    try {
      return await shrunk(png, signal);
    } finally {
      await png.close();
    }
  } catch (error) {
    // What cannot be decoded is for the page to try; what cannot be read is another matter.
    if (signal.aborted || (error instanceof EnsembleError && error.code === 'internal')) throw error;
    return null;
  }
}

async function shrunk(png: PngReader, signal: AbortSignal): Promise<Thumbnail | null> {
  const { header, first } = await readHeader(png);
  if (isInterlaced(header) || header.width * header.height > MOST_PIXELS) return null;
  const size = thumbnailSize(header);
  const shrinker = new Shrinker(header, size);
  const rows = new RowReader(header, shrinker, png.file);
  const inflate = createInflate({ chunkSize: BAND_BYTES });
  const read = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const band of source) rows.take(band);
  };
  await pipeline(compressed(png, first), inflate, read, { signal });
  return shrinker.isComplete ? encodeThumbnail(shrinker.pixels, size, shrinker.opaque) : null;
}

function isInterlaced({ setup }: PngHeader): boolean {
  return setup[0]?.[1][12] !== 0;
}

/** The picture that programs show which know no animations. */
async function* compressed(png: PngReader, first: PngChunk): AsyncGenerator<Buffer> {
  let begun = false;
  for (let chunk: PngChunk | null = first; chunk !== null; chunk = await png.next()) {
    if (chunk.type === 'IDAT') {
      begun = true;
      // The reader's own piece is overwritten by the next one while this one still waits.
      for await (const piece of png.pieces()) yield Buffer.from(piece);
    } else if (begun) return;
  }
}

/** Cuts what is decompressed into rows. */
class RowReader {
  /** The byte that names the filter, then the row. */
  readonly #line: Uint8Array;
  #above: Uint8Array;
  readonly #rgba: Uint8Array;
  readonly #paint: ReturnType<typeof painterOf>;
  readonly #step: number;
  #filled = 0;

  constructor(
    header: PngHeader,
    private readonly shrinker: Shrinker,
    private readonly file: string,
  ) {
    const stride = strideOf(header);
    this.#line = new Uint8Array(stride + 1);
    this.#above = new Uint8Array(stride);
    this.#rgba = new Uint8Array(header.width * 4);
    this.#paint = painterOf(header);
    this.#step = Math.max(1, strideOf({ ...header, width: 8 }) >> 3);
  }

  take(band: Uint8Array): void {
    for (let at = 0; at < band.length; ) {
      // Data without end must not keep us busy for ever.
      if (this.shrinker.isComplete) throw damagedFailure(this.file, 'it has more data than pixels');
      const part = band.subarray(at, at + this.#line.length - this.#filled);
      this.#line.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === this.#line.length) this.#row();
    }
  }

  #row(): void {
    this.#filled = 0;
    const row = this.#line.subarray(1);
    if (!unfilter(this.#line[0] ?? 0, row, this.#above, this.#step)) {
      throw damagedFailure(this.file, 'it is damaged');
    }
    this.#above.set(row);
    this.#paint(row, this.#rgba);
    this.shrinker.add(this.#rgba);
  }
}
