import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { typeOf } from '../../../electron/core/runs/artifacts/kinds.ts';
import { MOST_HEAD_BYTES, pictureOf } from '../../../electron/core/runs/artifacts/picture.ts';
import { bmp, gif, jpeg, png, webp } from './artifacts-samples.ts';

const SAMPLES: readonly (readonly [string, string, (width: number, height: number) => Buffer])[] = [
  ['png', 'png', (width, height) => png(width % 64 || 1, height % 64 || 1)],
  ['jpeg', 'jpeg', jpeg],
  ['jpeg with a long head', 'jpeg', (width, height) => jpeg(width, height, 300_000)],
  ['gif', 'gif', gif],
  ['webp VP8X', 'webp', (width, height) => webp('VP8X', width, height)],
  ['webp lossless', 'webp', (width, height) => webp('VP8L', width, height)],
  ['webp lossy', 'webp', (width, height) => webp('VP8 ', width, height)],
  ['bmp', 'bmp', bmp],
];

describe('the head of a picture', () => {
  it.each(SAMPLES)('%s says its size', (_, format, make) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 16_383 }),
        fc.integer({ min: 1, max: 16_383 }),
        (width, height) => {
          const small = format === 'png';
          const size = { width: small ? width % 64 || 1 : width, height: small ? height % 64 || 1 : height };
          expect(pictureOf(make(width, height).subarray(0, MOST_HEAD_BYTES))).toEqual({ format, size });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is known of formats that do not say it', () => {
    expect(pictureOf(Buffer.from('II*\0........'))).toEqual({ format: 'tiff', size: null });
    expect(pictureOf(Buffer.from('\0\0\0 ftypavif'))).toEqual({ format: 'avif', size: null });
    expect(pictureOf(Buffer.from('<html>not found</html>'))).toBeNull();
    expect(pictureOf(Buffer.alloc(0))).toBeNull();
  });

  it('cannot do harm: cut and changed heads give a size or none', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SAMPLES),
        fc.nat(200),
        fc.array(fc.tuple(fc.nat(63), fc.nat(255)), { maxLength: 12 }),
        ([, , make], length, changes) => {
          const head = make(300, 200).subarray(0, length);
          for (const [at, byte] of changes) if (at < head.length) head[at] = byte;
          const size = pictureOf(head)?.size;
          if (size) expect(Math.min(size.width, size.height)).toBeGreaterThan(0);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('is read in a moment, however it is made', () => {
    const endless = Buffer.alloc(MOST_HEAD_BYTES, 0xff);
    endless.set([0xff, 0xd8, 0xff]);
    const zeros = Buffer.alloc(MOST_HEAD_BYTES);
    for (let at = 0; at + 4 < zeros.length; at += 4) zeros.set([0xff, 0xe0, 0, 0], at);
    zeros.set([0xff, 0xd8, 0xff, 0xe0, 0, 0]);
    const start = performance.now();
    expect(pictureOf(endless)?.size).toBeNull();
    expect(pictureOf(zeros)?.size).toBeNull();
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe('kinds', () => {
  it.each([
    ['PNG', 'image', 'image/png'],
    ['webm', 'video', 'video/webm'],
    ['flac', 'audio', 'audio/flac'],
    ['latent', 'latent', 'application/octet-stream'],
    ['glb', 'model', 'model/gltf-binary'],
    ['txt', 'text', 'text/plain; charset=utf-8'],
    ['html', 'file', 'application/octet-stream'],
    ['constructor', 'file', 'application/octet-stream'],
    ['', 'file', 'application/octet-stream'],
  ])('%s is %s', (extension, kind, mime) => {
    expect(typeOf(extension)).toEqual({ kind, mime });
  });
});
