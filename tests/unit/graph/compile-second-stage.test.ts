import { describe, expect, it } from 'vitest';
import type { ApiPrompt } from '../../../electron/core/comfy/prompt.ts';
import { EMPTY_CATALOG } from '../../../electron/core/graph/catalog.ts';
import { compile, compileSecondStage } from '../../../electron/core/graph/compile.ts';
import type { Gathered, GatheredFile, SecondStage } from '../../../electron/core/graph/plan.ts';
import { expectSound } from './compile-checks.ts';
import { distributedTxt2img, node, request } from './fixtures/graphs.ts';

function stageOf(extra: ApiPrompt): SecondStage {
  const { secondStage } = compile(request({ ...distributedTxt2img(), ...extra }, 2), EMPTY_CATALOG);
  if (secondStage === null) throw new Error('no second stage');
  return secondStage;
}
const picture = (name: string, frames: number): GatheredFile => ({ name, frames, seconds: null });
const images = (...files: readonly GatheredFile[]): Gathered => ({
  collector: '7',
  channel: 'images',
  files,
});
const scaled: ApiPrompt = {
  '20': node('ImageScale', { image: ['7', 0], width: 64, height: 64 }),
  '21': node('SaveImage', { images: ['20', 0], filename_prefix: 'small' }),
};

describe('compiling the second stage', () => {
  it('loads one animated file', () => {
    const { prompt, outputs } = compileSecondStage(stageOf(scaled), [images(picture('ensemble/a.png', 4))]);
    expect(prompt['7-load']).toMatchObject({ class_type: 'LoadImage', inputs: { image: 'ensemble/a.png' } });
    expect(prompt['20']?.inputs['image']).toEqual(['7-load', 0]);
    expect(prompt['21']?.inputs['filename_prefix']).toMatch(/^ensemble\/[0-9a-f]{16}$/);
    expect(outputs).toEqual([
      { nodeId: '21', results: [{ nodeId: '21', prefix: 'small', preview: false }], gathers: [] },
    ]);
    expectSound(prompt, ['21']);
  });

  it('joins several files in order', () => {
    const files = ['a', 'b', 'c'].map((name) => picture(name, 1));
    const { prompt } = compileSecondStage(stageOf(scaled), [images(...files)]);
    expect(prompt['20']?.inputs['image']).toEqual(['7-join-2', 0]);
    expect(prompt['7-join-2']?.inputs).toEqual({ image1: ['7-join', 0], image2: ['7-load-3', 0] });
    expect(prompt['7-join']?.inputs).toEqual({ image1: ['7-load', 0], image2: ['7-load-2', 0] });
  });

  it('joins audio in time', () => {
    const stage = stageOf({
      '40': node('LoadAudio', { audio: 'song.flac' }),
      '7': node('DistributedCollector', { images: ['6', 0], audio: ['40', 0] }),
      '41': node('AudioAdjustVolume', { audio: ['7', 1], volume: 2 }),
      '42': node('SaveAudio', { audio: ['41', 0], filename_prefix: 'loud' }),
    });
    const files = ['a.flac', 'b.flac'].map((name) => ({ name, frames: 1, seconds: 3 }));
    const { prompt } = compileSecondStage(stage, [{ collector: '7', channel: 'audio', files }]);
    expect(prompt['41']?.inputs['audio']).toEqual(['7-join', 0]);
    expect(prompt['7-join']).toMatchObject({ class_type: 'AudioConcat', inputs: { direction: 'after' } });
  });

  it('refuses to go on with nothing', () => {
    expect(() => compileSecondStage(stageOf(scaled), [])).toThrow(/No images came back for .* node 7/);
    expect(() => compileSecondStage(stageOf(scaled), [images()])).toThrow(/No images came back/);
  });

  it('names files by content', () => {
    const name = (file: string): unknown =>
      compileSecondStage(stageOf(scaled), [images(picture(file, 1))]).prompt['21']?.inputs['filename_prefix'];
    expect(name('a')).toBe(name('a'));
    expect(name('a')).not.toBe(name('b'));
  });
});

describe('dividing what was gathered', () => {
  const divided = (parts: number, ...used: readonly number[]): ApiPrompt => ({
    '30': node('ImageBatchDivider', { images: ['7', 0], divide_by: parts }, 'Divide'),
    ...Object.fromEntries(
      used.map((part) => [`${40 + part}`, node('PreviewImage', { images: ['30', part] })]),
    ),
  });
  const cuts = (prompt: ApiPrompt): readonly unknown[] =>
    Object.values(prompt)
      .filter((one) => one.class_type === 'ImageFromBatch')
      .map(({ inputs }) => [inputs['batch_index'], inputs['length'], inputs['image']]);

  it('cuts contiguous near-equal parts, the remainder first', () => {
    const files = images(picture('a', 5), picture('b', 2));
    const { prompt } = compileSecondStage(stageOf(divided(3, 0, 1, 2)), [files]);
    expect(cuts(prompt)).toEqual([
      [0, 3, ['7-join', 0]],
      [3, 2, ['7-join', 0]],
      [5, 2, ['7-join', 0]],
    ]);
    expectSound(prompt, ['40', '41', '42']);
  });

  it('makes only the parts that are used, and clamps their number', () => {
    const { prompt } = compileSecondStage(stageOf(divided(99, 9)), [images(picture('a', 10))]);
    expect(cuts(prompt)).toEqual([[9, 1, ['7-load', 0]]]);
  });

  it('names an empty part that is used', () => {
    expect(() => compileSecondStage(stageOf(divided(4, 3)), [images(picture('a', 3))])).toThrow(
      /“Divide” \(ImageBatchDivider, node 30\) divides 3 pictures into 4 parts: part 4 is empty, but PreviewImage \(node 43\) uses it/,
    );
  });

  it('divides parts of parts, and behind nodes that keep the number', () => {
    const stage = stageOf({
      '30': node('ImageBatchDivider', { images: ['7', 0], divide_by: 2 }),
      '31': node('ImageScale', { image: ['30', 1], width: 8, height: 8 }),
      '32': node('ImageBatchDivider', { images: ['31', 0], divide_by: 2 }),
      '33': node('SaveImage', { images: ['32', 1], filename_prefix: 'x' }),
    });
    const { prompt } = compileSecondStage(stage, [images(picture('a', 8))]);
    expect(cuts(prompt)).toEqual([
      [4, 4, ['7-load', 0]],
      [2, 2, ['31', 0]],
    ]);
  });

  it('does not guess how many pictures a node makes', () => {
    const stage = stageOf({
      '30': node('RIFE', { frames: ['7', 0] }),
      '31': node('ImageBatchDivider', { images: ['30', 0], divide_by: 2 }),
      '32': node('SaveImage', { images: ['31', 0], filename_prefix: 'x' }),
    });
    expect(() => compileSecondStage(stage, [images(picture('a', 8))])).toThrow(
      /ImageBatchDivider \(node 31\) cannot divide: how many pictures RIFE \(node 30\) makes/,
    );
  });

  it('cuts audio where the parts meet, to its end', () => {
    const stage = stageOf({
      '50': node('LoadAudio', { audio: 'song.flac' }),
      '51': node('AudioBatchDivider', { audio: ['50', 0], divide_by: 2 }),
      '52': node('SaveAudio', { audio: ['51', 0], filename_prefix: 'x' }),
      '53': node('SaveAudio', { audio: ['51', 1], filename_prefix: 'y' }),
    });
    const collector = '50-collect';
    expect(stage.gathers).toEqual([{ collector, channel: 'audio' }]);
    const files = [{ name: 'song.flac', frames: 1, seconds: 5 }];
    const { prompt } = compileSecondStage(stage, [{ collector, channel: 'audio', files }]);
    expect(prompt['51-part-1']?.inputs).toMatchObject({ start_index: 0, duration: 2.5 });
    expect(prompt['51-part-2']?.inputs).toMatchObject({ start_index: 2.5, duration: 3.5 });
  });
});
