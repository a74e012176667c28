import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import jpeg from 'jpeg-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeThumbnail } from '../../../../electron/core/media/thumbnails/make-thumbnail.ts';
import { unfilter } from '../../../../electron/core/media/thumbnails/rows.ts';
import { chunk, SIGNATURE } from '../../../../electron/simulator/png.ts';
import { decodePng } from '../../../../electron/simulator/png-decode.ts';
import { header, type Picture, picture, still } from '../pngs.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ensemble-thumbs-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const never = new AbortController().signal;

async function made(bytes: Uint8Array) {
  const file = path.join(folder, 'picture.png');
  await writeFile(file, bytes);
  return makeThumbnail(file, never);
}

/** What the thumbnail shows, and what another decoder sees in the whole picture. */
async function compared(bytes: Buffer): Promise<readonly [Uint8Array, Uint8Array]> {
  const thumbnail = await made(bytes);
  if (thumbnail === null) throw new Error('no thumbnail');
  const small = Buffer.from(thumbnail.bytes);
  const whole = decodePng(bytes).frames[0] ?? new Uint8Array();
  if (thumbnail.extension === 'png') return [decodePng(small).frames[0] ?? new Uint8Array(), whole];
  return [jpeg.decode(small, { useTArray: true }).data, whole];
}

/** Smooth, so that JPEG keeps it; filtered in every way there is. */
function gradient(width: number, height: number, color: 2 | 6): Buffer {
  const step = color === 2 ? 3 : 4;
  const plain = Array.from({ length: height }, (_, y) =>
    Uint8Array.from({ length: width * step }, (_, at) => {
      const x = Math.floor(at / step);
      return at % step === 3 ? 100 + ((x + y) % 100) : 40 + ((x * 150) / width + (y * 50) / height) * 1;
    }),
  );
  const rows = plain.map((row, y) => Buffer.from([y % 5, ...filtered(row, plain[y - 1], y % 5, step)]));
  const image: Picture = { width, height, depth: 8, color, rows: Buffer.concat(rows) };
  return still(image, 4_096);
}

/** The inverse of what is tested, written the slow way. */
function filtered(row: Uint8Array, above: Uint8Array | undefined, kind: number, step: number): number[] {
  return [...row].map((value, at) => {
    const [left, up] = [at < step ? 0 : (row[at - step] ?? 0), above?.[at] ?? 0];
    const corner = at < step ? 0 : (above?.[at - step] ?? 0);
    const estimate = left + up - corner;
    const order = [left, up, corner].map((one) => Math.abs(estimate - one));
    const nearest = [left, up, corner][order.indexOf(Math.min(...order))] ?? 0;
    return (value - ([0, left, up, (left + up) >> 1, nearest][kind] ?? 0)) & 255;
  });
}

function light(pixels: Uint8Array): number {
  const seen = (at: number): number => (pixels[at | 3] ?? 0) / 255;
  const sum = pixels.reduce((total, value, at) => (at % 4 === 3 ? total : total + value * seen(at)), 0);
  return sum / (pixels.length * 0.75);
}

describe('making a thumbnail', () => {
  it('makes a small JPEG of a large picture, alike to the eye', async () => {
    const bytes = gradient(640, 400, 2);
    const [small, whole] = await compared(bytes);
    expect(small.length).toBe(320 * 200 * 4);
    for (const [x, y] of [
      [5, 5],
      [160, 100],
      [310, 190],
    ] as const) {
      for (let channel = 0; channel < 3; channel += 1) {
        const [seen, real] = [small[(y * 320 + x) * 4 + channel], whole[(y * 2 * 640 + x * 2) * 4 + channel]];
        expect(Math.abs((seen ?? 0) - (real ?? 0))).toBeLessThan(6);
      }
    }
  });

  it('makes a PNG of what lets something through', async () => {
    const [small] = await compared(gradient(400, 320, 6));
    expect(small.length).toBe(320 * 256 * 4);
    expect(small[3]).toBeLessThan(255);
  });

  it('reads every colour type and depth as another decoder does', async () => {
    await fc.assert(
      fc.asyncProperty(picture, async (image) => {
        const [small, whole] = await compared(still(image));
        expect(small.length).toBe(whole.length);
        // JPEG shares colours among neighbours, and what is not seen has none: only the light that is seen is compared.
        expect(Math.abs(light(small) - light(whole))).toBeLessThan(14);
      }),
      { numRuns: 60 },
    );
  });

  it('takes back every filter', () => {
    const rows = fc.tuple(
      fc.uint8Array({ minLength: 12, maxLength: 12 }),
      fc.uint8Array({ minLength: 12, maxLength: 12 }),
    );
    fc.assert(
      fc.property(rows, fc.nat(4), fc.constantFrom(1, 3, 4, 8), ([row, above], kind, step) => {
        const line = Uint8Array.from(filtered(row, above, kind, step));
        expect(unfilter(kind, line, above, step)).toBe(true);
        expect(line).toEqual(row);
      }),
    );
    expect(unfilter(5, new Uint8Array(3), new Uint8Array(3), 1)).toBe(false);
  });

  it('leaves alone what it cannot make small', async () => {
    const good = gradient(400, 300, 2);
    const interlaced = Buffer.from(good);
    interlaced[28] = 1;
    const spoiled = Buffer.from(good);
    spoiled[good.length - 90] = (spoiled[good.length - 90] ?? 0) ^ 255;
    expect(await made(good.subarray(0, good.length / 2))).toBeNull();
    expect(await made(interlaced)).toBeNull();
    expect(await made(spoiled)).toBeNull();
    expect(await made(Buffer.from('no picture'))).toBeNull();
    const huge: Picture = { width: 100_000, height: 100_000, depth: 8, color: 2, rows: Buffer.alloc(9) };
    expect(await made(still(huge))).toBeNull();
  });

  it('stops where a picture has more data than pixels', async () => {
    const bomb = deflateSync(Buffer.alloc(64 * 1024 * 1024));
    const image: Picture = { width: 64, height: 64, depth: 8, color: 2, rows: Buffer.alloc(0) };
    const begun = performance.now();
    expect(
      await made(Buffer.concat([SIGNATURE, header(image), chunk('IDAT', bomb), chunk('IEND')])),
    ).toBeNull();
    expect(performance.now() - begun).toBeLessThan(2_000);
  });

  it('ends when nobody wants it any more', async () => {
    const file = path.join(folder, 'unwanted.png');
    await writeFile(file, gradient(640, 640, 2));
    const gone = new AbortController();
    const making = makeThumbnail(file, gone.signal);
    gone.abort();
    await expect(making).rejects.toThrow();
    await expect(makeThumbnail(path.join(folder, 'none.png'), never)).rejects.toThrow(
      'none.png cannot be read',
    );
  });
});
