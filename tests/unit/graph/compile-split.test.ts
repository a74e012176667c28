import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiPrompt } from '../../../electron/core/comfy/prompt.ts';
import { EMPTY_CATALOG } from '../../../electron/core/graph/catalog.ts';
import { compile, shardOutputs, shardPrompt } from '../../../electron/core/graph/compile.ts';
import type { Plan } from '../../../electron/core/graph/plan.ts';
import { expectSound } from './compile-checks.ts';
import { distributedTxt2img, node, plainTxt2img, request, sampling } from './fixtures/graphs.ts';
import { placesOf } from './latent-places.ts';

const split = (prompt: ApiPrompt, count: number, copies: number | null = null): Plan =>
  compile(request(prompt, count, { splitBatch: true, copies }), EMPTY_CATALOG);
const sampled = (plan: Plan, shard: number, sampler = '5'): readonly number[] => {
  const prompt = shardPrompt(plan, shard);
  const link = prompt[sampler]?.inputs['latent_image'];
  return placesOf(prompt, Array.isArray(link) ? String(link[0]) : '');
};

describe('splitting a batch', () => {
  it('gives contiguous near-equal slices, the remainder first, and leaves the seed', () => {
    const plan = split(plainTxt2img(42, 7), 3);
    expect(plan.kind).toBe('batch-split');
    expect(plan.shards.map(({ slice }) => slice)).toEqual([
      { first: 0, count: 3 },
      { first: 3, count: 2 },
      { first: 5, count: 2 },
    ]);
    expect([0, 1, 2].map((k) => sampled(plan, k))).toEqual([
      [0, 1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect([0, 1, 2].map((k) => shardPrompt(plan, k)['5']?.inputs['seed'])).toEqual([42, 42, 42]);
    expect([plan.templates.length, plan.seeds, plan.secondStage, plan.warnings]).toEqual([1, [], null, []]);
  });

  it('is one shard per participant, but no more than pictures; copies set the number', () => {
    expect(split(plainTxt2img(1, 2), 5).shards).toHaveLength(2);
    expect(split(plainTxt2img(1, 8), 2, 4).shards).toHaveLength(4);
    const most = split(plainTxt2img(1, 2), 1, 9);
    expect(most.shards).toHaveLength(2);
    expect(most.warnings).toEqual([expect.stringContaining('no more than 2 slices')]);
  });

  it('cuts nothing where there is one slice', () => {
    const { shards, templates } = split(plainTxt2img(1, 4), 1);
    expect(shards.map(({ slice }) => slice)).toEqual([{ first: 0, count: 4 }]);
    expect(Object.keys(templates[0]?.prompt ?? {})).toEqual(['1', '2', '3', '4', '5', '6', '7']);
  });

  it('reaches every place with the limits of the old nodes', () => {
    const batches = fc.tuple(fc.integer({ min: 2, max: 600 }), fc.integer({ min: 2, max: 12 }));
    fc.assert(
      fc.property(batches, ([size, parts]) => {
        const plan = split(plainTxt2img(1, size), parts);
        const places = plan.shards.flatMap(({ index }) => sampled(plan, index));
        expect(places).toEqual(Array.from({ length: size }, (_, place) => place));
        for (const { index } of plan.shards) {
          const outputs = shardOutputs(plan, index).map(({ nodeId }) => nodeId);
          expectSound(shardPrompt(plan, index), outputs);
        }
      }),
      { numRuns: 40 },
    );
    expect(sampled(split(plainTxt2img(1, 4096), 1, 4096), 4095)).toEqual([4095]);
  });

  it('goes through what treats pictures one by one', () => {
    const plan = split(
      {
        ...sampling(1, 4),
        '20': node('LatentUpscale', { samples: ['5', 0], width: 1024, height: 1024 }),
        '21': node('KSampler', { latent_image: ['20', 0], seed: 2, sampler_name: 'euler' }),
        '22': node('VAEDecode', { samples: ['21', 0], vae: ['1', 2] }),
        '23': node('ImageScale', { image: ['22', 0], width: 64, height: 64 }),
        '24': node('SaveImage', { images: ['23', 0], filename_prefix: 'x' }),
        '25': node('PreviewImage', { images: ['6', 0] }),
      },
      2,
    );
    expect(plan.secondStage).toBeNull();
    expect(shardOutputs(plan, 1).map(({ nodeId }) => nodeId)).toEqual(['24', '25']);
  });

  it('collects in front of what needs all pictures, and saves each once', () => {
    const plan = split(
      {
        ...plainTxt2img(1, 4),
        '20': node('ImageGrid', { images: ['6', 0] }),
        '21': node('SaveImage', { images: ['20', 0], filename_prefix: 'grid' }),
        '22': node('LoadImage', { image: 'a.png' }),
        '23': node('PreviewImage', { images: ['22', 0] }),
      },
      2,
    );
    expect(plan.secondStage?.gathers).toEqual([{ collector: '6-collect', channel: 'images' }]);
    expect(plan.secondStage?.outputs.map(({ nodeId }) => nodeId)).toEqual(['21']);
    expect(shardOutputs(plan, 1)).toEqual([
      {
        nodeId: '6-collect-save',
        results: [{ nodeId: '7', prefix: 'mine', preview: false }],
        gathers: [{ collector: '6-collect', channel: 'images' }],
      },
    ]);
    // What has nothing to do with the batch is done once.
    expect(shardOutputs(plan, 0).map(({ nodeId }) => nodeId)).toEqual(['23', '6-collect-save']);
  });

  it('encodes again only in the second stage, for a place in the batch would be lost', () => {
    const plan = split(
      {
        ...sampling(1, 4),
        '20': node('VAEEncode', { pixels: ['6', 0], vae: ['1', 2] }),
        '21': node('KSampler', { latent_image: ['20', 0], seed: 2, sampler_name: 'euler' }),
        '22': node('VAEDecode', { samples: ['21', 0], vae: ['1', 2] }),
        '23': node('SaveImage', { images: ['22', 0], filename_prefix: 'x' }),
      },
      2,
    );
    expect(Object.keys(plan.secondStage?.prompt ?? {})).toEqual(['1', '20', '21', '22', '23']);
  });

  it('uses the collectors that are there, without offsetting their seed', () => {
    const graph = {
      ...distributedTxt2img(42),
      '4': node('EmptyLatentImage', { width: 8, height: 8, batch_size: 4 }),
    };
    const plan = split(graph, 2);
    expect([0, 1].map((k) => shardPrompt(plan, k)['5']?.inputs['seed'])).toEqual([42, 42]);
    expect(shardOutputs(plan, 1).map(({ nodeId }) => nodeId)).toEqual(['7-save']);
    expect(plan.warnings).toEqual([expect.stringContaining('all slices have the seeds')]);
  });

  it('splits all latents of one size alike', () => {
    const plan = split(
      {
        ...plainTxt2img(1, 4),
        '20': node('EmptySD3LatentImage', { width: 64, height: 64, batch_size: 4 }),
        '21': node('KSampler', { latent_image: ['20', 0], seed: 2, sampler_name: 'euler' }),
        '22': node('VAEDecode', { samples: ['21', 0], vae: ['1', 2] }),
        '23': node('SaveImage', { images: ['22', 0], filename_prefix: 'x' }),
      },
      2,
    );
    expect([sampled(plan, 1), sampled(plan, 1, '21')]).toEqual([
      [2, 3],
      [2, 3],
    ]);
  });

  it.each(['euler_ancestral', 'dpmpp_2m_sde', 'lcm', 'ddpm', 'seeds_2'])('warns about %s', (name) => {
    const graph = {
      ...sampling(1, 4, name),
      '7': node('SaveImage', { images: ['6', 0], filename_prefix: 'x' }),
    };
    expect(split(graph, 2).warnings).toEqual([
      expect.stringContaining(`“Sample” (KSampler, node 5) uses ${name}`),
    ]);
  });

  it('refuses to sample behind a divider, which belongs into the second stage', () => {
    const graph: ApiPrompt = {
      ...plainTxt2img(1, 4),
      '2': node('PictureToText', { clip: ['1', 1], image: ['21', 0] }),
      '20': node('LoadImage', { image: 'a.png' }),
      '21': node('ImageBatchDivider', { images: ['20', 0], divide_by: 2 }),
    };
    expect(() => split(graph, 2)).toThrow(/“Sample” \(KSampler, node 5\) takes the whole latent batch/);
  });

  it('refuses to sample behind what needs all pictures', () => {
    const graph: ApiPrompt = {
      ...plainTxt2img(1, 4),
      '20': node('ImageGrid', { images: ['6', 0] }),
      '21': node('KSampler', { latent_image: ['4', 0], hint: ['20', 0], seed: 2, sampler_name: 'euler' }),
      '22': node('VAEDecode', { samples: ['21', 0], vae: ['1', 2] }),
      '23': node('SaveImage', { images: ['22', 0], filename_prefix: 'x' }),
    };
    expect(() => split(graph, 2)).toThrow(/KSampler \(node 21\) takes the whole latent batch/);
  });
});
