import { chunk, encodePng } from '../../../../electron/simulator/png.ts';

const SIGNATURE_AND_HEADER_BYTES = 8 + 25;
/** Three bits of noise in each channel: as many bytes as a photographic picture of that size has at ComfyUI's level. */
const NOISE = 7;

/** Makes PNG pictures that differ in their prompt alone, as fast as they can be copied. */
export class PictureMaker {
  private constructor(private readonly picture: Buffer) {}

  /** @param side width and height, pixels; 1024 gives about 1.5 MB */
  static async prepare(side: number): Promise<PictureMaker> {
    const pixels = new Uint8Array(side * side * 3);
    let state = 1;
    for (let at = 0; at < pixels.length; at += 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      pixels[at] = (at >> 14) + ((state >>> 24) & NOISE);
    }
    return new PictureMaker(await encodePng(side, side, 3, [pixels]));
  }

  /** As ComfyUI does, the picture says what it was made of. */
  make(seed: string): Buffer {
    const text = chunk('tEXt', Buffer.from(`seed\0${seed}`, 'latin1'));
    const head = this.picture.subarray(0, SIGNATURE_AND_HEADER_BYTES);
    return Buffer.concat([head, text, this.picture.subarray(SIGNATURE_AND_HEADER_BYTES)]);
  }
}

/** The seed that `make` wrote; null when there is none. */
export function seedOf(picture: Buffer): string | null {
  const at = picture.indexOf('tEXtseed\0', SIGNATURE_AND_HEADER_BYTES, 'latin1');
  if (at !== SIGNATURE_AND_HEADER_BYTES + 4) return null;
  const length = picture.readUInt32BE(at - 4) - 'seed\0'.length;
  const begin = at + 'tEXtseed\0'.length;
  return picture.toString('latin1', begin, begin + length);
}
