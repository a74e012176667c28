import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputLibrary } from '../../../electron/core/media/input-library.ts';
import { isTurned } from '../../../electron/core/runs/artifacts/exif.ts';
import { pictureSizes } from '../../../electron/core/runs/picture-sizes.ts';
import { jpeg, png } from './artifacts-samples.ts';

/** EXIF of one entry, as cameras write it into a JPEG's first segment. */
function exif(orientation: number, order: 'II' | 'MM' = 'II'): Buffer {
  const tiff = Buffer.alloc(26);
  tiff.write(order, 0, 'latin1');
  const u16 = (value: number, at: number): unknown =>
    order === 'II' ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at);
  if (order === 'II') tiff.writeUInt32LE(8, 4);
  else tiff.writeUInt32BE(8, 4);
  u16(1, 8);
  u16(0x0112, 10);
  u16(3, 12);
  u16(orientation, 18);
  return Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
}

/** The segment goes right behind the start of the picture. */
function turnedJpeg(width: number, height: number, orientation: number): Buffer {
  const picture = jpeg(width, height);
  const data = exif(orientation);
  const segment = Buffer.from([0xff, 0xe1, 0, data.length + 2]);
  return Buffer.concat([picture.subarray(0, 2), segment, data, picture.subarray(2)]);
}

describe('isTurned', () => {
  it.each([
    [1, false],
    [4, false],
    [5, true],
    [8, true],
    [9, false],
  ])('of orientation %i is %s, in either byte order', (orientation, turned) => {
    expect(isTurned(exif(orientation, 'II'))).toBe(turned);
    expect(isTurned(exif(orientation, 'MM'))).toBe(turned);
  });

  it('survives whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(32), (rubbish, cut) => {
        const bytes = Buffer.concat([exif(6).subarray(0, cut), rubbish]);
        expect(typeof isTurned(bytes)).toBe('boolean');
      }),
    );
  });
});

describe('pictureSizes', () => {
  let input: string;
  beforeEach(() => {
    input = mkdtempSync(path.join(tmpdir(), 'ensemble-sizes-'));
  });
  afterEach(() => rmSync(input, { recursive: true, force: true }));

  const load = (image: string) => ({ class_type: 'LoadImage', inputs: { image } });
  const TILES = { class_type: 'UltimateSDUpscaleDistributed', inputs: {} };
  const sizes = (prompt: Parameters<typeof pictureSizes>[0]) =>
    pictureSizes(prompt, null, new InputLibrary({ input, output: input, temp: input }));

  it('are those that LoadImage will hand on', async () => {
    writeFileSync(path.join(input, 'a.png'), png(30, 20));
    writeFileSync(path.join(input, 'b.jpg'), turnedJpeg(400, 300, 6));
    writeFileSync(path.join(input, 'c.jpg'), turnedJpeg(400, 300, 3));
    writeFileSync(path.join(input, 'd.png'), 'no picture');
    const prompt = {
      '1': load('a.png'),
      '2': load('b.jpg'),
      '3': load('c.jpg'),
      '4': load('d.png'),
      '5': load('absent.png'),
    };
    expect(await sizes({ ...prompt, '9': TILES })).toEqual({
      '1': { width: 30, height: 20 },
      '2': { width: 300, height: 400 },
      '3': { width: 400, height: 300 },
    });
    expect(await sizes(prompt)).toEqual({});
  });
});
