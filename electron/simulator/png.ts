import { promisify } from 'node:util';
import { deflate } from 'node:zlib';

/** Writes PNG and animated PNG, 8 bits a channel. The same input gives the same bytes in every process. */

const compress = promisify(deflate);
export const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOR_TYPES = { 1: 0, 3: 2, 4: 6 } as const;
/** Bytes per pixel: grey, RGB, RGBA. */
export type Channels = keyof typeof COLOR_TYPES;

export interface PngOptions {
  /** tEXt chunks; what is not ASCII is written as \\u escapes, as Python's json.dumps does. */
  readonly text?: Readonly<Record<string, string>>;
  /** zlib level; 4 is ComfyUI's. */
  readonly level?: number;
  readonly framesPerSecond?: number;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

export async function encodePng(
  width: number,
  height: number,
  channels: Channels,
  frames: readonly Uint8Array[],
  options: PngOptions = {},
): Promise<Buffer> {
  const header = chunk('IHDR', numbers(width, height), Buffer.from([8, COLOR_TYPES[channels], 0, 0, 0]));
  const parts = [SIGNATURE, header, ...Object.entries(options.text ?? {}).map(textChunk)];
  const animated = frames.length > 1;
  if (animated) parts.push(chunk('acTL', numbers(frames.length, 0)));
  let sequence = 0;
  for (const [index, pixels] of frames.entries()) {
    const data = await compress(filterRows(width, height, channels, pixels), { level: options.level ?? 4 });
    if (animated) {
      const control = numbers(sequence++, width, height, 0, 0);
      parts.push(chunk('fcTL', control, frameDelay(options.framesPerSecond ?? 6), Buffer.from([0, 0])));
    }
    parts.push(index === 0 ? chunk('IDAT', data) : chunk('fdAT', numbers(sequence++), data));
  }
  return Buffer.concat([...parts, chunk('IEND')]);
}

function frameDelay(framesPerSecond: number): Buffer {
  const delay = Buffer.alloc(4);
  delay.writeUInt16BE(Math.max(1, Math.min(65_535, Math.round(1000 / framesPerSecond))), 0);
  delay.writeUInt16BE(1000, 2);
  return delay;
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}

export function chunk(type: string, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), ...content]);
  return Buffer.concat([numbers(body.length - 4), body, numbers(crc32(body))]);
}

function textChunk([keyword, text]: readonly [string, string]): Buffer {
  const ascii = text.replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return chunk('tEXt', Buffer.from(`${keyword}\0${ascii}`, 'latin1'));
}

/** Filter "Up" on every row: gradients become small differences. */
function filterRows(width: number, height: number, channels: Channels, pixels: Uint8Array): Buffer {
  const stride = width * channels;
  const rows = Buffer.alloc((stride + 1) * height);
  for (let y = 0; y < height; y += 1) {
    const out = y * (stride + 1);
    const row = y * stride;
    rows[out] = 2;
    for (let x = 0; x < stride; x += 1) {
      const above = y === 0 ? 0 : (pixels[row - stride + x] ?? 0);
      rows[out + 1 + x] = (pixels[row + x] ?? 0) - above;
    }
  }
  return rows;
}
