import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodePng } from '../../electron/simulator/png-decode.ts';
import type { RunDetail } from '../../shared/runs.ts';
import { inOrder, RunWorld } from '../support/run-world.ts';
import { at, call, list } from './client.ts';
import { solidPng } from './pictures.ts';
import { type RunningServer, type ServerKind, serverKinds, startServer } from './servers.ts';
import { node, type Prompt } from './workflows.ts';

/** A workflow on a master and two workers, simulated or real: what distribution promises, seen from the files at home. */

const SIDE = 128;

interface TextToImage {
  readonly checkpoint: string;
  readonly seed: unknown;
  readonly batch?: number;
  readonly steps?: number;
}

function sampling({ checkpoint, seed, batch = 1, steps = 3 }: TextToImage): Prompt {
  return {
    '1': node('CheckpointLoaderSimple', { ckpt_name: checkpoint }),
    '2': node('CLIPTextEncode', { clip: ['1', 1], text: 'a tree' }),
    '3': node('CLIPTextEncode', { clip: ['1', 1], text: '' }),
    '4': node('EmptyLatentImage', { width: SIDE, height: SIDE, batch_size: batch }),
    '5': node('KSampler', {
      ...{ model: ['1', 0], positive: ['2', 0], negative: ['3', 0], latent_image: ['4', 0] },
      ...{ seed, steps, cfg: 7, sampler_name: 'euler', scheduler: 'normal', denoise: 1 },
    }),
    '6': node('VAEDecode', { samples: ['5', 0], vae: ['1', 2] }),
  };
}

function distributed(options: TextToImage): Prompt {
  return {
    ...sampling({ ...options, seed: ['10', 0] }),
    '10': node('DistributedSeed', { seed: options.seed }),
    '11': node('DistributedCollector', { images: ['6', 0], load_balance: false }),
    '7': node('SaveImage', { images: ['11', 0], filename_prefix: 'tree' }),
  };
}

describe.each(serverKinds())('distribution on $label', (kind: ServerKind) => {
  let servers: RunningServer[] = [];
  let checkpoint = '';
  let world: RunWorld;

  beforeAll(async () => {
    servers = await Promise.all([startServer(kind), startServer(kind), startServer(kind)]);
    const info = await call(`${servers[0]?.url}/object_info/CheckpointLoaderSimple`);
    const combo = at(info.json, 'CheckpointLoaderSimple', 'input', 'required', 'ckpt_name');
    const names = [...list(at(combo, 0)), ...list(at(combo, 1, 'options'))].map(String);
    checkpoint = names.find((name) => kind.simulated || /tiny/i.test(name)) ?? '';
  });
  beforeEach(async () => {
    world = await open();
  });
  afterEach(() => world.close());
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
  });

  async function open(directory: string | null = null): Promise<RunWorld> {
    const ids = ['master', 'worker-1', 'worker-2'];
    const opened = await RunWorld.open(
      servers.map(({ url }, index) => ({ id: ids[index] ?? '', url })),
      directory,
    );
    await opened.fleet.ready();
    return opened;
  }

  async function pictures(detail: RunDetail, stage: 1 | 2 = 1) {
    return Promise.all(inOrder(detail, stage).map(async (one) => decodePng(await world.bytes(one))));
  }

  it('gives each shard its own seed, and the same pictures in any mode', async () => {
    const workflow = distributed({ checkpoint, seed: 100 });
    const spread = await world.run(workflow);
    expect(spread.run).toMatchObject({ status: 'done', kind: 'distributed', mode: 'participating' });
    expect(inOrder(spread).map(({ seed }) => seed)).toEqual(['100', '101', '102']);
    expect(new Set(inOrder(spread).map(({ name }) => name)).size).toBe(3);
    const alone = await world.run(workflow, { copies: 3, mode: 'orchestrator', on: ['worker-2'] });
    expect(alone.run).toMatchObject({ status: 'done', mode: 'orchestrator-only' });
    for (const [index, artifact] of inOrder(spread).entries()) {
      const twin = inOrder(alone)[index];
      expect(twin && (await world.bytes(twin))).toEqual(await world.bytes(artifact));
    }
  });

  it('runs what follows the collector on the master, over all pictures', async () => {
    const workflow = {
      ...distributed({ checkpoint, seed: 5 }),
      '8': node('ImageScale', {
        ...{ image: ['11', 0], upscale_method: 'nearest-exact', width: 64, height: 64, crop: 'disabled' },
      }),
      '9': node('SaveImage', { images: ['8', 0], filename_prefix: 'small' }),
    };
    const detail = await world.run(workflow);
    expect(detail.run).toMatchObject({ status: 'done', secondStage: true, error: null });
    expect(inOrder(detail).map(({ width }) => width)).toEqual([SIDE, SIDE, SIDE]);
    const small = inOrder(detail, 2);
    expect(small.map(({ width, height, instanceId }) => [width, height, instanceId])).toEqual(
      Array.from({ length: 3 }, () => [64, 64, 'master']),
    );
    const [large] = await pictures(detail);
    const [scaled] = await pictures(detail, 2);
    // nearest-exact takes the pixel right of and below the middle of each 2 × 2.
    const pixel = (picture: typeof large, x: number, y: number) => {
      const start = (y * (picture?.width ?? 0) + x) * 4;
      return [...(picture?.frames[0]?.subarray(start, start + 3) ?? [])];
    };
    expect(pixel(scaled, 10, 20)).toEqual(pixel(large, 21, 41));
  });

  // On a processor, torch computes a slice of one picture with other kernels: with random weights that moves about 50 of
  // 65,536 values by 2. Slices of two and more are equal to the last bit.
  it('splits a batch into the very pictures that one server would make', async () => {
    const workflow = {
      ...sampling({ checkpoint, seed: 7, batch: 6, steps: 2 }),
      '7': node('SaveImage', { images: ['6', 0], filename_prefix: 'batch' }),
    };
    const whole = await world.run(workflow, { on: ['master'] });
    const split = await world.run(workflow, { splitBatch: true });
    expect(split.run).toMatchObject({ status: 'done', kind: 'batch-split', shardCount: 3 });
    const [expected, actual] = [await pictures(whole), await pictures(split)];
    expect(actual).toHaveLength(6);
    for (const [index, picture] of actual.entries()) {
      const other = expected[index]?.frames[0];
      const most = Math.max(
        ...(picture.frames[0] ?? []).map((value, at) => Math.abs(value - (other?.[at] ?? 0))),
      );
      expect(most).toBeLessThanOrEqual(kind.simulated ? 0 : 1);
    }
  });

  it('samples a picture tile by tile, and pastes the same picture whoever computed them', async () => {
    await writeFile(
      path.join(world.fleet.folders().input, 'green.png'),
      await solidPng([0x30a050], SIDE, SIDE),
    );
    const { 5: _sampler, 4: _latent, 6: _decoder, ...models } = sampling({ checkpoint, seed: 11 });
    const workflow: Prompt = {
      ...models,
      '12': node('LoadImage', { image: 'green.png' }),
      '13': node('ImageScale', {
        ...{ image: ['12', 0], upscale_method: 'bilinear', width: 200, height: 136, crop: 'disabled' },
      }),
      '9': node('UltimateSDUpscaleDistributed', {
        ...{
          upscaled_image: ['13', 0],
          model: ['1', 0],
          positive: ['2', 0],
          negative: ['3', 0],
          vae: ['1', 2],
        },
        ...{ seed: 11, steps: 2, cfg: 7, sampler_name: 'euler', scheduler: 'normal', denoise: 0.4 },
        ...{ tile_width: 128, tile_height: 128, padding: 16, mask_blur: 4, force_uniform_tiles: true },
      }),
      '7': node('SaveImage', { images: ['9', 0], filename_prefix: 'large' }),
    };
    const spread = await world.run(workflow);
    expect(spread.run).toMatchObject({ status: 'done', kind: 'tiles', shardCount: 5, error: null });
    const [large] = inOrder(spread, 2);
    expect([large?.width, large?.height, large?.instanceId]).toEqual([200, 136, 'master']);
    const alone = await world.run(workflow, { on: ['worker-1'], mode: 'orchestrator' });
    const [twin] = inOrder(alone, 2);
    expect(twin && (await world.bytes(twin))).toEqual(large && (await world.bytes(large)));
  });

  it('takes an input picture to every worker', async () => {
    await writeFile(
      path.join(world.fleet.folders().input, 'blue.png'),
      await solidPng([0x2040c0], SIDE, SIDE),
    );
    const workflow = {
      ...distributed({ checkpoint, seed: 3 }),
      '4': node('VAEEncode', { pixels: ['12', 0], vae: ['1', 2] }),
      '12': node('LoadImage', { image: 'blue.png' }),
    };
    const detail = await world.run(workflow);
    expect(detail.run).toMatchObject({ status: 'done', error: null });
    expect(inOrder(detail)).toHaveLength(3);
  });

  it('gets files anew that a server names out of its cache and has lost', async () => {
    const workflow = distributed({ checkpoint, seed: 60 });
    const alone = { on: ['worker-2'], copies: 1 };
    const first = await world.run(workflow, alone);
    for (const { directories } of servers) {
      await rm(path.join(directories.output, 'ensemble'), { recursive: true, force: true });
    }
    const again = await world.run(workflow, alone);
    expect(again.run).toMatchObject({ status: 'done', artifactCount: 1 });
    expect(again.shards[0]?.attempts.map(({ outcome }) => outcome)).toEqual(['lost', 'done']);
    const [expected, actual] = [await pictures(first), await pictures(again)];
    expect(actual.map(({ frames }) => frames)).toEqual(expected.map(({ frames }) => frames));
  });

  it('finds its prompts again after a restart of the control center', async () => {
    const workflow = distributed({ checkpoint, seed: 900, steps: kind.simulated ? 60 : 20 });
    const running = world.shard(({ status }) => status === 'running');
    const id = await world.submit(workflow, { copies: 4 });
    await running;
    await world.leave();
    world = await open(world.directory);
    const detail = await world.ended(id);
    expect(detail.run).toMatchObject({ status: 'done', artifactCount: 4 });
    expect(inOrder(detail).map(({ seed }) => seed)).toEqual(['900', '901', '902', '903']);
    expect(detail.shards.map(({ attempts }) => attempts.length)).toEqual([1, 1, 1, 1]);
  });

  it('brings all pictures home when a worker is killed in the middle', async () => {
    const workflow = distributed({ checkpoint, seed: 40, steps: kind.simulated ? 60 : 20 });
    const running = world.shard((one) => one.status === 'running' && one.instanceId === 'worker-1');
    const id = await world.submit(workflow, { copies: 6 });
    await running;
    servers[1]?.signal('SIGKILL');
    const detail = await world.ended(id);
    expect(detail.run).toMatchObject({ status: 'done', artifactCount: 6 });
    expect(inOrder(detail).map(({ seed }) => seed)).toEqual(['40', '41', '42', '43', '44', '45']);
    const lost = detail.shards.flatMap(({ attempts }) =>
      attempts.filter(({ outcome }) => outcome === 'lost'),
    );
    expect(lost.map(({ instanceId }) => instanceId)).toContain('worker-1');
  });
});
