import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiNode, ApiPrompt } from '../../../electron/core/comfy/prompt.ts';
import { EMPTY_CATALOG } from '../../../electron/core/graph/catalog.ts';
import { compile, compileSecondStage, shardPrompt } from '../../../electron/core/graph/compile.ts';
import { imageSize } from '../../../electron/core/graph/tiles/image-size.ts';
import { type TileGrid, tileGrid } from '../../../electron/core/graph/tiles/tile-grid.ts';
import { node, request, upscale } from './fixtures/graphs.ts';

const side = fc.integer({ min: 1, max: 3_000 });
const tileSide = fc.integer({ min: 8, max: 256 }).map((n) => n * 8);
const settings = fc.record({
  width: tileSide,
  height: tileSide,
  padding: fc.integer({ min: 0, max: 256 }),
  uniform: fc.boolean(),
});

describe('tileGrid', () => {
  it('covers every pixel once, with crops that stay in the picture', () => {
    fc.assert(
      fc.property(side, side, settings, (width, height, setting) => {
        const grid = tileGrid({ width, height }, setting);
        let covered = 0;
        for (const { x, y, part } of grid.tiles) {
          expect(x >= 0 && x + grid.crop.width <= width).toBe(true);
          expect(y >= 0 && y + grid.crop.height <= height).toBe(true);
          expect(part.x >= 0 && part.x + part.width <= grid.crop.width).toBe(true);
          expect(part.y >= 0 && part.y + part.height <= grid.crop.height).toBe(true);
          covered += part.width * part.height;
        }
        expect(covered).toBe(width * height);
        expect(overlaps(grid)).toBe(false);
      }),
    );
  });

  it('gives a tile its padding on all sides where the picture has it', () => {
    const { crop, sampled, tiles } = tileGrid(
      { width: 2048, height: 2048 },
      { width: 512, height: 512, padding: 32, uniform: true },
    );
    expect(crop).toEqual({ width: 576, height: 576 });
    expect(sampled).toEqual({ width: 544, height: 544 });
    expect(tiles[5]).toEqual({ x: 480, y: 480, part: { x: 32, y: 32, width: 512, height: 512 } });
    expect(tiles[15]).toEqual({ x: 1472, y: 1472, part: { x: 64, y: 64, width: 512, height: 512 } });
  });
});

function overlaps({ tiles }: TileGrid): boolean {
  const corners = new Set(tiles.map(({ x, y, part }) => `${x + part.x} ${y + part.y}`));
  return corners.size !== tiles.length;
}

describe('imageSize', () => {
  const of = (nodes: Record<string, ApiNode>, from = '9'): unknown =>
    imageSize(new Map(Object.entries(nodes)), [from, 0], new Map([['1', { width: 640, height: 400 }]]));
  const load = { '1': node('LoadImage', { image: 'a.png' }) };
  const made = (className: string, inputs: Record<string, unknown>): unknown =>
    of({ ...load, '9': node(className, { image: ['1', 0], ...inputs }) });

  it.each([
    ['ImageScale', { width: 1024, height: 768 }, [1024, 768]],
    ['ImageScale', { width: 0, height: 800 }, [1280, 800]],
    ['ImageScale', { width: 0, height: 0 }, [640, 400]],
    ['ImageScaleBy', { scale_by: 1.5 }, [960, 600]],
    ['ImageScaleToTotalPixels', { megapixels: 1 }, [1295, 810]],
    ['ImageCrop', { width: 600, height: 600, x: 100, y: 100 }, [540, 300]],
    ['ImagePadForOutpaint', { left: 1, top: 2, right: 3, bottom: 4, feathering: 0 }, [644, 406]],
    ['ImageInvert', {}, [640, 400]],
  ] as const)('tells what %s makes of %o', (className, inputs, [width, height]) => {
    expect(made(className, inputs)).toEqual({ size: { width, height }, assumed: [] });
  });

  it('goes through latents in whole eights', () => {
    const nodes = {
      ...load,
      '2': node('VAEEncode', { pixels: ['1', 0] }),
      '3': node('KSampler', { latent_image: ['2', 0] }),
      '9': node('VAEDecode', { samples: ['3', 0] }),
    };
    expect(of(nodes)).toEqual({ size: { width: 640, height: 400 }, assumed: [] });
    const empty = { '2': node('EmptyLatentImage', { width: 517, height: 64, batch_size: 1 }) };
    expect(of({ ...empty, '9': node('VAEDecode', { samples: ['2', 0] }) })).toMatchObject({
      size: { width: 512, height: 64 },
    });
  });

  it('takes the factor of an upscale model from its name, and says so', () => {
    const named = (name: string): unknown =>
      of({
        ...load,
        '2': node('UpscaleModelLoader', { model_name: name }),
        '9': node('ImageUpscaleWithModel', { image: ['1', 0], upscale_model: ['2', 0] }),
      });
    expect(named('4x-UltraSharp.pth')).toMatchObject({ size: { width: 2560, height: 1600 } });
    expect(named('RealESRGAN_x2plus.pth')).toMatchObject({
      size: { width: 1280, height: 800 },
      assumed: ['RealESRGAN_x2plus.pth is taken to enlarge 2 times'],
    });
    expect(named('fine.pth')).toEqual({ lostAt: '9' });
  });

  it('names the node that cannot be told', () => {
    expect(made('SomethingElse', {})).toEqual({ lostAt: '9' });
    expect(made('ImageScale', { width: ['7', 0], height: 8 })).toEqual({ lostAt: '9' });
    expect(of({ '9': node('LoadImage', { image: 'b.png' }) })).toEqual({ lostAt: '9' });
  });
});

function tiled(change: Record<string, unknown> = {}, more: Record<string, ApiNode> = {}): ApiPrompt {
  const graph = upscale();
  const tiles = graph['9'];
  if (tiles === undefined) throw new Error('no tiles');
  return {
    ...graph,
    '7': node('ImageScale', {
      image: ['6', 0],
      width: 1024,
      height: 768,
      upscale_method: 'lanczos',
      crop: 'disabled',
    }),
    '9': { ...tiles, inputs: { ...tiles.inputs, ...change } },
    ...more,
  };
}

const plan = (graph: ApiPrompt, options: Parameters<typeof request>[2] = {}) =>
  compile(request(graph, 3, options), EMPTY_CATALOG);
const nodesOf = (prompt: ApiPrompt, className: string): readonly ApiNode[] =>
  Object.values(prompt).filter(({ class_type }) => class_type === className);

describe('UltimateSDUpscaleDistributed', () => {
  it('becomes as many shards as there are tiles, whoever takes part', () => {
    for (const count of [1, 3, 8]) {
      const made = compile(request(tiled(), count), EMPTY_CATALOG);
      expect(made.shards).toHaveLength(4);
      expect(shardPrompt(made, 2)).toEqual(shardPrompt(plan(tiled()), 2));
    }
  });

  it('cuts picture and control picture alike, each shard at its place', () => {
    const made = plan(tiled());
    const places = made.shards.map(({ index }) =>
      nodesOf(shardPrompt(made, index), 'ImageCrop').map(({ inputs }) => [inputs['x'], inputs['y']]),
    );
    expect(places).toEqual(
      [
        [0, 0],
        [448, 0],
        [0, 192],
        [448, 192],
      ].map((place) => [place, place]),
    );
    const [control] = nodesOf(shardPrompt(made, 0), 'ControlNetApplyAdvanced');
    expect(nodesOf(shardPrompt(made, 0), 'ControlNetApplyAdvanced')).toHaveLength(1);
    expect(control?.inputs['image']).not.toEqual(['7', 0]);
  });

  it('pastes in order, with soft edges, over the picture as it was', () => {
    const stage = plan(tiled({ mask_blur: 8 })).secondStage;
    if (stage === null) throw new Error('no second stage');
    const gathered = (frames: number) => [
      {
        collector: '9-collect',
        channel: 'images' as const,
        files: [{ name: 'ensemble/t.png', frames, seconds: null }],
      },
    ];
    const { prompt } = compileSecondStage(stage, gathered(8));
    const parts = nodesOf(prompt, 'ImageFromBatch').map(({ inputs }) => [
      inputs['batch_index'],
      inputs['length'],
    ]);
    expect(parts).toEqual([
      [0, 2],
      [2, 2],
      [4, 2],
      [6, 2],
    ]);
    const pasted = nodesOf(prompt, 'ImageCompositeMasked');
    expect(pasted[0]?.inputs['destination']).toEqual(['7', 0]);
    expect(pasted.map(({ inputs }) => [inputs['x'], inputs['y']])).toEqual([
      [0, 0],
      [448, 0],
      [0, 192],
      [448, 192],
    ]);
    expect(nodesOf(prompt, 'ImageBlur')[0]?.inputs).toMatchObject({ blur_radius: 24, sigma: 1 / 3 });
    expect(prompt['10']?.inputs['images']).toEqual(['9-paste-4', 0]);
    expect(() => compileSecondStage(stage, gathered(7))).toThrow(/7 pictures came back for 4 tiles/);
  });

  it('blurs as widely as asked, in a smaller picture where ImageBlur cannot', () => {
    const stage = plan(tiled({ mask_blur: 64 })).secondStage;
    const blurs = nodesOf(stage?.prompt ?? {}, 'ImageBlur');
    expect(blurs.length).toBeGreaterThan(0);
    for (const { inputs } of blurs) {
      const pixels = Number(inputs['sigma']) * Number(inputs['blur_radius']);
      expect(pixels * 7).toBeCloseTo(64);
      expect(inputs['blur_radius']).toBeLessThanOrEqual(31);
    }
    expect(nodesOf(plan(tiled({ mask_blur: 0 })).secondStage?.prompt ?? {}, 'ImageBlur')).toEqual([]);
  });

  it('brings a picture whose size is taken on trust to that size, and says so', () => {
    const made = plan(upscale());
    expect(made.warnings.join(' ')).toContain('ImageResize+ is taken to make 2048 × 2048');
    expect(nodesOf(shardPrompt(made, 0), 'ImageScale').map(({ inputs }) => inputs['width'])).toContain(2048);
  });

  it('tells where a place in the whole picture is named', () => {
    const area = node('ConditioningSetArea', { conditioning: ['8', 0], width: 64, height: 64, x: 0, y: 0 });
    const made = plan(tiled({ positive: ['20', 0] }, { '20': area }));
    expect(made.warnings).toEqual([
      'ConditioningSetArea (node 20) names a place in the whole picture; in tiles it is taken as it stands.',
    ]);
  });

  it.each([
    [
      'an unknown size',
      tiled({ upscaled_image: ['8', 0] }),
      {},
      /cannot be told beforehand: ControlNetApplyAdvanced/,
    ],
    ['no picture', tiled({ upscaled_image: 1 }), {}, /has no picture/],
    [
      'a tile of no size',
      tiled({ tile_width: 7 }),
      {},
      /“tile_width”: it must be a whole number from 64 to 2048/,
    ],
    [
      'too many tiles',
      tiled({ tile_width: 64, tile_height: 64, upscaled_image: ['30', 0] }, huge()),
      {},
      /not more than 1024/,
    ],
    ['a second one', tiled({}, second()), {}, /only one picture can be spread/],
    ['a collector in front', tiled({ upscaled_image: ['31', 0] }, collected()), {}, /collects those of many/],
    ['copies', tiled(), { copies: 3 }, /as the 4 tiles of its picture, and not as 3 copies/],
    ['a batch split', tiled(), { splitBatch: true }, /not as slices of a batch/],
  ] as const)('refuses %s in words', (_, graph, options, words) => {
    expect(() => plan(graph, options)).toThrow(words);
  });
});

function huge(): Record<string, ApiNode> {
  return { '30': node('EmptyImage', { width: 8192, height: 8192, batch_size: 1, color: 0 }) };
}

function second(): Record<string, ApiNode> {
  const tiles = upscale()['9'];
  return {
    ...(tiles === undefined ? {} : { '40': tiles }),
    '41': node('PreviewImage', { images: ['40', 0] }),
  };
}

function collected(): Record<string, ApiNode> {
  return { '31': node('DistributedCollector', { images: ['7', 0] }) };
}
