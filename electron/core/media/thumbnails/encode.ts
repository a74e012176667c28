import { deflateSync } from 'node:zlib';
import jpeg from 'jpeg-js';
import { crc32 } from '../crc32.ts';
import { SIGNATURE } from '../png-reader.ts';
import type { Size } from './shrink.ts';

/** Of 100: at this size nobody sees what is lost. */
const QUALITY = 80;

/** A small JPEG; a PNG where something shines through, which JPEG does not know. */
export function encodeThumbnail(
  pixels: Uint8ClampedArray,
  size: Size,
  opaque: boolean,
): { readonly extension: 'jpg' | 'png'; readonly bytes: Uint8Array } {
  if (!opaque) return { extension: 'png', bytes: encodePng(pixels, size) };
  return { extension: 'jpg', bytes: jpeg.encode({ data: pixels, ...size }, QUALITY).data };
}

function encodePng(pixels: Uint8ClampedArray, { width, height }: Size): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const stride = width * 4;
  const rows = Buffer.alloc(height * (stride + 1));
  for (let y = 0; y < height; y += 1) {
    const row = rows.subarray(y * (stride + 1), (y + 1) * (stride + 1));
    // As the difference to the pixel at the left, which compresses far better.
    row[0] = 1;
    for (let x = 0; x < stride; x += 1) {
      const value = pixels[y * stride + x] ?? 0;
      row[x + 1] = value - (x < 4 ? 0 : (pixels[y * stride + x - 4] ?? 0));
    }
  }
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([SIGNATURE, ...parts]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
