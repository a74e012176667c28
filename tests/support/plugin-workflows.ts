import { at, list } from '../conformance/client.ts';
import { type RunningServer, serverKinds, startServer } from '../conformance/servers.ts';
import { emptyImage, fresh, node, type Prompt } from '../conformance/workflows.ts';

/** What was made for the ComfyUI-Distributed plugin, and the stock servers that it meets here. */

export const IDS = ['master', 'worker-1', 'worker-2'];
const CHECKPOINT = 'aurora_xl_v2.safetensors';

export function startStock(): Promise<RunningServer[]> {
  const [kind] = serverKinds().filter(({ label }) => label === 'simulated 0.33.0');
  if (kind === undefined) throw new Error('no simulator');
  const script = { version: '0.33.0', bootMs: 0, modelLoadMs: 5, stepMs: 10 };
  const environment = { ENSEMBLE_SIM: JSON.stringify(script) };
  return Promise.all(IDS.map(() => startServer({ ...kind, environment })));
}

/** As the plugin’s own text-to-image workflow. */
export function textToImage(load_balance = false): Prompt {
  return {
    '1': node('CheckpointLoaderSimple', { ckpt_name: CHECKPOINT }),
    '2': node('CLIPTextEncode', { clip: ['1', 1], text: 'a tree' }),
    '3': node('CLIPTextEncode', { clip: ['1', 1], text: '' }),
    '4': node('EmptyLatentImage', { width: 64, height: 64, batch_size: 1 }),
    '5': node('KSampler', {
      ...{ model: ['1', 0], positive: ['2', 0], negative: ['3', 0], latent_image: ['4', 0] },
      ...{ seed: ['10', 0], steps: 2, cfg: 7, sampler_name: 'euler', scheduler: 'normal', denoise: 1 },
    }),
    '6': node('VAEDecode', { samples: ['5', 0], vae: ['1', 2] }),
    '7': node('PreviewImage', { images: ['11', 0] }),
    '10': node('DistributedSeed', { seed: fresh() }),
    '11': node('DistributedCollector', { images: ['6', 0], load_balance }),
  };
}

/** As its video workflows end: what all have made is cut into parts, each of them saved. */
export function divided(parts: number): Prompt {
  const savers = Array.from({ length: parts }, (_, index) => [
    `2${index}`,
    node('SaveImage', { images: ['3', index], filename_prefix: `part-${index}` }),
  ]);
  return {
    '1': emptyImage(fresh(), 2),
    '2': node('DistributedCollector', { images: ['1', 0], load_balance: false }),
    '3': node('ImageBatchDivider', { images: ['2', 0], divide_by: parts }),
    ...Object.fromEntries(savers),
  };
}

export const audio = (): Prompt => ({
  '1': node('EmptyAudio', { duration: 0.2, sample_rate: 44_100, channels: 2 }),
  '2': emptyImage(fresh()),
  '3': node('DistributedCollector', { images: ['2', 0], audio: ['1', 0], load_balance: false }),
  '4': node('SaveImage', { images: ['3', 0], filename_prefix: 'with-audio' }),
  '5': node('SaveAudio', { audio: ['3', 1], filename_prefix: 'with-audio' }),
});

export const cutAudio = (): Prompt => ({
  '1': node('EmptyAudio', { duration: 0.2, sample_rate: 44_100, channels: 2 }),
  '2': node('AudioBatchDivider', { audio: ['1', 0], divide_by: 2 }),
  '3': node('SaveAudio', { audio: ['2', 0], filename_prefix: 'first' }),
  '4': node('SaveAudio', { audio: ['2', 1], filename_prefix: 'second' }),
});

export const valued = (): Prompt => ({
  '1': node('DistributedValue', { default_value: String(fresh()), worker_values: '{"1": "16711680"}' }),
  '2': node('EmptyImage', { width: 24, height: 16, batch_size: 1, color: ['1', 0] }),
  '3': node('DistributedCollector', { images: ['2', 0], load_balance: false }),
  '4': node('SaveImage', { images: ['3', 0], filename_prefix: 'valued' }),
});

export const named = (): Prompt => ({
  ...textToImage(),
  '1': node('CheckpointLoaderSimple', { ckpt_name: ['20', 0] }),
  '20': node('DistributedModelName', { text: CHECKPOINT }),
});

export const empty = (): Prompt => ({
  '1': node('DistributedEmptyImage', { height: 8, width: 8, channels: 3 }),
  '2': emptyImage(fresh()),
  '3': node('DistributedCollector', { images: ['2', 0], load_balance: false }),
  '4': node('SaveImage', { images: ['3', 0], filename_prefix: 'not-empty' }),
});

/** How many files a node of the history shows. */
export function filesOf(entry: unknown, id: string, kind = 'images'): number {
  return list(at(entry, 'outputs', id, kind)).length;
}
