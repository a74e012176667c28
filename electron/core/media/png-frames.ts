import { damagedFailure } from './media-failures.ts';
import type { PngChunk, PngReader } from './png-reader.ts';

/** Where a frame lies on the canvas, and how it gets there. */
export interface FrameControl {
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
  /** 0: stays; 1: its place is cleared; 2: what was there before comes back. */
  readonly dispose: number;
  /** 0: replaces what is there; 1: is laid over it. */
  readonly blend: number;
}

/** `data`: the chunk at hand holds compressed pixels of the frame that came last; read `png.pieces()` or leave it. */
export type FramePart =
  | { readonly kind: 'frame'; readonly control: FrameControl }
  | { readonly kind: 'data' };

/** What all pictures of one joined file have in common. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly color: number;
  /** IHDR, PLTE and tRNS, as `[type, data]`: pictures fit together when these are equal. */
  readonly setup: readonly (readonly [string, Buffer])[];
}

const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};
const INDEXED = 3;
/** Colour types whose alpha is not a channel of its own. */
const WITH_TRNS: readonly number[] = [0, 2, 3];

/**
 * Reads up to the first pixel data.
 * @returns also the number of frames that it claims to have; null for a still picture
 */
export async function readHeader(
  png: PngReader,
): Promise<{ readonly header: PngHeader; readonly claimed: number | null; readonly first: PngChunk }> {
  const start = await png.next();
  const data = start?.type === 'IHDR' ? await png.data() : Buffer.alloc(0);
  const base = headerOf(png, data);
  const setup: (readonly [string, Buffer])[] = [['IHDR', data]];
  let claimed: number | null = null;
  for (let chunk = await png.next(); chunk !== null; chunk = await png.next()) {
    if (chunk.type === 'IDAT' || chunk.type === 'fcTL') {
      const known = setup.some(([type]) => type === 'PLTE');
      if (base.color === INDEXED && !known) throw damagedFailure(png.file, 'it has no palette');
      return { header: { ...base, setup }, claimed, first: chunk };
    }
    if (isSetup(chunk.type, base.color, setup)) setup.push([chunk.type, await png.data()]);
    if (chunk.type === 'acTL') claimed = (await png.take(4)).readUInt32BE(0);
  }
  throw damagedFailure(png.file, 'there is no picture in it');
}

function headerOf(png: PngReader, data: Buffer): Omit<PngHeader, 'setup'> {
  if (data.length !== 13) throw damagedFailure(png.file, 'it has no header');
  const [width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)];
  const [depth, color] = [data.readUInt8(8), data.readUInt8(9)];
  const possible = (DEPTHS[color] ?? []).includes(depth) && Math.min(width, height) > 0;
  if (!possible || Math.max(width, height) >= 2 ** 31)
    throw damagedFailure(png.file, 'its header is damaged');
  return { width, height, depth, color };
}

function isSetup(type: string, color: number, setup: PngHeader['setup']): boolean {
  const fits = (type === 'PLTE' && color === INDEXED) || (type === 'tRNS' && WITH_TRNS.includes(color));
  return fits && !setup.some(([known]) => known === type);
}

/**
 * The frames of a picture, one for a still one. The picture that an animation has only for programs that know none is
 * left out.
 * @throws EnsembleError that names the file, for what no decoder could make sense of
 */
export async function* framesOf(
  png: PngReader,
  { header, claimed, first }: Awaited<ReturnType<typeof readHeader>>,
): AsyncGenerator<FramePart> {
  const animated = claimed !== null;
  let open = false;
  let filled = true;
  if (!animated) {
    yield { kind: 'frame', control: whole(header) };
    [open, filled] = [true, false];
  }
  for (let chunk: PngChunk | null = first; chunk !== null; chunk = await png.next()) {
    if (animated && chunk.type === 'fcTL') {
      if (!filled) break;
      yield { kind: 'frame', control: controlOf(png, await png.data(), header, !open) };
      [open, filled] = [true, false];
    } else if (open && (chunk.type === 'IDAT' || (animated && chunk.type === 'fdAT'))) {
      if (chunk.type === 'fdAT') await png.take(4);
      filled = true;
      yield { kind: 'data' };
    }
  }
  if (!open || !filled) throw damagedFailure(png.file, 'a picture in it has no data');
}

function whole({ width, height }: PngHeader): FrameControl {
  return { width, height, x: 0, y: 0, dispose: 0, blend: 0 };
}

function controlOf(png: PngReader, data: Buffer, header: PngHeader, first: boolean): FrameControl {
  if (data.length !== 26) throw damagedFailure(png.file, 'it is damaged');
  const [width, height] = [data.readUInt32BE(4), data.readUInt32BE(8)];
  const [x, y] = [data.readUInt32BE(12), data.readUInt32BE(16)];
  const [dispose, blend] = [data.readUInt8(24), data.readUInt8(25)];
  const inside = width > 0 && height > 0 && x + width <= header.width && y + height <= header.height;
  if (!inside || dispose > 2 || blend > 1) throw damagedFailure(png.file, 'it is damaged');
  if (!first) return { width, height, x, y, dispose, blend };
  // Later in a longer animation, the first frame must not let the pictures before it shine through.
  const full = width === header.width && height === header.height;
  if (!full) throw damagedFailure(png.file, 'its first picture does not fill it');
  return { width, height, x, y, dispose: dispose === 2 ? 1 : dispose, blend: 0 };
}
