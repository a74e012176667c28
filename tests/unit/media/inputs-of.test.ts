import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiPrompt } from '../../../electron/core/comfy/prompt.ts';
import { readCatalog } from '../../../electron/core/graph/catalog.ts';
import { inputsOf, parseName, withNames } from '../../../electron/core/media/inputs-of.ts';

const node = (class_type: string, inputs: Readonly<Record<string, unknown>>): ApiPrompt[string] => ({
  class_type,
  inputs,
});
const rawOf = (prompt: ApiPrompt, ...rest: readonly Parameters<typeof inputsOf>[1][]): readonly string[] =>
  inputsOf(prompt, ...rest).map(({ raw }) => raw);

describe('inputsOf', () => {
  it.each([
    ['LoadImage', 'image', 'a.png'],
    ['LoadImage', 'image', 'no-extension'],
    ['LoadImageMask', 'image', 'a.webp'],
    ['LoadImageOutput', 'image', 'a.png [output]'],
    ['LoadAudio', 'audio', 'a.flac'],
    ['LoadVideo', 'file', 'a.mp4'],
    ['LoadLatent', 'latent', 'a.latent'],
    ['VHS_LoadVideo', 'video', 'a.webm'],
    ['VHS_LoadAudioUpload', 'audio', 'a.mp3'],
    ['Load3D', 'model_file', '3d/a.glb'],
  ])('knows what %s loads', (className, input, raw) => {
    const prompt = { '7': node(className, { [input]: raw, channel: 'red' }) };
    expect(inputsOf(prompt)).toEqual([
      { nodeId: '7', input, index: null, raw, sure: true, ...parseName(raw) },
    ]);
  });

  it.each([
    ['Other', { image: 'a.png' }, ['a.png']],
    ['Other', { mask: 'sub/m.PNG', latent: 'l.latent', file: 'f.gltf' }, ['sub/m.PNG', 'l.latent', 'f.gltf']],
    ['Other', { text: 'a.png', image: 'a sentence', video: 'https://example.com/v.mp4' }, []],
    ['Other', { image: '/etc/a.png', file: 'C:\\\\a.png', video: '../a.mp4', audio: 'data:a.wav' }, []],
    ['VHS_LoadVideoPath', { video: 'input/a.mp4' }, []],
    ['LoadImage', { image: ['4', 0] }, []],
    ['LoadImage', { image: '' }, []],
    ['Load3D', { model_file: 'none' }, []],
  ])('guesses from names and extensions alone: %s %o', (className, inputs, raws) => {
    const found = inputsOf({ '1': node(className, inputs) });
    expect(found.map(({ raw }) => raw)).toEqual(raws);
    if (className === 'Other') expect(found.every(({ sure }) => !sure)).toBe(true);
  });

  it('trusts what a server says about its classes, in either version of the schema', () => {
    const required = {
      picture: [['a.png'], { image_upload: true }],
      clip: ['COMBO', { options: [], video_upload: true }],
      mode: [['x.png'], {}],
      odd: 'x',
    };
    const catalog = readCatalog({
      Custom: { input: { required, optional: { voice: [[], { audio_upload: true }] } }, output: [] },
    });
    const prompt = {
      '1': node('Custom', { picture: 'p', clip: 'c', voice: 'v', mode: 'x.png', odd: 'y.png' }),
      '2': node('Unknown', { picture: 'p.png' }),
    };
    expect(rawOf(prompt, catalog)).toEqual(['p', 'c', 'v']);
    expect(rawOf(prompt)).toEqual([]);
  });

  it('takes lists apart, wrapped ones too, and records', () => {
    const prompt = {
      '1': node('LoadImageSetNode', { images: ['a.png', 'b.png'] }),
      '2': node('LoadImageSetNode', { images: { __value__: ['c.png', 7, 'd.png [temp]'] } }),
      '3': node('Load3D', { image: { image: '3d/x.png [temp]', camera: 'front', zoom: 2 } }),
    };
    const found = inputsOf(prompt);
    expect(found.map(({ nodeId, index, raw }) => [nodeId, index, raw])).toEqual([
      ['1', 0, 'a.png'],
      ['1', 1, 'b.png'],
      ['2', 0, 'c.png'],
      ['2', 2, 'd.png [temp]'],
      ['3', 'image', '3d/x.png [temp]'],
    ]);
    const renamed = withNames(prompt, new Map(found.map((input) => [input, `new ${String(input.index)}`])));
    expect(renamed).toEqual({
      '1': node('LoadImageSetNode', { images: ['new 0', 'new 1'] }),
      '2': node('LoadImageSetNode', { images: { __value__: ['new 0', 7, 'new 2'] } }),
      '3': node('Load3D', { image: { image: 'new image', camera: 'front', zoom: 2 } }),
    });
  });

  it.each([
    ['a.png', 'a.png', '', 'input'],
    ['a.png [input]', 'a.png', '', 'input'],
    ['sub/deep/a.png [output]', 'a.png', 'sub/deep', 'output'],
    ['sub\\deep\\a b.png [temp]', 'a b.png', 'sub/deep', 'temp'],
    ['a [x].png', 'a [x].png', '', 'input'],
    // As ComfyUI does it.
    ['a.png[temp]', 'a.pn', '', 'temp'],
    ['/etc/passwd', 'passwd', '/etc', 'input'],
  ])('reads %s', (raw, name, subfolder, type) => {
    expect(parseName(raw)).toEqual({ name, subfolder, type });
  });

  const literal = fc.oneof(
    fc.constantFrom('a.png', 'sub\\b.png [output]', 'c.latent', 'text', ''),
    fc.bigInt(),
    fc.double({ noNaN: true }),
    fc.tuple(fc.constantFrom('1', '2'), fc.nat(3)).map(([id, output]): unknown => [id, output]),
    fc.array(fc.constantFrom('x.png', 'y.png'), { maxLength: 3 }),
    fc.record({ __value__: fc.array(fc.constantFrom('z.png'), { maxLength: 2 }) }),
  );
  const prompts: fc.Arbitrary<ApiPrompt> = fc.dictionary(
    fc.string({ minLength: 1, maxLength: 4 }),
    fc.record({
      class_type: fc.constantFrom('LoadImage', 'LoadLatent', 'KSampler', '__proto__'),
      inputs: fc.dictionary(fc.constantFrom('image', 'latent', 'seed', 'mask', 'file'), literal),
      _meta: fc.constant({ title: 'kept' }),
    }),
    { maxKeys: 6 },
  );

  it('renames what it found and nothing else, without touching the prompt that it was given', () => {
    fc.assert(
      fc.property(prompts, (prompt) => {
        const before = structuredClone(prompt);
        const found = inputsOf(prompt);
        expect(withNames(prompt, new Map())).toEqual(before);
        const renamed = withNames(prompt, new Map(found.map((input, index) => [input, `n${index}.png`])));
        expect(prompt).toEqual(before);
        expect(Object.keys(renamed)).toEqual(Object.keys(prompt));
        // The same places hold names again; put back, all is as it was.
        const again = inputsOf(renamed);
        expect(again.map(({ raw }) => raw)).toEqual(found.map((_, index) => `n${index}.png`));
        const back = withNames(
          renamed,
          new Map(again.map((input, index) => [input, found[index]?.raw ?? ''])),
        );
        expect(back).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });
});
