import { describe, expect, it } from 'vitest';
import { inputSpec, readCatalog } from '../../../electron/core/graph/catalog.ts';
import { distributedObjectInfo } from '../../../electron/core/graph/distributed-definitions.ts';
import { convert, inputsOf, node, read, workflow } from './fixtures-ui/build.ts';
import { CATALOG } from './fixtures-ui/catalog.ts';

const HIGHEST = 2n ** 64n - 1n;

describe('widget values', () => {
  it('go to the inputs in order, past what the page keeps for itself, with every digit', () => {
    const ui = workflow([
      node(3, 'KSampler', { values: [HIGHEST, 'randomize', 12, 6.5, 'dpmpp_2m', 'karras', 0.4] }),
    ]);
    expect(inputsOf(ui, '3')).toEqual({
      ...{ seed: HIGHEST, steps: 12, cfg: 6.5, sampler_name: 'dpmpp_2m', scheduler: 'karras', denoise: 0.4 },
    });
  });

  it('keep their place when the widget has become an input', () => {
    const ui = workflow(
      [
        node(1, 'SeedList', { outputs: ['INT'], values: [5, 6] }),
        node(3, 'KSampler', {
          inputs: [['seed', 'INT', { link: 1, widget: true }]],
          values: [7, 'fixed', 12, 6.5, 'euler', 'normal', 1],
        }),
      ],
      [[1, 1, 0, 3, 0]],
    );
    expect(inputsOf(ui, '3')).toMatchObject({ seed: ['1', 0], steps: 12, cfg: 6.5 });
  });

  it('take defaults for what is newer than the file and leave out what is surplus', () => {
    expect(inputsOf(workflow([node(1, 'EmptyLatentImage', { values: [640] })]), '1')).toEqual({
      ...{ width: 640, height: 512, batch_size: 1 },
    });
    const surplus = workflow([node(1, 'EmptyLatentImage', { values: [640, 480, 2, 'old', 9] })]);
    expect(inputsOf(surplus, '1')).toEqual({ width: 640, height: 480, batch_size: 2 });
    expect(inputsOf(workflow([node(1, 'LoadImage', { values: ['a.png', 'image'] })]), '1')).toEqual({
      image: 'a.png',
    });
  });

  it('of seeds without a control are followed by the next value', () => {
    expect(inputsOf(workflow([node(1, 'SeedList', { values: [4, 9] })]), '1')).toEqual({ seed: 4, size: 9 });
    const noControl = workflow([node(3, 'KSampler', { values: [7, 12, 6.5, 'euler', 'normal', 1] })]);
    expect(inputsOf(noControl, '3')).toMatchObject({ seed: 7, steps: 12, cfg: 6.5 });
  });

  it('of the distributed nodes are known although no server has them', () => {
    const ui = workflow([node(4, 'DistributedSeed', { values: [504373561407102, 'randomize'] })]);
    expect(convert(ui)).toEqual({
      '4': {
        class_type: 'DistributedSeed',
        inputs: { seed: 504373561407102 },
        _meta: { title: 'Distributed Seed' },
      },
    });
    const collector = workflow([
      node(2, 'DistributedCollector', { inputs: [['images', 'IMAGE']], values: [] }),
    ]);
    expect(inputsOf(collector, '2')).toEqual({ load_balance: false });
    const upscale = readCatalog(distributedObjectInfo(CATALOG)).find('UltimateSDUpscaleDistributed');
    expect(upscale && inputSpec(upscale, 'sampler_name')).toEqual([['euler', 'dpmpp_2m']]);
  });

  it('by name are taken by name, with what such a node adds, without what only the page shows', () => {
    const values = {
      frame_rate: 16,
      format: 'mp4',
      crf: 19,
      videopreview: { hidden: false },
      'choose video to upload': 'image',
    };
    expect(inputsOf(workflow([node(5, 'VideoCombine', { values })]), '5')).toEqual({
      frame_rate: 16,
      format: 'mp4',
      crf: 19,
    });
  });

  it('saved by name as well survive a change of order', () => {
    const ui = workflow([
      node(1, 'EmptyLatentImage', { values: [9, 8, 7], named: { batch_size: 3, width: 256 } }),
    ]);
    expect(inputsOf(ui, '1')).toEqual({ width: 256, height: 512, batch_size: 3 });
  });

  it('follow the chosen option of a dynamic combo', () => {
    const bySize = workflow([node(1, 'Resize', { values: ['size', 300, 200, 'disabled', 'lanczos'] })]);
    expect(inputsOf(bySize, '1')).toEqual({
      ...{
        method: 'size',
        'method.width': 300,
        'method.height': 200,
        'method.crop': 'disabled',
        filter: 'lanczos',
      },
    });
    const byFactor = workflow([node(1, 'Resize', { values: ['factor', 1.5, 'area'] })]);
    expect(inputsOf(byFactor, '1')).toEqual({ method: 'factor', 'method.by': 1.5, filter: 'area' });
    expect(inputsOf(workflow([node(1, 'Resize')]), '1')).toMatchObject({
      method: 'size',
      'method.crop': 'center',
    });
  });

  it('of links into a growing list keep their dotted names', () => {
    const ui = workflow(
      [
        node(1, 'LoadImage', { outputs: ['IMAGE'], values: ['a.png'] }),
        node(2, 'BatchImages', {
          inputs: [
            ['images.image0', 'IMAGE', { link: 1 }],
            ['images.image1', 'IMAGE'],
          ],
        }),
      ],
      [[1, 1, 0, 2, 0]],
    );
    expect(inputsOf(ui, '2')).toEqual({ 'images.image0': ['1', 0] });
  });

  it('that are lists are wrapped, so that no server takes them for links', () => {
    const ui = workflow([
      node(1, 'Palette', {
        values: [
          ['#fff', 1],
          [
            [0, 0],
            [1, 1],
          ],
        ],
      }),
    ]);
    expect(inputsOf(ui, '1')).toEqual({
      colors: { __value__: ['#fff', 1] },
      curve: {
        __type__: 'CURVE',
        __value__: [
          [0, 0],
          [1, 1],
        ],
      },
    });
    expect(inputsOf(workflow([node(1, 'ImageCompare')]), '1')).toEqual({ view: { __value__: ['', ''] } });
  });

  it('of a box are followed by its four numbers', () => {
    const box = { x: 1, y: 2, width: 3, height: 4 };
    const ui = workflow([node(1, 'Crop', { values: [box, 1, 2, 3, 4, false] })]);
    expect(inputsOf(ui, '1')).toEqual({ region: box, smooth: false });
  });

  it('of sockets, as old pages saved them, are passed over', () => {
    const old = workflow([node(1, 'SaveText', { values: ['', 'diary', 8] })]);
    expect(inputsOf(old, '1')).toEqual({ name: 'diary', count: 8 });
    expect(inputsOf(workflow([node(1, 'SaveText', { values: ['diary', 8] })]), '1')).toEqual({
      name: 'diary',
      count: 8,
    });
  });

  it('of a combo with own options say which one is chosen', () => {
    const ui = workflow([node(1, 'CustomCombo', { values: ['Fast', 0, 'Good', 'Fast', ''] })]);
    expect(inputsOf(ui, '1')).toEqual({
      choice: 'Fast',
      index: 1,
      option1: 'Good',
      option2: 'Fast',
      option3: '',
    });
  });
});

describe('texts', () => {
  const ui = (text: string) => workflow([node(6, 'CLIPTextEncode', { title: 'Prompt', values: [text] })]);

  it('with choices become one of them', () => {
    expect(
      convert(ui('a {red|green|{light|dark} blue} cat // not this'), { random: () => 0.9 })['6']?.inputs[
        'text'
      ],
    ).toBe('a dark blue cat ');
    expect(inputsOf(ui('\\{kept\\}'), '6')['text']).toBe('{kept}');
  });

  it('take the first choice without chance, and say so', () => {
    const { prompt, warnings } = read(ui('a {red|green} cat'));
    expect(prompt['6']?.inputs['text']).toBe('a red cat');
    expect(warnings).toEqual([
      '"Prompt" (CLIPTextEncode, node 6): of the choices in text the first one is taken.',
    ]);
  });

  it('in file names are filled in from other nodes and from the date', () => {
    const save = workflow([
      node(3, 'KSampler', { title: 'Base', values: [42, 'fixed'] }),
      node(9, 'SaveImage', { values: ['%Base.seed%/%KSampler.cfg%_%date:yyyy-MM-dd%_%width%_%Nope.seed%'] }),
    ]);
    const prompt = convert(save, { now: new Date(2026, 2, 9) });
    expect(prompt['9']?.inputs['filename_prefix']).toBe('42/8_2026-03-09_%width%_%Nope.seed%');
  });
});
