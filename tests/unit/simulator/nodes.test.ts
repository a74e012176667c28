import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodePng } from '../../../electron/simulator/png-decode.ts';
import { type HistoryRecord, RunningServer } from './running-server.ts';

type Inputs = Readonly<Record<string, unknown>>;
const node = (class_type: string, inputs: Inputs) => ({ class_type, inputs });
const saved = (images: unknown, filename_prefix: string) => node('SaveImage', { images, filename_prefix });

let server: RunningServer;
beforeAll(async () => {
  server = await (await RunningServer.start({ version: '0.3.64' })).ready();
});
afterAll(() => server.stop());

const pixels = (record: HistoryRecord, id: string): Buffer => {
  const name = record.outputs[id]?.images[0]?.filename ?? '';
  return Buffer.from(decodePng(server.file(name)).frames[0] ?? []);
};
const LOADED = {
  '1': node('CheckpointLoaderSimple', { ckpt_name: 'lantern_sd15.safetensors' }),
  '2': node('CLIPTextEncode', { text: 'a tree', clip: ['1', 1] }),
  '3': node('CLIPTextEncode', { text: '', clip: ['1', 1] }),
  '4': node('EmptyLatentImage', { width: 64, height: 64, batch_size: 1 }),
};
const method = { sampler_name: 'euler', scheduler: 'normal', denoise: 1 };
const KSAMPLER = node('KSampler', {
  ...{ model: ['1', 0], positive: ['2', 0], negative: ['3', 0], latent_image: ['4', 0] },
  ...{ seed: 5, steps: 2, cfg: 7, ...method },
});
const decoded = (samples: unknown) => node('VAEDecode', { samples, vae: ['1', 2] });

describe('simulated nodes', { timeout: 60_000 }, () => {
  it('sample alike in one node and in parts', async () => {
    const record = await server.run({
      ...LOADED,
      '5': KSAMPLER,
      '6': decoded(['5', 0]),
      '7': saved(['6', 0], 'whole'),
      '10': node('RandomNoise', { noise_seed: 5 }),
      '11': node('CFGGuider', { model: ['1', 0], positive: ['2', 0], negative: ['3', 0], cfg: 7 }),
      '12': node('KSamplerSelect', { sampler_name: 'euler' }),
      '13': node('BasicScheduler', { model: ['1', 0], scheduler: 'normal', steps: 2, denoise: 1 }),
      '14': node('SamplerCustomAdvanced', {
        ...{
          noise: ['10', 0],
          guider: ['11', 0],
          sampler: ['12', 0],
          sigmas: ['13', 0],
          latent_image: ['4', 0],
        },
      }),
      '15': decoded(['14', 1]),
      '16': saved(['15', 0], 'parts'),
    });
    expect(record.status.status_str).toBe('success');
    expect(pixels(record, '16').equals(pixels(record, '7'))).toBe(true);
  });

  it('load a model in parts', async () => {
    const record = await server.run({
      '1': node('UNETLoader', { unet_name: 'nimbus_dit_fp8.safetensors', weight_dtype: 'default' }),
      '2': node('DualCLIPLoader', {
        ...{ clip_name1: 'nimbus_clip_l.safetensors', clip_name2: 'nimbus_t5_fp8.safetensors', type: 'flux' },
      }),
      '3': node('VAELoader', { vae_name: 'nimbus_vae.safetensors' }),
      '4': node('CLIPTextEncode', { text: 'x', clip: ['2', 0] }),
      '5': node('EmptySD3LatentImage', { width: 64, height: 64, batch_size: 1 }),
      '6': node('KSampler', {
        ...{ model: ['1', 0], positive: ['4', 0], negative: ['4', 0], latent_image: ['5', 0] },
        ...{ seed: 1, steps: 1, cfg: 1, ...method },
      }),
      '7': node('VAEDecode', { samples: ['6', 0], vae: ['3', 0] }),
      '8': saved(['7', 0], 'dit'),
    });
    expect(record.status.status_str).toBe('success');
  });

  it('save latents that decode to the same picture, and larger when upscaled', async () => {
    const first = await server.run({
      ...LOADED,
      '5': KSAMPLER,
      '6': decoded(['5', 0]),
      '7': saved(['6', 0], 'direct'),
      '8': node('SaveLatent', { samples: ['5', 0], filename_prefix: 'latents/kept' }),
      '9': node('LatentUpscale', {
        ...{ samples: ['5', 0], upscale_method: 'bilinear', width: 128, height: 0, crop: 'disabled' },
      }),
      '10': decoded(['9', 0]),
      '11': saved(['10', 0], 'large'),
    });
    expect(Object(first.outputs['8'])['latents']).toEqual([
      { filename: 'kept_00001_.latent', subfolder: 'latents', type: 'output' },
    ]);
    expect(pixels(first, '11')).toHaveLength(128 * 128 * 4);
    const second = await server.run({
      ...LOADED,
      '5': node('LoadLatent', { latent: 'latents/kept_00001_.latent [output]' }),
      '6': decoded(['5', 0]),
      '7': saved(['6', 0], 'loaded'),
    });
    expect(pixels(second, '7').equals(pixels(first, '7'))).toBe(true);
  });

  it('paint only where a noise mask is', async () => {
    const record = await server.run({
      ...LOADED,
      '20': node('EmptyImage', { width: 64, height: 64, batch_size: 1, color: 0x102030 }),
      '21': node('VAEEncode', { pixels: ['20', 0], vae: ['1', 2] }),
      '22': node('SolidMask', { value: 0, width: 64, height: 64 }),
      '23': node('SetLatentNoiseMask', { samples: ['21', 0], mask: ['22', 0] }),
      '5': { ...KSAMPLER, inputs: { ...KSAMPLER.inputs, latent_image: ['23', 0] } },
      '6': decoded(['5', 0]),
      '7': saved(['6', 0], 'masked'),
    });
    expect([...pixels(record, '7').subarray(0, 4)]).toEqual([0x10, 0x20, 0x30, 255]);
  });

  it('repeat and scale pictures', async () => {
    const record = await server.run({
      '1': node('EmptyImage', { width: 10, height: 7, batch_size: 2, color: 1 }),
      '2': node('ImageScaleBy', { image: ['1', 0], upscale_method: 'nearest-exact', scale_by: 1.5 }),
      '3': node('RepeatImageBatch', { image: ['2', 0], amount: 3 }),
      '4': saved(['3', 0], 'many'),
    });
    expect(record.outputs['4']?.images).toHaveLength(6);
    expect(pixels(record, '4')).toHaveLength(15 * 11 * 4);
  });
});
