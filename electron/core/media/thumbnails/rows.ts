import type { PngHeader } from '../png-frames.ts';

/** From the filtered bytes of a PNG's rows to pixels. Pure. */

const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Bytes of one row, without the byte that names its filter. */
export function strideOf({ width, depth, color }: Pick<PngHeader, 'width' | 'depth' | 'color'>): number {
  return Math.ceil((width * (SAMPLES[color] ?? 1) * depth) / 8);
}

/**
 * Takes a row's filter back, in place.
 * @param above the row before, unfiltered; zeros for the first
 * @param step bytes of a pixel, at least 1
 * @returns false for a filter that does not exist
 */
export function unfilter(kind: number, row: Uint8Array, above: Uint8Array, step: number): boolean {
  if (kind === 1) for (let x = step; x < row.length; x += 1) row[x] = at(row, x) + at(row, x - step);
  else if (kind === 2) for (let x = 0; x < row.length; x += 1) row[x] = at(row, x) + at(above, x);
  else if (kind === 3) {
    for (let x = 0; x < row.length; x += 1) {
      const left = x < step ? 0 : at(row, x - step);
      row[x] = at(row, x) + ((left + at(above, x)) >> 1);
    }
  } else if (kind === 4) paeth(row, above, step);
  return kind <= 4;
}

function paeth(row: Uint8Array, above: Uint8Array, step: number): void {
  for (let x = 0; x < row.length; x += 1) {
    const left = x < step ? 0 : at(row, x - step);
    const up = at(above, x);
    const corner = x < step ? 0 : at(above, x - step);
    const toLeft = Math.abs(up - corner);
    const toUp = Math.abs(left - corner);
    const toCorner = Math.abs(left + up - 2 * corner);
    const nearest = toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    row[x] = at(row, x) + nearest;
  }
}

/** Writes a row as RGBA. @returns what does it for pictures of this kind */
export function painterOf(header: PngHeader): (row: Uint8Array, rgba: Uint8Array) => void {
  const { width, depth, color, setup } = header;
  if (depth === 8 && color === 2) return paintColours;
  const palette = setup.find(([type]) => type === 'PLTE')?.[1];
  const see = setup.find(([type]) => type === 'tRNS')?.[1] ?? null;
  const samples = SAMPLES[color] ?? 1;
  const sample = samplerOf(depth);
  const full = depth === 16 ? 255 : (1 << depth) - 1;
  return (row, rgba) => {
    for (let x = 0, to = 0; x < width; x += 1, to += 4) {
      const first = sample(row, x * samples);
      if (color === 3) {
        for (let channel = 0; channel < 3; channel += 1)
          rgba[to + channel] = palette?.[first * 3 + channel] ?? 0;
        rgba[to + 3] = see?.[first] ?? 255;
      } else if (samples < 3) {
        rgba.fill((first * 255) / full, to, to + 3);
        rgba[to + 3] = samples === 2 ? sample(row, x * 2 + 1) : 255;
      } else {
        rgba[to] = first;
        rgba[to + 1] = sample(row, x * samples + 1);
        rgba[to + 2] = sample(row, x * samples + 2);
        rgba[to + 3] = samples === 4 ? sample(row, x * samples + 3) : 255;
      }
    }
  };
}

/** By far the most pictures are of this kind. */
function paintColours(row: Uint8Array, rgba: Uint8Array): void {
  for (let from = 0, to = 0; from < row.length; from += 3, to += 4) {
    rgba[to] = at(row, from);
    rgba[to + 1] = at(row, from + 1);
    rgba[to + 2] = at(row, from + 2);
    rgba[to + 3] = 255;
  }
}

/** 16 bits lose their lower half: nobody sees it in a thumbnail. */
function samplerOf(depth: number): (row: Uint8Array, index: number) => number {
  if (depth === 8) return at;
  if (depth === 16) return (row, index) => at(row, index * 2);
  const mask = (1 << depth) - 1;
  return (row, index) => (at(row, (index * depth) >> 3) >> (8 - depth - ((index * depth) & 7))) & mask;
}

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
