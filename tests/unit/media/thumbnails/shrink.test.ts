import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Shrinker, thumbnailSize } from '../../../../electron/core/media/thumbnails/shrink.ts';

const size = fc.record({ width: fc.integer({ min: 1, max: 40 }), height: fc.integer({ min: 1, max: 40 }) });

function shrunk(
  source: { readonly width: number; readonly height: number },
  edge: number,
  pixel: (x: number, y: number) => readonly [number, number, number, number],
): { readonly shrinker: Shrinker; readonly width: number; readonly height: number } {
  const small = thumbnailSize(source, edge);
  const shrinker = new Shrinker(source, small);
  for (let y = 0; y < source.height; y += 1) {
    shrinker.add(Uint8Array.from(Array.from({ length: source.width }, (_, x) => pixel(x, y)).flat()));
  }
  return { shrinker, ...small };
}

describe('a thumbnail', () => {
  it('has the shape of its picture, and is never larger', () => {
    expect(thumbnailSize({ width: 1024, height: 1024 })).toEqual({ width: 320, height: 320 });
    expect(thumbnailSize({ width: 1920, height: 1080 })).toEqual({ width: 320, height: 180 });
    expect(thumbnailSize({ width: 8000, height: 2 })).toEqual({ width: 320, height: 1 });
    expect(thumbnailSize({ width: 64, height: 48 })).toEqual({ width: 64, height: 48 });
  });

  it('of one colour is of that colour, whatever the sizes', () => {
    const colour = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255));
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 20 }), colour, (source, edge, [red, green, blue]) => {
        const { shrinker, width, height } = shrunk(source, edge, () => [red, green, blue, 255]);
        expect(shrinker.isComplete).toBe(true);
        expect(shrinker.opaque).toBe(true);
        for (let at = 0; at < width * height * 4; at += 1) {
          const wanted = [red, green, blue, 255][at % 4] ?? 0;
          expect(Math.abs((shrinker.pixels[at] ?? -9) - wanted)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('keeps the light of its picture', () => {
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 20 }), fc.nat(), (source, edge, salt) => {
        const value = (x: number, y: number): number => (x * 31 + y * 17 + salt) % 256;
        let sum = 0;
        const { shrinker, width, height } = shrunk(source, edge, (x, y) => {
          sum += value(x, y);
          return [value(x, y), 0, 0, 255];
        });
        const small = shrinker.pixels.filter((_, at) => at % 4 === 0).reduce((total, one) => total + one, 0);
        expect(Math.abs(small / (width * height) - sum / (source.width * source.height))).toBeLessThan(1.5);
      }),
    );
  });

  it('is the picture itself where that is small enough', () => {
    const { shrinker } = shrunk({ width: 3, height: 2 }, 320, (x, y) => [x * 10, y * 10, 7, 255]);
    expect([...shrinker.pixels.slice(4, 8), ...shrinker.pixels.slice(12, 16)]).toEqual([
      10, 0, 7, 255, 0, 10, 7, 255,
    ]);
  });

  it('does not take the colour of what is transparent', () => {
    const { shrinker } = shrunk({ width: 2, height: 2 }, 1, (x) =>
      x === 0 ? [200, 100, 50, 255] : [0, 0, 0, 0],
    );
    expect([...shrinker.pixels]).toEqual([200, 100, 50, 128]);
    expect(shrinker.opaque).toBe(false);
  });
});
