import { describe, expect, it } from 'vitest';
import type { ApiPrompt } from '../../../electron/core/comfy/prompt.ts';
import { EMPTY_CATALOG, readCatalog } from '../../../electron/core/graph/catalog.ts';
import { compile } from '../../../electron/core/graph/compile.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import { distributedTxt2img, node, plainTxt2img, request, sampling } from './fixtures/graphs.ts';

function refusal(prompt: unknown, options: Parameters<typeof request>[2] = {}, count = 2): EnsembleError {
  try {
    compile(request(prompt as ApiPrompt, count, options), EMPTY_CATALOG);
  } catch (error) {
    if (error instanceof EnsembleError && error.code === 'bad-argument') return error;
    throw error;
  }
  throw new Error('It was compiled.');
}

describe('what cannot be compiled', () => {
  it.each<[string, unknown, RegExp, string]>([
    ['a list', [], /not an object of nodes/, 'prompt'],
    ['nothing', {}, /empty/, 'prompt'],
    ['no output', { '1': node('A', { x: ['1', 0] }) }, /circle: A \(node 1\) need/, 'prompt.1.x'],
    [
      'only helpers',
      { '1': node('DistributedModelName', { text: 'x' }) },
      /No node of the workflow saves or shows anything/,
      'prompt',
    ],
    ['a note', { ...plainTxt2img(), '99': { inputs: {} } }, /Node 99 has no class/, 'prompt.99.class_type'],
    [
      'a missing node',
      { ...plainTxt2img(), '7': node('SaveImage', { images: ['66', 0], filename_prefix: 'x' }, 'Keep') },
      /“Keep” \(SaveImage, node 7\) takes “images” from node 66, which is missing/,
      'prompt.7.images',
    ],
    [
      'a missing output of a helper',
      { ...plainTxt2img(['9', 1]), '9': node('DistributedSeed', { seed: 1 }) },
      /“Sample” \(KSampler, node 5\) takes “seed” from output 1 of DistributedSeed \(node 9\)/,
      'prompt.5.seed',
    ],
    [
      'a collector without pictures',
      { ...distributedTxt2img(), '7': node('DistributedCollector', {}, 'Gather') },
      /uses the images of “Gather” \(DistributedCollector, node 7\)/,
      'prompt.7.images',
    ],
    [
      'an empty collector',
      {
        ...distributedTxt2img(),
        '7': node('DistributedCollector', { images: ['50', 0] }),
        '50': node('DistributedEmptyImage', {}),
      },
      /DistributedCollector \(node 7\) has nothing to collect/,
      'prompt.7.images',
    ],
    [
      'a fraction as seed',
      distributedTxt2img(1.5),
      /DistributedSeed \(node 9\) has the seed 1\.5, which is no whole number/,
      'prompt.9.seed',
    ],
    ['a seed beyond 2^64 − 1', distributedTxt2img(2n ** 64n), /18446744073709551616/, 'prompt.9.seed'],
    ['a text as seed', distributedTxt2img('abc'), /has the seed "abc"/, 'prompt.9.seed'],
    ['a rounded seed', distributedTxt2img(2 ** 60), /no whole number/, 'prompt.9.seed'],
    ['a plain seed beyond the end', plainTxt2img(2n ** 64n), /“Sample”.*has the seed/, 'prompt.5.seed'],
    [
      'a seed that a server computes',
      { ...distributedTxt2img(['30', 0]), '30': node('Dice', {}) },
      /DistributedSeed \(node 9\) takes its seed from Dice \(node 30\)/,
      'prompt.9.seed',
    ],
    [
      'a part beyond the parts',
      {
        ...distributedTxt2img(),
        '30': node('ImageBatchDivider', { images: ['7', 0], divide_by: 2 }),
        '31': node('PreviewImage', { images: ['30', 2] }),
      },
      /PreviewImage \(node 31\) takes part 3 of ImageBatchDivider \(node 30\), which divides by 2/,
      'prompt.31.images',
    ],
    [
      'a divider without pictures',
      {
        ...distributedTxt2img(),
        '30': node('ImageBatchDivider', { divide_by: 2 }),
        '31': node('PreviewImage', { images: ['30', 0] }),
      },
      /ImageBatchDivider \(node 30\) has nothing to divide/,
      'prompt.30.images',
    ],
  ])('%s', (_, prompt, message, field) => {
    const error = refusal(prompt);
    expect(error.message).toMatch(message);
    expect(error.problems[0]?.field).toBe(field);
  });

  it('names the nodes of a circle', () => {
    const graph = {
      ...plainTxt2img(),
      '2': node('CLIPTextEncode', { clip: ['1', 1], text: ['10', 0] }, 'Prompt'),
      '10': node('Wildcard', { text: ['11', 0] }),
      '11': node('Join', { a: ['2', 0], b: ['12', 0] }),
      '12': node('Text', { text: 'x' }),
    };
    const { message } = refusal(graph);
    for (const name of ['“Prompt” (CLIPTextEncode, node 2)', 'Wildcard (node 10)', 'Join (node 11)']) {
      expect(message).toContain(name);
    }
    expect(message).not.toContain('node 12');
  });

  it('asks the catalog about outputs', () => {
    const catalog = readCatalog({ VAEDecode: { input: {}, output: ['IMAGE'], output_node: false } });
    const graph = { ...plainTxt2img(), '7': node('SaveImage', { images: ['6', 1], filename_prefix: 'x' }) };
    expect(() => compile(request(graph), catalog)).toThrow(/output 1 of VAEDecode \(node 6\)/);
  });

  it('ignores what no output needs', () => {
    const graph = { ...plainTxt2img(), '7': node('SaveImage', { images: ['6', 0], filename_prefix: 'x' }) };
    const catalog = readCatalog({ Dead: { input: {}, output: [], output_node: false } });
    expect(() => compile(request({ ...graph, '90': node('Dead', { x: ['91', 0] }) }), catalog)).not.toThrow();
  });

  it('says what is wrong with the request', () => {
    expect(refusal(plainTxt2img(), {}, 0).message).toBe('Nothing takes part in this run.');
    expect(refusal(plainTxt2img(), { copies: 0 }).message).toMatch(/number of copies is 0/);
    expect(refusal(plainTxt2img(), { copies: 1.5 }).message).toMatch(/1\.5/);
  });

  it('says what hinders a split', () => {
    const split = { splitBatch: true };
    expect(refusal({ '1': node('SaveImage', {}) }, split).message).toMatch(/no empty latent/);
    expect(refusal(plainTxt2img(1, 1), split).message).toMatch(
      /EmptyLatentImage \(node 4\) makes one picture/,
    );
    const two = {
      ...plainTxt2img(1, 4),
      '20': node('EmptySD3LatentImage', { width: 64, height: 64, batch_size: 3 }),
      '21': node('VAEDecode', { samples: ['20', 0], vae: ['1', 2] }),
      '22': node('PreviewImage', { images: ['21', 0] }),
    };
    expect(refusal(two, split).message).toMatch(/node 4\) makes 4 pictures and .*node 20\) makes 3/);
    const whole = {
      ...sampling(1, 4),
      '20': node('LatentBlend', { samples1: ['5', 0], samples2: ['4', 0] }, 'Blend'),
      '21': node('SaveLatent', { samples: ['20', 0], filename_prefix: 'x' }),
    };
    expect(refusal(whole, split).message).toMatch(/“Blend” \(LatentBlend, node 20\) takes the whole latent/);
  });
});
