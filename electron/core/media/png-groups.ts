import type { PngHeader } from './png-frames.ts';

export interface PngFacts {
  readonly file: string;
  readonly header: PngHeader;
  readonly frames: number;
}

/** Pictures, in their order, that fit into one file: a run of equal size, colour type, depth and palette each. */
export function groupPngs(pictures: readonly PngFacts[]): readonly (readonly PngFacts[])[] {
  const groups: PngFacts[][] = [];
  let last = '';
  for (const picture of pictures) {
    const key = setupKey(picture.header);
    const group = groups.at(-1);
    if (group !== undefined && key === last) group.push(picture);
    else groups.push([picture]);
    last = key;
  }
  return groups;
}

export function setupKey({ setup }: PngHeader): string {
  return setup.map(([type, data]) => `${type}${data.toString('base64')}`).join(' ');
}

const COLORS: Readonly<Record<number, string>> = {
  0: 'grey',
  2: 'RGB',
  3: 'palette',
  4: 'grey with alpha',
  6: 'RGBA',
};

/** At most one sentence about sizes and one about colours: what ComfyUI does with pictures that are not alike. */
export function differences(headers: readonly PngHeader[]): readonly string[] {
  const [first] = headers;
  if (first === undefined) return [];
  const warnings: string[] = [];
  const size = sizeOf(first);
  const other = headers.map(sizeOf).find((candidate) => candidate !== size);
  if (other !== undefined) {
    warnings.push(
      `The pictures do not have one size (${size} and ${other}): ` +
        `ComfyUI scales those of another size to ${size}, the size of the first (centre crop, bilinear).`,
    );
  }
  const color = colorOf(first);
  const unlike = headers.map(colorOf).find((candidate) => candidate !== color);
  if (unlike !== undefined) {
    warnings.push(
      `The pictures do not have one colour type (${color} and ${unlike}): ` +
        'ComfyUI loads them all as RGB, so that transparency is lost.',
    );
  }
  return warnings;
}

function sizeOf({ width, height }: PngHeader): string {
  return `${width} × ${height}`;
}

function colorOf({ color, depth }: PngHeader): string {
  return `${COLORS[color] ?? 'unknown'}, ${depth} bit`;
}
