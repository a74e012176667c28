import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyLatent,
  latentFromBatch,
  noiseIndices,
  repeatLatent,
} from '../../../electron/simulator/nodes/latents.ts';
import { paint } from '../../../electron/simulator/nodes/paint.ts';

describe('latent batches', () => {
  it('keep the noise that each sample would have had unsplit, however they are cut', () => {
    const cuts = fc.record({
      total: fc.integer({ min: 1, max: 40 }),
      first: fc.nat(50),
      second: fc.nat(50),
      length: fc.integer({ min: 1, max: 64 }),
    });
    fc.assert(
      fc.property(cuts, ({ total, first, second, length }) => {
        const whole = emptyLatent(64, 64, total);
        const once = latentFromBatch(whole, first, length);
        const twice = latentFromBatch(once, second, length);
        expect(once.samples).toHaveLength(noiseIndices(once).length);
        const start = Math.min(first, total - 1);
        expect(noiseIndices(once)).toEqual(noiseIndices(whole).slice(start, start + length));
        expect(noiseIndices(once)).toEqual(expect.arrayContaining([...noiseIndices(twice)]));
      }),
    );
  });

  it('repeat with new noise', () => {
    const slice = latentFromBatch(emptyLatent(64, 64, 5), 2, 2);
    expect(noiseIndices(repeatLatent(slice, 2))).toEqual([2, 3, 4, 5]);
    expect(noiseIndices(repeatLatent(emptyLatent(64, 64, 2), 2))).toEqual([0, 1, 2, 3]);
  });
});

describe('paint', () => {
  it('depends on scene, detail and noise, and on nothing else', () => {
    const base = paint('scene', 'detail', 32, 32);
    expect(paint('scene', 'detail', 32, 32)).toEqual(base);
    expect(paint('other', 'detail', 32, 32)).not.toEqual(base);
    expect(paint('scene', 'other', 32, 32)).not.toEqual(base);
    expect(paint('scene', 'detail', 32, 32, 0.5)).not.toEqual(base);
  });
});
