import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Channels, encodePng } from '../../../electron/simulator/png.ts';
import { decodePng } from '../../../electron/simulator/png-decode.ts';

const picture = fc
  .record({
    width: fc.integer({ min: 1, max: 20 }),
    height: fc.integer({ min: 1, max: 20 }),
    count: fc.integer({ min: 1, max: 4 }),
  })
  .chain(({ width, height, count }) => {
    const size = width * height * 4;
    const frame = fc.uint8Array({ minLength: size, maxLength: size });
    return fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      frames: fc.array(frame, { minLength: count, maxLength: count }),
    });
  });

describe('PNG codec', () => {
  it('gives back every pixel of every frame', async () => {
    await fc.assert(
      fc.asyncProperty(picture, async ({ width, height, frames }) => {
        const decoded = decodePng(await encodePng(width, height, 4, frames));
        expect([decoded.width, decoded.height, decoded.hasAlpha]).toEqual([width, height, true]);
        expect(decoded.frames.map((frame) => [...frame])).toEqual(frames.map((frame) => [...frame]));
      }),
      { numRuns: 40 },
    );
  });

  it.each<[Channels, number[], number[]]>([
    [1, [7], [7, 7, 7, 255]],
    [3, [1, 2, 3], [1, 2, 3, 255]],
  ])('spreads %i channels to RGBA', async (channels, pixel, expected) => {
    const decoded = decodePng(await encodePng(1, 1, channels, [Uint8Array.from(pixel)]));
    expect([...(decoded.frames[0] ?? [])]).toEqual(expected);
    expect(decoded.hasAlpha).toBe(false);
  });

  it('keeps text and escapes what is not ASCII', async () => {
    const bytes = await encodePng(1, 1, 3, [new Uint8Array(3)], { text: { prompt: '{"a":"é"}' } });
    expect(JSON.parse(decodePng(bytes).text['prompt'] ?? '')).toEqual({ a: 'é' });
  });

  it('refuses what is no PNG and what is cut short', async () => {
    const bytes = await encodePng(4, 4, 3, [new Uint8Array(48)]);
    expect(() => decodePng(Buffer.from('hello, world'))).toThrow('not a PNG');
    expect(() => decodePng(bytes.subarray(0, bytes.length - 20))).toThrow('cut short');
  });
});
