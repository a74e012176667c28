import { expect, it } from 'vitest';
import { decodePng } from '../../../electron/simulator/png-decode.ts';
import { at } from '../client.ts';
import type { Subject } from '../subject.ts';
import { fresh, type SampleOptions, sample } from '../workflows.ts';

/** What splitting work over servers rests on: equal inputs make equal pictures, and slices of a batch are its pictures. */
export function samplingClaims(subject: () => Subject): void {
  const pixelsOf = async (options: SampleOptions): Promise<readonly Buffer[]> => {
    const { entry, files } = await subject().run(sample(options));
    expect(at(entry, 'status', 'status_str')).toBe('success');
    const pictures: Buffer[] = [];
    for (const file of files) {
      const { frames } = decodePng((await subject().view(file)).bytes);
      pictures.push(Buffer.from(frames[0] ?? []));
    }
    return pictures;
  };

  /** Real sums differ in their last bits with the batch size; the simulator has no excuse. */
  const expectEqual = (actual: Buffer | undefined, expected: Buffer | undefined): void => {
    expect(actual?.length).toBe(expected?.length);
    let difference = 0;
    for (const [index, value] of (actual ?? Buffer.alloc(0)).entries()) {
      difference = Math.max(difference, Math.abs(value - (expected?.[index] ?? 255)));
    }
    expect(difference).toBeLessThanOrEqual(subject().server.kind.simulated ? 0 : 1);
  };

  it('depends on seed, text and steps, and on nothing else', async (context) => {
    const checkpoint = subject().needCheckpoint(context);
    const seed = fresh();
    const [picture] = await pixelsOf({ checkpoint, seed });
    // Freed, so that the same picture is made again and not remembered.
    await subject().call('/free', { json: { unload_models: true, free_memory: true } });
    const [again] = await pixelsOf({ checkpoint, seed });
    expectEqual(again, picture);
    for (const change of [{ seed: seed + 1000 }, { text: 'a whale' }, { steps: 3 }]) {
      const [other] = await pixelsOf({ checkpoint, seed, ...change });
      expect(other?.equals(picture ?? Buffer.alloc(0))).toBe(false);
    }
  });

  it('makes the pictures of a batch from slices of it', async (context) => {
    const checkpoint = subject().needCheckpoint(context);
    const options = { checkpoint, seed: fresh(), batch: 4 };
    const whole = await pixelsOf(options);
    expect(whole).toHaveLength(4);
    const first = await pixelsOf({ ...options, slice: { index: 0, length: 1 } });
    const rest = await pixelsOf({ ...options, slice: { index: 1, length: 3 } });
    const parts = [...first, ...rest];
    expect(parts).toHaveLength(4);
    for (const [index, part] of parts.entries()) expectEqual(part, whole[index]);
    expect(whole[0]?.equals(whole[1] ?? Buffer.alloc(0))).toBe(false);
  });
}
