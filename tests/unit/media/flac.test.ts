import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flacSeconds } from '../../../electron/core/media/flac.ts';

function flac(rate: number, samples: bigint, type = 0): Buffer {
  const info = Buffer.alloc(34);
  info.writeBigUInt64BE((BigInt(rate) << 44n) | (1n << 41n) | (15n << 36n) | samples, 10);
  return Buffer.concat([Buffer.from('fLaC'), Buffer.from([type, 0, 0, 34]), info, Buffer.alloc(100)]);
}

describe('flacSeconds', () => {
  let folder = '';
  let file = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'flac-'));
    file = path.join(folder, 'a.flac');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('reads the length of any rate and number of samples', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 655_350 }),
        fc.bigInt({ min: 1n, max: 2n ** 36n - 1n }),
        fc.boolean(),
        async (rate, samples, last) => {
          await writeFile(file, flac(rate, samples, last ? 128 : 0));
          expect(await flacSeconds(file)).toBe(Number(samples) / rate);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('looks past tags in front, however large they say they are', async () => {
    const tag = Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 2, 1]);
    await writeFile(file, Buffer.concat([tag, Buffer.alloc(257), flac(44_100, 88_200n)]));
    expect(await flacSeconds(file)).toBe(2);
    const endless = Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 127, 127, 127, 127]);
    await writeFile(file, Buffer.concat([endless, flac(44_100, 88_200n)]));
    await expect(flacSeconds(file)).rejects.toMatchObject({ message: expect.stringContaining('a.flac') });
  });

  it.each<[string, Buffer, RegExp]>([
    ['an empty file', Buffer.alloc(0), /not a FLAC/],
    ['another file', Buffer.from('RIFF and then some more bytes, enough for a whole header'), /not a FLAC/],
    ['a cut file', flac(44_100, 9n).subarray(0, 30), /not a FLAC/],
    ['another first block', flac(44_100, 9n, 4), /header is damaged/],
    ['a rate of 0', flac(0, 9n), /header is damaged/],
    ['an unknown length', flac(44_100, 0n), /does not say how long/],
  ])('refuses %s by its name', async (_what, bytes, words) => {
    await writeFile(file, bytes);
    await expect(flacSeconds(file)).rejects.toMatchObject({
      name: 'EnsembleError',
      message: expect.stringMatching(new RegExp(`a\\.flac.*${words.source}`)),
    });
  });

  it('reads no more than the header of a huge file', async () => {
    await writeFile(file, flac(8_000, 80_000n));
    await truncate(file, 8 * 1_048_576 * 1_024);
    expect(await flacSeconds(file)).toBe(10);
    await expect(flacSeconds(path.join(folder, 'absent'))).rejects.toMatchObject({ code: 'internal' });
  });
});
