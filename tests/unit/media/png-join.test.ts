import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crc32, tableCrc32 } from '../../../electron/core/media/crc32.ts';
import { joinPngs } from '../../../electron/core/media/png-join.ts';
import { chunk, encodePng, SIGNATURE } from '../../../electron/simulator/png.ts';
import { decodePng } from '../../../electron/simulator/png-decode.ts';
import { animated, frameControl, header, type Picture, picture, readFrames, still, word } from './pngs.ts';

const RGB: Picture = { width: 2, height: 1, depth: 8, color: 2, rows: Buffer.from([0, 1, 2, 3, 4, 5, 6]) };
const other = (rows: readonly number[]): Picture => ({ ...RGB, rows: Buffer.from([0, ...rows]) });

describe('joinPngs', { timeout: 60_000 }, () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'join-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  let count = 0;
  const write = async (bytes: Uint8Array): Promise<string> => {
    count += 1;
    const file = path.join(folder, `p${count}.png`);
    await writeFile(file, bytes);
    return file;
  };
  const join = async (...pictures: readonly Uint8Array[]): ReturnType<typeof joinPngs> => {
    const files = await Promise.all(pictures.map(write));
    return joinPngs(files, path.join(folder, `target-${count}.png`));
  };

  it('keeps every picture, bit for bit and in order, and splits only where pictures differ', async () => {
    const alike = (a: Picture, b: Picture): boolean => header(a).equals(header(b));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(picture, fc.integer({ min: 1, max: 40 })), { minLength: 1, maxLength: 8 }),
        async (pictures) => {
          const { groups, warnings } = await join(...pictures.map(([image, pieces]) => still(image, pieces)));
          const rows: Buffer[] = [];
          for (const group of groups) {
            const read = readFrames(await readFile(group.path));
            expect(read.rows).toHaveLength(group.frames);
            expect(read.types).not.toContain('tEXt');
            expect(read.types).not.toContain('iTXt');
            expect(read.types.includes('acTL')).toBe(group.frames > 1);
            rows.push(...read.rows);
          }
          expect(rows).toEqual(pictures.map(([{ rows: own }]) => own));
          const images = pictures.map(([image]) => image);
          const breaks = images.filter((image, index) => {
            const before = images[index - 1];
            return before !== undefined && !alike(before, image);
          });
          expect(groups).toHaveLength(breaks.length + 1);
          expect(warnings.length > 0).toBe(breaks.length > 0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is read by an independent decoder as the same pictures', async () => {
    const images = await Promise.all([1, 2, 3].map(() => encodePng(13, 7, 4, [randomBytes(13 * 7 * 4)])));
    const { groups } = await join(...images);
    expect(groups).toMatchObject([{ frames: 3, width: 13, height: 7 }]);
    const joined = decodePng(await readFile(groups[0]?.path ?? ''));
    expect(joined.frames).toEqual(images.map((image) => decodePng(image).frames[0]));
  });

  it('takes all frames of animated pictures, and not what they show to others', async () => {
    const [a, b, c, d] = [1, 2, 3, 4].map((n) => other([n, n, n, n, n, n]));
    if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error('never');
    const { groups, warnings } = await join(still(a), animated([b, c]), animated([d, a], c), animated([b]));
    expect(groups).toMatchObject([{ frames: 6 }]);
    expect(warnings).toEqual([]);
    const { rows } = readFrames(await readFile(groups[0]?.path ?? ''));
    expect(rows).toEqual([a, b, c, d, a, b].map((image) => image.rows));
  });

  it('leaves parts of animations where they were, and lets nothing shine through', async () => {
    const pixel: Picture = { ...RGB, width: 1, rows: Buffer.from([0, 9, 9, 9]) };
    const partial = Buffer.concat([
      SIGNATURE,
      header(RGB),
      chunk('acTL', word(2), word(0)),
      chunk('fcTL', frameControl(0, RGB)),
      chunk('IDAT', deflateSync(RGB.rows)),
      chunk('fcTL', frameControl(1, pixel, 1, 0)),
      chunk('fdAT', word(2), deflateSync(pixel.rows)),
      chunk('IEND'),
    ]);
    const { groups } = await join(still(other([7, 7, 7, 7, 7, 7])), partial);
    const { frames } = decodePng(await readFile(groups[0]?.path ?? ''));
    expect(frames.map((frame) => [...frame])).toEqual([
      [7, 7, 7, 255, 7, 7, 7, 255],
      [1, 2, 3, 255, 4, 5, 6, 255],
      [1, 2, 3, 255, 9, 9, 9, 255],
    ]);
  });

  it('covers what came before with the first frame of an animation, though it is meant to be laid over', async () => {
    const clear: Picture = { ...RGB, width: 1, color: 6, rows: Buffer.from([0, 1, 2, 3, 0]) };
    const solid = { ...clear, rows: Buffer.from([0, 8, 8, 8, 255]) };
    const { groups } = await join(still(solid), animated([clear]));
    const { frames } = decodePng(await readFile(groups[0]?.path ?? ''));
    expect(frames.map((frame) => [...frame])).toEqual([
      [8, 8, 8, 255],
      [1, 2, 3, 0],
    ]);
  });

  it('says what happens to pictures of another size or colour', async () => {
    const wide: Picture = { ...RGB, width: 1, rows: Buffer.from([0, 1, 2, 3]) };
    const rgba: Picture = { ...RGB, width: 1, color: 6, rows: Buffer.from([0, 1, 2, 3, 4]) };
    const { groups, warnings } = await join(still(RGB), still(wide), still(rgba), still(RGB));
    expect(groups.map(({ width, frames }) => [width, frames])).toEqual([
      [2, 1],
      [1, 1],
      [1, 1],
      [2, 1],
    ]);
    expect(groups.map((group) => path.basename(group.path).replace(/^target-\d+/, ''))).toEqual([
      '.png',
      '-2.png',
      '-3.png',
      '-4.png',
    ]);
    expect(warnings).toEqual([
      expect.stringMatching(/2 × 1 and 1 × 1.*scales those of another size to 2 × 1.*centre crop, bilinear/),
      expect.stringMatching(/RGB, 8 bit and RGBA, 8 bit.*transparency is lost/),
    ]);
  });

  const bare = (...chunks: readonly Buffer[]): Buffer => Buffer.concat([SIGNATURE, ...chunks]);
  const data = chunk('IDAT', deflateSync(RGB.rows));
  const spoiled = still(RGB);
  spoiled[spoiled.indexOf('IDAT') + 5] = (spoiled[spoiled.indexOf('IDAT') + 5] ?? 0) ^ 1;
  const huge = Buffer.concat([word(0x7fffffff), Buffer.from('IDAT'), Buffer.alloc(20)]);
  it.each<[string, Buffer, RegExp]>([
    ['nothing', Buffer.alloc(0), /not a PNG/],
    ['text', Buffer.from('<html>no picture at all'), /not a PNG/],
    ['a lone signature', SIGNATURE, /cut short/],
    ['a cut file', still(RGB).subarray(0, -30), /cut short/],
    ['a file without end', still(RGB).subarray(0, -12), /cut short/],
    ['a chunk longer than the file', bare(header(RGB), huge), /cut short/],
    ['an impossible length', bare(header(RGB), word(0xffffffff), huge), /damaged/],
    ['changed data', spoiled, /does not match its checksums/],
    ['no header', bare(data, chunk('IEND')), /no header/],
    ['an impossible header', bare(header({ ...RGB, depth: 3 }), data, chunk('IEND')), /header is damaged/],
    ['a picture without width', bare(header({ ...RGB, width: 0 }), data, chunk('IEND')), /header is damaged/],
    ['no data', bare(header(RGB), chunk('IEND')), /no picture/],
    ['no palette', bare(header({ ...RGB, color: 3 }), data, chunk('IEND')), /no palette/],
    [
      'a giant palette',
      bare(header({ ...RGB, color: 3 }), chunk('PLTE', Buffer.alloc(9_000)), data, chunk('IEND')),
      /damaged/,
    ],
    [
      'fewer frames than claimed',
      bare(
        header(RGB),
        chunk('acTL', word(2), word(0)),
        chunk('fcTL', frameControl(0, RGB)),
        data,
        chunk('IEND'),
      ),
      /has 1 pictures and claims to have 2/,
    ],
    [
      'a frame without data',
      bare(header(RGB), chunk('acTL', word(1), word(0)), chunk('fcTL', frameControl(0, RGB)), chunk('IEND')),
      /has no data/,
    ],
    [
      'a first frame that is a part',
      bare(
        header(RGB),
        chunk('acTL', word(1), word(0)),
        chunk('fcTL', frameControl(0, { ...RGB, width: 1 })),
        data,
        chunk('IEND'),
      ),
      /does not fill it/,
    ],
    [
      'a frame outside',
      bare(
        header(RGB),
        chunk('acTL', word(1), word(0)),
        chunk('fcTL', frameControl(0, RGB, 1)),
        data,
        chunk('IEND'),
      ),
      /damaged/,
    ],
  ])('refuses %s by the name of its file, and leaves nothing behind', async (_what, bytes, words) => {
    const good = await write(still(RGB));
    const bad = await write(bytes);
    const target = path.join(folder, 'refused.png');
    await expect(joinPngs([good, bad], target)).rejects.toMatchObject({
      name: 'EnsembleError',
      message: expect.stringMatching(new RegExp(`^${path.basename(bad)} cannot be used: .*${words.source}`)),
    });
    expect((await readdir(folder)).filter((name) => name.startsWith('refused'))).toEqual([]);
  });

  it('names a file that is not there, and a folder that cannot be written', async () => {
    await expect(joinPngs([path.join(folder, 'absent.png')], 'x')).rejects.toMatchObject({
      message: expect.stringContaining('absent.png cannot be read'),
    });
    const good = await write(still(RGB));
    await expect(joinPngs([good], path.join(folder, 'none/x.png'))).rejects.toMatchObject({
      message: expect.stringContaining('x.png could not be written'),
    });
    await expect(joinPngs([], 'x')).rejects.toMatchObject({ code: 'bad-argument' });
  });

  it('stops when it is told to', async () => {
    const good = await write(still(RGB));
    const reason = new Error('cancelled');
    const abort = new AbortController();
    abort.abort(reason);
    const target = path.join(folder, 'stopped.png');
    await expect(joinPngs([good], target, abort.signal)).rejects.toBe(reason);
    expect(existsSync(target)).toBe(false);
  });

  it('joins large files within little memory', async () => {
    const side = 4_000;
    const rows = Buffer.alloc(side * (side * 3 + 1));
    const large: Picture = { width: side, height: side, depth: 8, color: 2, rows };
    // Stored, not compressed: 48 MB.
    const idat = chunk('IDAT', deflateSync(rows, { level: 0 }));
    const bytes = Buffer.concat([SIGNATURE, header(large), idat, chunk('IEND')]);
    const files = await Promise.all([write(bytes), write(bytes), write(bytes), write(bytes)]);
    const before = process.memoryUsage.rss();
    let peak = 0;
    const timer = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss() - before);
    }, 5);
    const { groups } = await joinPngs(files, path.join(folder, 'large.png'));
    clearInterval(timer);
    expect((await stat(groups[0]?.path ?? '')).size).toBeGreaterThan(4 * idat.length);
    expect(peak / 1_048_576).toBeLessThan(40);
  });

  it('has a checksum for runtimes without one', () => {
    const bytes = randomBytes(1_000);
    expect(tableCrc32(bytes)).toBe(crc32(bytes));
    expect(tableCrc32(bytes.subarray(400), tableCrc32(bytes.subarray(0, 400)))).toBe(crc32(bytes));
  });
});
