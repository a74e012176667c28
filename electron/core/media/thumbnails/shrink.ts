/** Longest edge of a thumbnail, pixels: tiles are 164 to 330 wide. */
export const THUMBNAIL_EDGE = 320;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** As large as fits, in the picture's own shape; never larger than the picture. */
export function thumbnailSize({ width, height }: Size, edge = THUMBNAIL_EDGE): Size {
  const scale = Math.min(1, edge / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** A pixel or row of the source lies in one place of the result, or over the border of two. */
interface Spread {
  readonly first: Int32Array;
  /** Its share of the first place, and of the one after it; over all of a place they make 1. */
  readonly here: Float32Array;
  readonly there: Float32Array;
}

function spreadOf(from: number, to: number): Spread {
  const spread = { first: new Int32Array(from), here: new Float32Array(from), there: new Float32Array(from) };
  const scale = to / from;
  for (let at = 0; at < from; at += 1) {
    const place = Math.min(to - 1, Math.floor(at * scale));
    const over = Math.min(scale, Math.max(0, (at + 1) * scale - (place + 1)));
    spread.first[at] = place;
    spread.there[at] = place + 1 < to ? over : 0;
    spread.here[at] = scale - (spread.there[at] ?? 0);
  }
  return spread;
}

/** Averages rows of RGBA, as they come, into a small picture: it holds two rows of it and the result. */
export class Shrinker {
  readonly pixels: Uint8ClampedArray;
  /** No pixel lets anything through. */
  opaque = true;
  readonly #columns: Spread;
  readonly #rows: Spread;
  readonly #line: Float32Array;
  readonly #sums: Float32Array;
  #row = 0;
  #emitted = 0;

  constructor(
    private readonly source: Size,
    size: Size,
  ) {
    this.pixels = new Uint8ClampedArray(size.width * size.height * 4);
    this.#columns = spreadOf(source.width, size.width);
    this.#rows = spreadOf(source.height, size.height);
    this.#line = new Float32Array(size.width * 4);
    this.#sums = new Float32Array(size.width * 4);
  }

  get isComplete(): boolean {
    return this.#row === this.source.height;
  }

  /** @param rgba the next row; more rows than the source has are an error of the caller */
  add(rgba: Uint8Array): void {
    this.#squeeze(rgba);
    const row = this.#row;
    this.#row += 1;
    this.#pile(this.#rows.here[row] ?? 0);
    const last = this.isComplete || (this.#rows.first[row + 1] ?? 0) > this.#emitted;
    if (!last) return;
    this.#emit();
    this.#pile(this.#rows.there[row] ?? 0);
  }

  /**
   * Colours weigh as much as they are seen, so that what is transparent does not bleed. Sums live in variables until their
   * place is full: this runs once per pixel of the whole picture.
   */
  #squeeze(rgba: Uint8Array): void {
    const { first, here, there } = this.#columns;
    let red = 0;
    let green = 0;
    let blue = 0;
    let seen = 0;
    let place = 0;
    for (let x = 0, at = 0; x < this.source.width; x += 1, at += 4) {
      const r = rgba[at] ?? 0;
      const g = rgba[at + 1] ?? 0;
      const b = rgba[at + 2] ?? 0;
      const alpha = rgba[at + 3] ?? 0;
      if (alpha !== 255) this.opaque = false;
      const share = (alpha / 255) * (here[x] ?? 0);
      red += r * share;
      green += g * share;
      blue += b * share;
      seen += share;
      if (first[x + 1] === place) continue;
      this.#put(place, red, green, blue, seen);
      place += 1;
      const rest = (alpha / 255) * (there[x] ?? 0);
      red = r * rest;
      green = g * rest;
      blue = b * rest;
      seen = rest;
    }
  }

  #put(place: number, red: number, green: number, blue: number, seen: number): void {
    this.#line[place * 4] = red;
    this.#line[place * 4 + 1] = green;
    this.#line[place * 4 + 2] = blue;
    this.#line[place * 4 + 3] = seen;
  }

  #pile(share: number): void {
    if (share === 0) return;
    for (let at = 0; at < this.#sums.length; at += 1) {
      this.#sums[at] = (this.#sums[at] ?? 0) + (this.#line[at] ?? 0) * share;
    }
  }

  #emit(): void {
    const start = this.#emitted * this.#sums.length;
    for (let at = 0; at < this.#sums.length; at += 4) {
      const alpha = this.#sums[at + 3] ?? 0;
      for (let channel = 0; channel < 3; channel += 1) {
        this.pixels[start + at + channel] = alpha === 0 ? 0 : (this.#sums[at + channel] ?? 0) / alpha;
      }
      this.pixels[start + at + 3] = alpha * 255;
    }
    this.#sums.fill(0);
    this.#emitted += 1;
  }
}
