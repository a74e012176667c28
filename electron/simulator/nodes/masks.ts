import { PythonError } from '../graph/python-text.ts';
import type { ImageBatch, MaskBatch } from '../graph/values.ts';

/** Pure operations on batches of masks, one byte per pixel. */

const MOST = 255;

type Operation = (under: number, over: number) => number;

const APPLY: Readonly<Record<string, Operation>> = {
  multiply: (under, over) => Math.round((under * over) / MOST),
  add: (under, over) => under + over,
  subtract: (under, over) => under - over,
  and: (under, over) => (isOn(under) && isOn(over) ? MOST : 0),
  or: (under, over) => (isOn(under) || isOn(over) ? MOST : 0),
  xor: (under, over) => (isOn(under) === isOn(over) ? 0 : MOST),
};

export const OPERATIONS = Object.keys(APPLY);

function isOn(value: number): boolean {
  return value * 2 > MOST;
}

export function composeMasks(
  under: MaskBatch,
  over: MaskBatch,
  place: { readonly x: number; readonly y: number },
  operation: string,
): MaskBatch {
  const apply = APPLY[operation] ?? ((value) => value);
  const frames = under.frames.map((frame, index) => {
    const result = Uint8ClampedArray.from(frame);
    const top = over.frames[index % over.frames.length] ?? frame;
    for (let y = 0; y < over.height && y + place.y < under.height; y += 1) {
      for (let x = 0; x < over.width && x + place.x < under.width; x += 1) {
        const at = (y + place.y) * under.width + x + place.x;
        result[at] = apply(frame[at] ?? 0, top[y * over.width + x] ?? 0);
      }
    }
    return Uint8Array.from(result);
  });
  return { ...under, frames };
}

export function pictureOf({ width, height, frames }: MaskBatch): ImageBatch {
  const grey = (frame: Uint8Array): Uint8Array => {
    const picture = new Uint8Array(frame.length * 3);
    for (const [at, value] of frame.entries()) picture.fill(value, at * 3, at * 3 + 3);
    return picture;
  };
  return { kind: 'IMAGE', width, height, frames: frames.map(grey) };
}

/** @param channel 0 red, 1 green, 2 blue; pictures here have no fourth */
export function maskOf({ width, height, frames }: ImageBatch, channel: number): MaskBatch {
  if (channel > 2)
    throw new PythonError('IndexError', 'index 3 is out of bounds for dimension 3 with size 3');
  const one = (frame: Uint8Array): Uint8Array =>
    Uint8Array.from({ length: width * height }, (_, at) => frame[at * 3 + channel] ?? 0);
  return { kind: 'MASK', width, height, frames: frames.map(one) };
}

/** Gaussian whose σ is a share of its radius; mirrors at the edges. */
export function blur(image: ImageBatch, radius: number, sigma: number): ImageBatch {
  const { width, height } = image;
  if (radius >= width || radius >= height) {
    throw new PythonError(
      'RuntimeError',
      'Padding size should be less than the corresponding input dimension',
    );
  }
  const weights = Array.from({ length: 2 * radius + 1 }, (_, at) =>
    Math.exp(-((at / radius - 1) ** 2) / (2 * sigma * sigma)),
  );
  const frames = image.frames.map((frame) => {
    const across = pass(Float64Array.from(frame), weights, { length: width, stride: 3, size: frame.length });
    const down = pass(across, weights, { length: height, stride: 3 * width, size: frame.length });
    return Uint8Array.from(down, (value) => Math.round(value));
  });
  return { ...image, frames };
}

interface Axis {
  readonly length: number;
  /** From one pixel to the next along it. */
  readonly stride: number;
  readonly size: number;
}

function pass(from: Float64Array, weights: readonly number[], { length, stride, size }: Axis): Float64Array {
  const radius = (weights.length - 1) / 2;
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const to = new Float64Array(size);
  for (let at = 0; at < size; at += 1) {
    const position = Math.floor(at / stride) % length;
    let value = 0;
    for (const [index, weight] of weights.entries()) {
      const other = mirrored(position + index - radius, length);
      value += weight * (from[at + (other - position) * stride] ?? 0);
    }
    to[at] = value / sum;
  }
  return to;
}

function mirrored(position: number, length: number): number {
  if (position < 0) return -position;
  return position < length ? position : 2 * (length - 1) - position;
}
