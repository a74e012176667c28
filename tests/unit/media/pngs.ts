import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { chunk, SIGNATURE } from '../../../electron/simulator/png.ts';

/** PNGs made by hand: any colour type and depth, cut into as many chunks as one likes. */

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly color: number;
  /** Filtered rows as they are before compression. */
  readonly rows: Buffer;
}

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export function bytesPerPicture({ width, height, depth, color }: Omit<Picture, 'rows'>): number {
  return height * (1 + Math.ceil((width * (CHANNELS[color] ?? 1) * depth) / 8));
}

/** Pixels from a small set of sizes and colour types, so that neighbours are often alike. */
export const picture: fc.Arbitrary<Picture> = fc
  .record({
    width: fc.constantFrom(1, 5, 9),
    height: fc.constantFrom(1, 4),
    kind: fc.constantFrom([8, 2], [8, 6], [8, 3], [16, 0], [1, 0]),
    fill: fc.infiniteStream(fc.nat(255)),
  })
  .map(({ width, height, kind: [depth = 8, color = 2], fill }) => {
    const size = bytesPerPicture({ width, height, depth, color });
    const rows = Buffer.alloc(size);
    const stride = size / height;
    for (let at = 0; at < size; at += 1) rows[at] = at % stride === 0 ? 0 : (fill.next().value ?? 0);
    return { width, height, depth, color, rows };
  });

const PALETTE = Buffer.alloc(768, 7);

export function header({ width, height, depth, color }: Picture): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([depth, color, 0, 0, 0], 8);
  return chunk('IHDR', data);
}

/** @param pieces bytes per IDAT chunk */
export function still(image: Picture, pieces = 7, text = 'prompt\0{"secret":1}'): Buffer {
  return Buffer.concat([
    SIGNATURE,
    header(image),
    chunk('tEXt', Buffer.from(text, 'latin1')),
    ...palette(image),
    ...cut(deflateSync(image.rows), pieces).map((part) => chunk('IDAT', part)),
    chunk('iTXt', Buffer.from('late\0\0\0\0\0words')),
    chunk('IEND'),
  ]);
}

/** An animation of pictures that are alike. @param hidden a picture that is not part of it */
export function animated(images: readonly Picture[], hidden: Picture | null = null): Buffer {
  const [first] = images;
  if (first === undefined) throw new Error('no picture');
  let sequence = 0;
  const parts = images.flatMap((image, index) => {
    const control = chunk('fcTL', frameControl(sequence++, image));
    const data = cut(deflateSync(image.rows), 9).map((part) =>
      index === 0 && hidden === null ? chunk('IDAT', part) : chunk('fdAT', word(sequence++), part),
    );
    return [control, ...data];
  });
  const before = hidden === null ? [] : [chunk('IDAT', deflateSync(hidden.rows))];
  return Buffer.concat([
    SIGNATURE,
    header(first),
    chunk('acTL', word(images.length), word(0)),
    ...palette(first),
    ...before,
    ...parts,
    chunk('IEND'),
  ]);
}

export function frameControl(sequence: number, { width, height }: Picture, x = 0, y = 0): Buffer {
  const manner = Buffer.from([0, 1, 0, 9, 0, 1]);
  return Buffer.concat([word(sequence), word(width), word(height), word(x), word(y), manner]);
}

export function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function palette({ color }: Picture): Buffer[] {
  return color === 3 ? [chunk('PLTE', PALETTE)] : [];
}

function cut(bytes: Buffer, size: number): Buffer[] {
  const count = Math.max(1, Math.ceil(bytes.length / size));
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

/** Types of the chunks, and the rows of each frame, read the plain way. Checks order numbers. */
export function readFrames(bytes: Buffer): {
  readonly types: readonly string[];
  readonly rows: readonly Buffer[];
} {
  const types: string[] = [];
  const frames: Buffer[][] = [];
  let sequence = 0;
  const count = (data: Buffer): void => {
    if (data.readUInt32BE(0) !== sequence)
      throw new Error(`sequence ${data.readUInt32BE(0)}, not ${sequence}`);
    sequence += 1;
  };
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (!chunk(type, data).equals(bytes.subarray(at, at + 12 + length))) throw new Error('wrong checksum');
    types.push(type);
    if (type === 'fcTL') {
      count(data);
      frames.push([]);
    } else if (type === 'IDAT') {
      if (frames.length === 0) frames.push([]);
      frames.at(-1)?.push(data);
    } else if (type === 'fdAT') {
      count(data);
      frames.at(-1)?.push(data.subarray(4));
    }
    at += 12 + length;
  }
  return { types, rows: frames.map((parts) => inflateSync(Buffer.concat(parts))) };
}
