import type { Random } from '../ports.ts';
import type { ApiPrompt } from './prompt.ts';

/** The two small workflows of a test picture; only nodes that every ComfyUI from 0.3 to 0.33 has. */

const PREFIX = 'comfy-ensemble-test';
const TEXT = 'a lighthouse on a cliff above a calm sea, warm evening light';
/** Largest seed that survives JSON in every language on the way. */
const SEEDS = 2 ** 48;

/** EmptyImage → SaveImage. The colour is random: ComfyUI would answer a repeated one out of its cache without any work. */
export function modelFreeWorkflow(random: Random): ApiPrompt {
  return {
    '1': {
      class_type: 'EmptyImage',
      inputs: { width: 512, height: 512, batch_size: 1, color: Math.floor(random() * 0x1000000) },
      _meta: { title: 'Plain colour' },
    },
    '2': {
      class_type: 'SaveImage',
      inputs: { images: ['1', 0], filename_prefix: PREFIX },
      _meta: { title: 'Save picture' },
    },
  };
}

/** @param cpu smaller and fewer steps, so that a processor finishes too */
export function txt2imgWorkflow(checkpoint: string, cpu: boolean, random: Random): ApiPrompt {
  const side = cpu ? 256 : 512;
  return {
    '1': {
      class_type: 'CheckpointLoaderSimple',
      inputs: { ckpt_name: checkpoint },
      _meta: { title: 'Load model' },
    },
    '2': { class_type: 'CLIPTextEncode', inputs: { clip: ['1', 1], text: TEXT }, _meta: { title: 'Prompt' } },
    '3': {
      class_type: 'CLIPTextEncode',
      inputs: { clip: ['1', 1], text: '' },
      _meta: { title: 'Negative prompt' },
    },
    '4': {
      class_type: 'EmptyLatentImage',
      inputs: { width: side, height: side, batch_size: 1 },
      _meta: { title: 'Size' },
    },
    '5': { class_type: 'KSampler', inputs: samplerInputs(cpu, random), _meta: { title: 'Sample' } },
    '6': {
      class_type: 'VAEDecode',
      inputs: { samples: ['5', 0], vae: ['1', 2] },
      _meta: { title: 'Decode' },
    },
    '7': {
      class_type: 'SaveImage',
      inputs: { images: ['6', 0], filename_prefix: PREFIX },
      _meta: { title: 'Save picture' },
    },
  };
}

function samplerInputs(cpu: boolean, random: Random): Readonly<Record<string, unknown>> {
  return {
    model: ['1', 0],
    positive: ['2', 0],
    negative: ['3', 0],
    latent_image: ['4', 0],
    seed: Math.floor(random() * SEEDS),
    steps: cpu ? 6 : 12,
    cfg: 7,
    sampler_name: 'euler',
    scheduler: 'normal',
    denoise: 1,
  };
}
