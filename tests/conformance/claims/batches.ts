import { expect, it } from 'vitest';
import { decodePng } from '../../../electron/simulator/png-decode.ts';
import { at } from '../client.ts';
import type { Subject } from '../subject.ts';
import { emptyImage, fresh, node, type Prompt, sample } from '../workflows.ts';

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Buffer;
}

const saved = (images: unknown) => node('SaveImage', { images, filename_prefix: 'batches' });

/** How batches are cut and joined: batch splits and second stages rest on it. */
export function batchClaims(subject: () => Subject): void {
  const picturesOf = async (prompt: Prompt): Promise<readonly Picture[]> => {
    const { entry, files } = await subject().run(prompt);
    expect(at(entry, 'status', 'status_str')).toBe('success');
    const pictures: Picture[] = [];
    for (const file of files) {
      const { width, height, frames } = decodePng((await subject().view(file)).bytes);
      pictures.push({ width, height, pixels: Buffer.from(frames[0] ?? []) });
    }
    return pictures;
  };
  const colorsOf = async (prompt: Prompt): Promise<readonly number[]> =>
    (await picturesOf(prompt)).map(({ pixels }) => pixels.readUIntBE(0, 3));

  /** Two slices in a row reach what one LatentFromBatch, with 0.3's limit of 63, cannot. */
  const chained = (checkpoint: string, seed: number, position: number): Prompt => {
    const whole = sample({ checkpoint, seed, batch: 70, steps: 1, slice: { index: 63, length: 64 } });
    const rest = node('LatentFromBatch', { samples: ['8', 0], batch_index: position - 63, length: 1 });
    const sampler = whole['5'];
    const inputs = { ...Object(at(sampler, 'inputs')), latent_image: ['9', 0] };
    return { ...whole, '9': rest, '5': node('KSampler', inputs) };
  };

  it('keeps the noise of a latent that is cut out beyond the 63rd', async (context) => {
    const checkpoint = subject().needCheckpoint(context);
    const seed = fresh();
    const whole = await picturesOf(sample({ checkpoint, seed, batch: 70, steps: 1 }));
    expect(whole).toHaveLength(70);
    const [last] = await picturesOf(chained(checkpoint, seed, 69));
    const nearest = whole.map(({ pixels }) => distance(pixels, last?.pixels));
    expect(nearest[69]).toBeLessThanOrEqual(subject().server.kind.simulated ? 0 : 1);
    expect(nearest.filter((value) => value <= 1)).toHaveLength(1);
  });

  it('takes 64 latents at once and, until 0.33, positions up to 63', async (context) => {
    const checkpoint = subject().needCheckpoint(context);
    const verdict = async (index: number, length: number): Promise<unknown> => {
      const slice = { index, length };
      const { status, bytes } = await subject().post(sample({ checkpoint, batch: 70, steps: 1, slice }));
      return [status, bytes.toString().includes('value_bigger_than_max')];
    };
    expect(await verdict(0, 65)).toEqual([400, true]);
    expect(await verdict(64, 1)).toEqual(subject().modern ? [200, false] : [400, true]);
    expect(await verdict(63, 64)).toEqual([200, false]);
  });

  it('joins two batches in their order', async () => {
    const [one, two] = [fresh(), fresh()];
    const prompt = {
      '1': emptyImage(one, 2),
      '2': emptyImage(two),
      '3': node('ImageBatch', { image1: ['1', 0], image2: ['2', 0] }),
      '4': saved(['3', 0]),
    };
    expect(await colorsOf(prompt)).toEqual([one, one, two]);
  });

  it('brings the second of two sizes to the first', async () => {
    const pictures = await picturesOf({
      '1': node('EmptyImage', { width: 40, height: 16, batch_size: 1, color: fresh() }),
      '2': node('EmptyImage', { width: 16, height: 40, batch_size: 1, color: 0x808080 }),
      '3': node('ImageBatch', { image1: ['1', 0], image2: ['2', 0] }),
      '4': saved(['3', 0]),
    });
    expect(pictures.map(({ width, height }) => [width, height])).toEqual([
      [40, 16],
      [40, 16],
    ]);
    expect(pictures[1]?.pixels.readUIntBE(0, 3)).toBe(0x808080);
  });

  it.each([
    [0, 1, [0]],
    [1, 2, [1, 2]],
    [2, 100, [2, 3]],
    [100, 2, [3]],
  ])('cuts a batch of four at %i, %i long', async (batch_index, length, expected) => {
    const colors = [fresh(), fresh(), fresh(), fresh()];
    const joined = (left: string, right: string) =>
      node('ImageBatch', { image1: [left, 0], image2: [right, 0] });
    const prompt = {
      ...Object.fromEntries(colors.map((color, index) => [String(index + 1), emptyImage(color)])),
      '5': joined('1', '2'),
      '6': joined('3', '4'),
      '7': joined('5', '6'),
      '8': node('ImageFromBatch', { image: ['7', 0], batch_index, length }),
      '9': saved(['8', 0]),
    };
    expect(await colorsOf(prompt)).toEqual(expected.map((index) => colors[index]));
  });

  it('repeats a batch as a whole', async () => {
    const [one, two] = [fresh(), fresh()];
    const prompt = {
      '1': emptyImage(one),
      '2': emptyImage(two),
      '3': node('ImageBatch', { image1: ['1', 0], image2: ['2', 0] }),
      '4': node('RepeatImageBatch', { image: ['3', 0], amount: 2 }),
      '5': saved(['4', 0]),
    };
    expect(await colorsOf(prompt)).toEqual([one, two, one, two]);
  });
}

/** The largest difference of two bytes. */
function distance(actual: Buffer, expected: Buffer | undefined): number {
  return actual.reduce(
    (most, value, index) => Math.max(most, Math.abs(value - (expected?.[index] ?? 255))),
    0,
  );
}
