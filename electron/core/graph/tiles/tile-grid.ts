/** Where the tiles of a picture are. Pure arithmetic in pixels. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What the node says. */
export interface TileSetting extends Size {
  /** Around a tile, for context. */
  readonly padding: number;
  /** Every tile is sampled at the tile's size plus one padding, as Ultimate SD Upscale does it. */
  readonly uniform: boolean;
}

export interface Tile {
  /** Where its crop begins in the picture. */
  readonly x: number;
  readonly y: number;
  /** The part of the crop that is pasted; between them the parts of all tiles are the whole picture, without overlap. */
  readonly part: Size & { readonly x: number; readonly y: number };
}

export interface TileGrid {
  /** Of every crop: moved, not shrunk, where it would leave the picture. */
  readonly crop: Size;
  /** What is sampled: whole latents. */
  readonly sampled: Size;
  /** Row by row. */
  readonly tiles: readonly Tile[];
}

const LATENT = 8;

export function tileGrid(picture: Size, { width, height, padding, uniform }: TileSetting): TileGrid {
  const crop = {
    width: Math.min(picture.width, width + 2 * padding),
    height: Math.min(picture.height, height + 2 * padding),
  };
  // One factor for both sides: a picture must not be stretched.
  const scale = uniform
    ? Math.max((width + padding) / (width + 2 * padding), (height + padding) / (height + 2 * padding))
    : 1;
  const sampled = { width: wholeLatents(crop.width * scale), height: wholeLatents(crop.height * scale) };
  const tiles: Tile[] = [];
  for (let top = 0; top < picture.height; top += height) {
    for (let left = 0; left < picture.width; left += width) {
      const x = clamp(left - padding, picture.width - crop.width);
      const y = clamp(top - padding, picture.height - crop.height);
      const part = {
        x: left - x,
        y: top - y,
        width: Math.min(width, picture.width - left),
        height: Math.min(height, picture.height - top),
      };
      tiles.push({ x, y, part });
    }
  }
  return { crop, sampled, tiles };
}

function wholeLatents(pixels: number): number {
  return Math.max(LATENT, Math.ceil(Math.round(pixels) / LATENT) * LATENT);
}

function clamp(at: number, most: number): number {
  return Math.min(Math.max(0, at), most);
}
