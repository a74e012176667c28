import { encodePng } from '../../electron/simulator/png.ts';

function solid(color: number, width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(width * height * 3);
  for (let index = 0; index < pixels.length; index += 3) {
    pixels.set([(color >> 16) & 0xff, (color >> 8) & 0xff, color & 0xff], index);
  }
  return pixels;
}

/** A PNG of one colour, or an animated one with a frame per colour. */
export async function solidPng(colors: readonly number[], width: number, height: number): Promise<Buffer> {
  return encodePng(
    width,
    height,
    3,
    colors.map((color) => solid(color, width, height)),
  );
}
