import { describe, expect, it } from 'vitest';
import { EMPTY_CATALOG } from '../../../electron/core/graph/catalog.ts';
import {
  compile,
  compileSecondStage,
  shardOutputs,
  shardPrompt,
  workflowKey,
} from '../../../electron/core/graph/compile.ts';
import { expectSound } from './compile-checks.ts';
import {
  imageToVideo,
  node,
  plainTxt2img,
  request,
  textToVideo,
  upscale,
  upscaleVideo,
} from './fixtures/graphs.ts';

const DISTRIBUTED = /^Distributed|BatchDivider$|Distributed$|^Ensemble/;

describe('shapes of workflows that people have', () => {
  it.each([
    ['text to video', textToVideo(), '12', ['30', '31', '32', '33'], ['9', 'noise_seed']],
    ['picture to video', imageToVideo(), '22', ['30', '31', '32'], ['16', 'noise_seed']],
  ] as const)(
    '%s: frames come home, films are made of them',
    (_, graph, collector, films, [sampler, input]) => {
      const plan = compile(request(graph, 3), EMPTY_CATALOG);
      const seeds = plan.shards.map(({ index }) => Number(shardPrompt(plan, index)[sampler]?.inputs[input]));
      expect(seeds.map((seed) => seed - (seeds[0] ?? 0))).toEqual([0, 1, 2]);
      expect(shardOutputs(plan, 1).map(({ nodeId }) => nodeId)).toEqual([`${collector}-save`]);
      expectSound(shardPrompt(plan, 1), [`${collector}-save`]);
      const stage = plan.secondStage;
      if (stage === null) throw new Error('no second stage');
      const files = [{ name: 'ensemble/all.png', frames: 99, seconds: null }];
      const second = compileSecondStage(stage, [{ collector, channel: 'images', files }]);
      expect(second.outputs.map(({ nodeId }) => nodeId)).toEqual(films);
      expectSound(second.prompt, films);
      const all = [...Object.values(second.prompt), ...Object.values(shardPrompt(plan, 0))];
      expect(all.filter(({ class_type }) => DISTRIBUTED.test(class_type))).toEqual([]);
      const lengths = Object.values(second.prompt).map(({ inputs }) => Number(inputs['length'] ?? 0));
      expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(99);
    },
  );

  it.each([
    ['a picture', upscale(), '9', '10', 16],
    ['a film', upscaleVideo(), '10', '11', 6],
  ] as const)('tiles of %s are computed by all, and pasted by the master', (_, graph, id, result, tiles) => {
    const plan = compile(request(graph, 2), EMPTY_CATALOG);
    expect(plan).toMatchObject({ kind: 'tiles' });
    expect(plan.shards).toHaveLength(tiles);
    expectSound(shardPrompt(plan, tiles - 1), [`${id}-collect-save`]);
    const stage = plan.secondStage;
    if (stage === null) throw new Error('no second stage');
    const files = [{ name: 'ensemble/all.png', frames: 3 * tiles, seconds: null }];
    const second = compileSecondStage(stage, [{ collector: `${id}-collect`, channel: 'images', files }]);
    expect(second.outputs.map(({ nodeId }) => nodeId)).toEqual([result]);
    expectSound(second.prompt, [result]);
    const all = [...Object.values(second.prompt), ...Object.values(shardPrompt(plan, 0))];
    expect(all.filter(({ class_type }) => DISTRIBUTED.test(class_type))).toEqual([]);
  });
});

describe('what speeds are learned by', () => {
  const key = (...of: Parameters<typeof plainTxt2img>) => workflowKey(plainTxt2img(...of));

  it('ignores seeds, texts, names, sizes, ids and order', () => {
    const other = {
      ...plainTxt2img(7n ** 22n, 4),
      '2': node('CLIPTextEncode', { clip: ['1', 1], text: 'something else' }, 'Prompt'),
      '7': node('SaveImage', { images: ['6', 0], filename_prefix: 'other' }),
    };
    expect(workflowKey(other).workflow).toBe(key().workflow);
    const text = JSON.stringify(plainTxt2img()).replaceAll('"5"', '"99"');
    expect(workflowKey(JSON.parse(text)).workflow).toBe(key().workflow);
    expect(workflowKey({ ...plainTxt2img(), '1': node('Other', {}) }).workflow).not.toBe(key().workflow);
  });

  it('counts pictures of 512 × 512 and steps', () => {
    expect(key()).toMatchObject({ units: 20, model: 'dream.safetensors' });
    expect(key(1, 4).units).toBe(80);
    const slice = compile(request(plainTxt2img(1, 9), 3, { splitBatch: true }), EMPTY_CATALOG);
    expect(workflowKey(shardPrompt(slice, 2)).units).toBe(60);
    expect(workflowKey({ '1': node('LoadImage', { image: 'a.png' }) })).toMatchObject({
      units: 1,
      model: null,
    });
  });
});
