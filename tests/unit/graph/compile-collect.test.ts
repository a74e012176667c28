import { describe, expect, it } from 'vitest';
import type { ApiPrompt } from '../../../electron/core/comfy/prompt.ts';
import { EMPTY_CATALOG, readCatalog } from '../../../electron/core/graph/catalog.ts';
import { compile, shardOutputs, shardPrompt } from '../../../electron/core/graph/compile.ts';
import type { Plan } from '../../../electron/core/graph/plan.ts';
import { expectSound } from './compile-checks.ts';
import { distributedTxt2img, node, request } from './fixtures/graphs.ts';

const plan = (prompt: ApiPrompt, count = 2): Plan => compile(request(prompt, count), EMPTY_CATALOG);
const collector = (inputs: Readonly<Record<string, unknown>> = {}) =>
  node('DistributedCollector', { images: ['6', 0], ...inputs });
const withAudio: ApiPrompt = {
  ...distributedTxt2img(),
  '40': node('LoadAudio', { audio: 'song.flac' }),
  '7': collector({ audio: ['40', 0] }),
};

describe('savers right behind a collector', () => {
  it('need no second pass: one saver in the shard serves them all', () => {
    const made = plan({
      ...distributedTxt2img(),
      '20': node('SaveImage', { images: ['7', 0], filename_prefix: 'mine' }),
    });
    expect(made.secondStage).toBeNull();
    expect(shardOutputs(made, 1)).toEqual([
      {
        nodeId: '7-save',
        results: [
          { nodeId: '8', prefix: null, preview: true },
          { nodeId: '20', prefix: 'mine', preview: false },
        ],
        gathers: [],
      },
    ]);
    expect(shardPrompt(made, 1)['7-save']).toMatchObject({
      class_type: 'SaveImage',
      inputs: { images: ['6', 0] },
    });
    expect(Object.keys(shardPrompt(made, 1))).toEqual(['1', '2', '3', '4', '5', '6', '7-save']);
  });

  it('save audio without loss, or in the format that was asked for', () => {
    const made = plan({
      ...withAudio,
      '41': node('PreviewAudio', { audio: ['7', 1] }),
      '42': node('SaveAudioMP3', { audio: ['7', 1], filename_prefix: 'song', quality: 'V0' }),
    });
    expect(made.secondStage).toBeNull();
    expect(
      shardOutputs(made, 0).map(({ nodeId, results }) => [nodeId, results.map((one) => one.nodeId)]),
    ).toEqual([
      ['42', ['42']],
      ['7-save', ['8']],
      ['7-save-audio', ['41']],
    ]);
    const shard = shardPrompt(made, 0);
    expect(shard['7-save-audio']).toMatchObject({ class_type: 'SaveAudio', inputs: { audio: ['40', 0] } });
    expect(shard['42']).toMatchObject({
      class_type: 'SaveAudioMP3',
      inputs: { audio: ['40', 0], quality: 'V0' },
    });
  });

  it('are not those that hand their pictures on, or are named by another node', () => {
    const made = plan({
      ...distributedTxt2img(),
      '20': node('SaveImage', { images: ['7', 0], filename_prefix: ['21', 0] }),
      '21': node('PrimitiveString', { value: 'x' }),
    });
    expect(made.secondStage?.outputs).toEqual([
      { nodeId: '20', results: [{ nodeId: '20', prefix: null, preview: false }], gathers: [] },
    ]);
  });

  it('are ours where nothing follows the collector', () => {
    const { '8': _, ...graph } = distributedTxt2img();
    expect(shardOutputs(plan(graph), 1)).toEqual([
      { nodeId: '7-save', results: [{ nodeId: '7', prefix: 'ComfyUI', preview: true }], gathers: [] },
    ]);
  });
});

describe('the second stage', () => {
  const graph: ApiPrompt = {
    ...distributedTxt2img(),
    '20': node('ImageScale', { image: ['7', 0], width: 64, height: 64 }),
    '21': node('VAEEncode', { pixels: ['20', 0], vae: ['1', 2] }),
    '22': node('SaveLatent', { samples: ['21', 0], filename_prefix: 'latents/mine' }),
    '23': node('PreviewImage', { images: ['6', 0] }),
  };

  it('keeps all that the nodes behind the collector need', () => {
    const { secondStage: stage } = plan(graph);
    if (stage === null) throw new Error('no second stage');
    expect(Object.keys(stage.prompt)).toEqual(['1', '20', '21', '22']);
    expect(stage.gathers).toEqual([{ collector: '7', channel: 'images' }]);
    expect(stage.outputs).toEqual([
      { nodeId: '22', results: [{ nodeId: '22', prefix: 'latents/mine', preview: false }], gathers: [] },
    ]);
    expectSound(stage.prompt, ['22'], ['7']);
  });

  it('is gathered by the same saver that makes the results', () => {
    expect(shardOutputs(plan(graph), 1)).toEqual([
      {
        nodeId: '7-save',
        results: [{ nodeId: '8', prefix: null, preview: true }],
        gathers: [{ collector: '7', channel: 'images' }],
      },
    ]);
  });

  it('leaves what does not need the collector to shard 0', () => {
    const made = plan(graph, 3);
    expect(shardOutputs(made, 0).map(({ nodeId }) => nodeId)).toEqual(['23', '7-save']);
    expect(made.shards.map(({ template }) => template)).toEqual([0, 1, 1]);
    expect(shardPrompt(made, 1)['23']).toBeUndefined();
  });

  it('passes a collector behind another one', () => {
    const { secondStage: stage } = plan({
      ...graph,
      '24': node('DistributedCollector', { images: ['20', 0] }),
      '25': node('SaveImage', { images: ['24', 0], filename_prefix: 'late' }),
      '26': node('DistributedCollector', { images: ['20', 0] }),
    });
    expect(stage?.prompt['25']?.inputs['images']).toEqual(['20', 0]);
    expect(stage?.prompt['24']).toBeUndefined();
    expect(stage?.outputs.map(({ results }) => results[0]?.nodeId)).toEqual(['22', '25', '26']);
  });

  it('passes the audio of a collector behind another one too', () => {
    const { secondStage: stage } = plan({
      ...withAudio,
      '20': node('ImageScale', { image: ['7', 0], width: 64, height: 64 }),
      '24': node('DistributedCollector', { images: ['20', 0], audio: ['7', 1] }),
      '25': node('CreateVideo', { images: ['24', 0], audio: ['24', 1], fps: 8 }),
      '26': node('SaveVideo', { video: ['25', 0], filename_prefix: 'film' }),
    });
    expect(stage?.prompt['25']?.inputs).toMatchObject({ images: ['20', 0], audio: ['7', 1] });
  });

  it('leaves nodes alone whose ids inserted ones would have had', () => {
    const made = plan({
      ...distributedTxt2img(),
      '2': node('CLIPTextEncode', { clip: ['1', 1], text: ['7-save', 0] }),
      '7-save': node('PromptMaker', {}),
    });
    const shard = shardPrompt(made, 1);
    expect(shard['7-save']?.class_type).toBe('PromptMaker');
    expect(shardOutputs(made, 1).map(({ nodeId }) => nodeId)).toEqual(['7-save-2']);
    expect(shard['7-save-2']?.class_type).toBe('SaveImage');
  });

  it('gathers audio and pictures apart', () => {
    const { secondStage: stage } = plan({
      ...withAudio,
      '43': node('CreateVideo', { images: ['7', 0], audio: ['7', 1], fps: 8 }),
      '44': node('SaveVideo', { video: ['43', 0], filename_prefix: 'film' }),
    });
    expect(stage?.gathers).toEqual([
      { collector: '7', channel: 'images' },
      { collector: '7', channel: 'audio' },
    ]);
  });

  it('does without audio that nobody feeds where it can', () => {
    const film: ApiPrompt = {
      ...distributedTxt2img(),
      '43': node('CreateVideo', { images: ['7', 0], audio: ['7', 1], fps: 8 }),
      '44': node('SaveVideo', { video: ['43', 0], filename_prefix: 'film' }),
    };
    const catalog = readCatalog({
      CreateVideo: {
        input: { required: { images: ['IMAGE'], fps: ['FLOAT'] }, optional: { audio: ['AUDIO'] } },
        output: ['VIDEO'],
      },
    });
    const made = compile(request(film, 2), catalog);
    expect(made.secondStage?.prompt['43']?.inputs).toEqual({ images: ['7', 0], fps: 8 });
    expect(made.warnings).toEqual([expect.stringContaining('CreateVideo (node 43) gets no audio')]);
    expect(() => plan(film)).toThrow(
      /CreateVideo \(node 43\) uses the audio of DistributedCollector \(node 7\)/,
    );
  });

  it('starts at a collector of ours where a divider has none', () => {
    const { '7': _, '8': __, ...rest } = distributedTxt2img();
    const made = plan({
      ...rest,
      '30': node('ImageBatchDivider', { images: ['6', 0], divide_by: 2 }),
      '31': node('SaveImage', { images: ['30', 1], filename_prefix: 'second' }),
      '32': node('PreviewImage', { images: ['6', 0] }),
    });
    expect(made.secondStage?.gathers).toEqual([{ collector: '6-collect', channel: 'images' }]);
    expect(shardOutputs(made, 1).map(({ nodeId }) => nodeId)).toEqual(['32', '6-collect-save']);
  });
});

describe('helper nodes', () => {
  it('DistributedModelName hands on its text, or what feeds it', () => {
    const graph = distributedTxt2img();
    const made = plan({
      ...graph,
      '1': node('CheckpointLoaderSimple', { ckpt_name: ['30', 0] }),
      '30': node('DistributedModelName', { text: ['31', 0] }),
      '31': node('DistributedModelName', { text: 'other.safetensors' }),
      '2': node('CLIPTextEncode', { clip: ['1', 1], text: ['32', 0] }),
      '32': node('DistributedModelName', { text: ['33', 0] }),
      '33': node('TextMaker', {}),
    });
    const shard = shardPrompt(made, 1);
    expect(shard['1']?.inputs['ckpt_name']).toBe('other.safetensors');
    expect(shard['2']?.inputs['text']).toEqual(['33', 0]);
    expect(shard['30'] ?? shard['32']).toBeUndefined();
  });

  it('DistributedEmptyImage is nothing in a collector and a black picture elsewhere', () => {
    const empty = { '50': node('DistributedEmptyImage', { width: 32, height: 16, channels: 3 }) };
    const sound = plan({
      ...withAudio,
      ...empty,
      '7': collector({ images: ['50', 0], audio: ['40', 0] }),
      '8': node('PreviewAudio', { audio: ['7', 1] }),
    });
    // Nobody uses the decoded pictures any more: a catalog that knows VAEDecode would drop it.
    expect(shardOutputs(sound, 0).map(({ nodeId }) => nodeId)).toEqual(['6', '7-save-audio']);
    const joined = plan({
      ...distributedTxt2img(),
      ...empty,
      '51': node('ImageBatch', { image1: ['6', 0], image2: ['50', 0] }),
      '7': collector({ images: ['51', 0] }),
    });
    expect(shardPrompt(joined, 0)['50']).toMatchObject({
      class_type: 'EmptyImage',
      inputs: { width: 32, height: 16, batch_size: 1 },
    });
    expect(joined.warnings).toEqual([expect.stringContaining('ImageBatch (node 51)')]);
  });
});
