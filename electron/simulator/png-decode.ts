import { inflateSync } from 'node:zlib';
import { SIGNATURE } from './png.ts';

/** A decoded PNG: every frame as whole RGBA pictures of the file's size. */
export interface DecodedPng {
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
  readonly frames: readonly Uint8Array[];
  readonly text: Readonly<Record<string, string>>;
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly color: number;
}
interface Palette {
  readonly colors: Buffer | null;
  readonly alpha: Buffer | null;
}
interface FrameControl {
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
  readonly dispose: number;
  readonly blend: number;
  readonly data: Buffer[];
}
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Throws an Error with a sentence for what is no PNG, is damaged, or is interlaced. */
export function decodePng(bytes: Buffer): DecodedPng {
  if (!bytes.subarray(0, 8).equals(SIGNATURE)) throw new Error('The file is not a PNG.');
  let header: Header | null = null;
  const palette: { colors: Buffer | null; alpha: Buffer | null } = { colors: null, alpha: null };
  const text: Record<string, string> = {};
  const still: Buffer[] = [];
  const controls: FrameControl[] = [];
  for (const { type, data } of chunksOf(bytes)) {
    if (type === 'IHDR') header = readHeader(data);
    else if (type === 'PLTE') palette.colors = data;
    else if (type === 'tRNS') palette.alpha = data;
    else if (type === 'tEXt') {
      const end = data.indexOf(0);
      text[data.toString('latin1', 0, end)] = data.toString('latin1', end + 1);
    } else if (type === 'fcTL') controls.push(readControl(data));
    else if (type === 'IDAT') (controls.at(-1)?.data ?? still).push(data);
    else if (type === 'fdAT') controls.at(-1)?.data.push(data.subarray(4));
  }
  if (header === null) throw new Error('The PNG has no header.');
  const whole = { width: header.width, height: header.height, x: 0, y: 0, dispose: 0, blend: 0, data: still };
  const frames = composeFrames(header, palette, controls.length > 0 ? controls : [whole]);
  const hasAlpha = header.color === 4 || header.color === 6 || palette.alpha !== null;
  return { width: header.width, height: header.height, hasAlpha, frames, text };
}

function* chunksOf(bytes: Buffer): Generator<{ readonly type: string; readonly data: Buffer }> {
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (at + 12 + length > bytes.length) throw new Error('The PNG is cut short.');
    yield { type: bytes.toString('latin1', at + 4, at + 8), data: bytes.subarray(at + 8, at + 8 + length) };
    at += 12 + length;
  }
}

function readHeader(data: Buffer): Header {
  if (data[12] !== 0) throw new Error('Interlaced PNGs are not supported.');
  return {
    width: data.readUInt32BE(0),
    height: data.readUInt32BE(4),
    depth: data[8] ?? 8,
    color: data[9] ?? 2,
  };
}

function readControl(data: Buffer): FrameControl {
  return {
    width: data.readUInt32BE(4),
    height: data.readUInt32BE(8),
    x: data.readUInt32BE(12),
    y: data.readUInt32BE(16),
    dispose: data[24] ?? 0,
    blend: data[25] ?? 0,
    data: [],
  };
}

function composeFrames(header: Header, palette: Palette, controls: readonly FrameControl[]): Uint8Array[] {
  let canvas = new Uint8Array(header.width * header.height * 4);
  const frames: Uint8Array[] = [];
  for (const control of controls) {
    const before = canvas.slice();
    const pixels = decodePixels(
      { ...header, width: control.width, height: control.height },
      palette,
      control.data,
    );
    paste(canvas, header.width, pixels, control);
    frames.push(canvas.slice());
    if (control.dispose === 2) canvas = before;
    else if (control.dispose === 1)
      paste(canvas, header.width, new Uint8Array(pixels.length), { ...control, blend: 0 });
  }
  return frames;
}

function paste(canvas: Uint8Array, canvasWidth: number, pixels: Uint8Array, frame: FrameControl): void {
  for (let index = 0; index < frame.width * frame.height; index += 1) {
    const x = frame.x + (index % frame.width);
    const y = frame.y + Math.floor(index / frame.width);
    const to = (y * canvasWidth + x) * 4;
    const alpha = frame.blend === 0 ? 255 : (pixels[index * 4 + 3] ?? 0);
    for (let channel = 0; channel < 4; channel += 1) {
      const source = pixels[index * 4 + channel] ?? 0;
      const under = canvas[to + channel] ?? 0;
      const over = channel === 3 ? Math.max(under, alpha) : (source * alpha + under * (255 - alpha)) / 255;
      canvas[to + channel] = alpha === 255 ? source : Math.round(over);
    }
  }
}

function decodePixels(header: Header, palette: Palette, data: readonly Buffer[]): Uint8Array {
  const samples = SAMPLES[header.color];
  if (samples === undefined) throw new Error('The PNG has an unknown colour type.');
  const stride = Math.ceil((header.width * samples * header.depth) / 8);
  const raw = inflateSync(Buffer.concat(data));
  if (raw.length < (stride + 1) * header.height) throw new Error('The PNG is cut short.');
  unfilter(raw, stride, header.height, Math.max(1, (samples * header.depth) >> 3));
  const pixels = new Uint8Array(header.width * header.height * 4);
  for (let y = 0; y < header.height; y += 1) {
    const row = raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1));
    for (let x = 0; x < header.width; x += 1) {
      const values = Array.from({ length: samples }, (_, index) => sample(row, x * samples + index, header));
      pixels.set(toRgba(values, header.color, palette), (y * header.width + x) * 4);
    }
  }
  return pixels;
}

function sample(row: Buffer, index: number, { depth, color }: Header): number {
  if (depth === 8) return row[index] ?? 0;
  if (depth === 16) return row[index * 2] ?? 0;
  const bit = index * depth;
  const value = ((row[bit >> 3] ?? 0) >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
  return color === 3 ? value : Math.round((value * 255) / ((1 << depth) - 1));
}

function toRgba(values: readonly number[], color: number, palette: Palette): readonly number[] {
  const [first = 0, second = 0, third = 0, fourth = 255] = values;
  if (color === 0) return [first, first, first, 255];
  if (color === 4) return [first, first, first, second];
  if (color === 3) {
    const at = first * 3;
    const colors = palette.colors;
    return [colors?.[at] ?? 0, colors?.[at + 1] ?? 0, colors?.[at + 2] ?? 0, palette.alpha?.[first] ?? 255];
  }
  return [first, second, third, fourth];
}

function unfilter(raw: Buffer, stride: number, height: number, step: number): void {
  for (let y = 0; y < height; y += 1) {
    const row = y * (stride + 1) + 1;
    const kind = raw[row - 1] ?? 0;
    if (kind === 0) continue;
    for (let x = 0; x < stride; x += 1) {
      const left = x >= step ? (raw[row + x - step] ?? 0) : 0;
      const above = y > 0 ? (raw[row + x - stride - 1] ?? 0) : 0;
      const corner = x >= step && y > 0 ? (raw[row + x - stride - 1 - step] ?? 0) : 0;
      raw[row + x] = (raw[row + x] ?? 0) + predict(kind, left, above, corner);
    }
  }
}

function predict(kind: number, left: number, above: number, corner: number): number {
  if (kind === 1) return left;
  if (kind === 2) return above;
  if (kind === 3) return (left + above) >> 1;
  const estimate = left + above - corner;
  const [toLeft, toAbove, toCorner] = [
    Math.abs(estimate - left),
    Math.abs(estimate - above),
    Math.abs(estimate - corner),
  ];
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}
