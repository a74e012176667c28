import { PythonError } from '../graph/python-text.ts';
import type { ImageBatch, MaskBatch } from '../graph/values.ts';

/** Pure operations on batches of RGB pictures. */

export function emptyImage(width: number, height: number, count: number, color: number): ImageBatch {
  const frame = new Uint8Array(width * height * 3);
  for (let at = 0; at < frame.length; at += 3) {
    frame[at] = (color >> 16) & 0xff;
    frame[at + 1] = (color >> 8) & 0xff;
    frame[at + 2] = color & 0xff;
  }
  return { kind: 'IMAGE', width, height, frames: Array.from({ length: count }, () => frame) };
}

export function invert(image: ImageBatch): ImageBatch {
  return { ...image, frames: image.frames.map((frame) => frame.map((value) => 255 - value)) };
}

export function crop(
  image: ImageBatch,
  left: number,
  top: number,
  width: number,
  height: number,
): ImageBatch {
  const x = Math.min(left, image.width - 1);
  const y = Math.min(top, image.height - 1);
  const size = { width: Math.min(width, image.width - x), height: Math.min(height, image.height - y) };
  const frames = image.frames.map((frame) => {
    const part = new Uint8Array(size.width * size.height * 3);
    for (let row = 0; row < size.height; row += 1) {
      const from = ((y + row) * image.width + x) * 3;
      part.set(frame.subarray(from, from + size.width * 3), row * size.width * 3);
    }
    return part;
  });
  return { kind: 'IMAGE', ...size, frames };
}

/** Width or height 0 keeps the aspect ratio; nearest for "nearest-exact", bilinear for every other method. */
export function scale(
  image: ImageBatch,
  width: number,
  height: number,
  nearest: boolean,
  center: boolean,
): ImageBatch {
  const w = width === 0 ? Math.max(1, Math.round((image.width * height) / image.height)) : width;
  const h = height === 0 ? Math.max(1, Math.round((image.height * width) / image.width)) : height;
  if (width === 0 && height === 0) return image;
  const source = center ? centered(image, w / h) : image;
  if (source.width === w && source.height === h) return source;
  const frames = source.frames.map((frame) => resample(frame, source.width, source.height, w, h, nearest));
  return { kind: 'IMAGE', width: w, height: h, frames };
}

function centered(image: ImageBatch, aspect: number): ImageBatch {
  const width = Math.min(image.width, Math.round(image.height * aspect));
  const height = Math.min(image.height, Math.round(image.width / aspect));
  return crop(
    image,
    Math.round((image.width - width) / 2),
    Math.round((image.height - height) / 2),
    width,
    height,
  );
}

function resample(
  from: Uint8Array,
  width: number,
  height: number,
  w: number,
  h: number,
  nearest: boolean,
): Uint8Array {
  const to = new Uint8Array(w * h * 3);
  const at = (x: number, y: number, channel: number): number =>
    from[
      (Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))) * 3 + channel
    ] ?? 0;
  for (let y = 0; y < h; y += 1) {
    const sourceY = ((y + 0.5) * height) / h;
    for (let x = 0; x < w; x += 1) {
      const sourceX = ((x + 0.5) * width) / w;
      for (let channel = 0; channel < 3; channel += 1) {
        to[(y * w + x) * 3 + channel] = nearest
          ? at(Math.floor(sourceX), Math.floor(sourceY), channel)
          : Math.round(bilinear(at, sourceX - 0.5, sourceY - 0.5, channel));
      }
    }
  }
  return to;
}

function bilinear(
  at: (x: number, y: number, channel: number) => number,
  x: number,
  y: number,
  channel: number,
): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const [dx, dy] = [x - left, y - top];
  const above = at(left, top, channel) * (1 - dx) + at(left + 1, top, channel) * dx;
  const below = at(left, top + 1, channel) * (1 - dx) + at(left + 1, top + 1, channel) * dx;
  return above * (1 - dy) + below * dy;
}

/** The second batch takes the size of the first. */
export function joinBatches(first: ImageBatch, second: ImageBatch): ImageBatch {
  return {
    ...first,
    frames: [...first.frames, ...scale(second, first.width, first.height, false, true).frames],
  };
}

export function imageFromBatch(image: ImageBatch, index: number, length: number): ImageBatch {
  const total = image.frames.length;
  const start = Math.max(0, Math.min(total - 1, index < 0 ? index + total : index));
  return { ...image, frames: image.frames.slice(start, start + length) };
}

export interface Placement {
  readonly x: number;
  readonly y: number;
  readonly resize: boolean;
}

export function compose(
  destination: ImageBatch,
  source: ImageBatch,
  mask: MaskBatch | null,
  place: Placement,
): ImageBatch {
  const over = place.resize ? scale(source, destination.width, destination.height, false, false) : source;
  if (over.frames.length === 0) throw new PythonError('RuntimeError', 'The source batch is empty.');
  const frames = destination.frames.map((frame, index) => {
    const result = frame.slice();
    const top = over.frames[index % over.frames.length] ?? frame;
    const alpha = mask?.frames[index % mask.frames.length] ?? null;
    for (let y = Math.max(0, -place.y); y < over.height && y + place.y < destination.height; y += 1) {
      for (let x = 0; x < over.width && x + place.x < destination.width; x += 1) {
        const share =
          alpha === null || mask === null ? 1 : maskAt(mask, alpha, x / over.width, y / over.height);
        const to = ((y + place.y) * destination.width + x + place.x) * 3;
        for (let channel = 0; channel < 3; channel += 1) {
          const value = top[(y * over.width + x) * 3 + channel] ?? 0;
          result[to + channel] = Math.round(value * share + (frame[to + channel] ?? 0) * (1 - share));
        }
      }
    }
    return result;
  });
  return { ...destination, frames };
}

function maskAt(mask: MaskBatch, alpha: Uint8Array, u: number, v: number): number {
  return (alpha[Math.floor(v * mask.height) * mask.width + Math.floor(u * mask.width)] ?? 0) / 255;
}
