import type { InputSpec, NodeDefinition } from './definition.ts';
import { decodeSample, emptyLatent, latentFromBatch, repeatLatent } from './latents.ts';
import { load, sampleAdvanced, sampleSimple } from './sampler.ts';
import { SAMPLERS, SCHEDULERS } from './sampler-lists.ts';

const MAX_SEED = 2n ** 64n - 1n;
const size = (fallback: number, step: number): InputSpec => [
  'INT',
  { default: fallback, min: 16, max: 16384, step },
];
const count = (max: number): InputSpec => ['INT', { default: 1, min: 1, max }];
const seed: InputSpec = ['INT', { default: 0, min: 0, max: MAX_SEED, control_after_generate: true }];
const steps: InputSpec = ['INT', { default: 20, min: 1, max: 10000 }];
const cfg: InputSpec = ['FLOAT', { default: 8, min: 0, max: 100, step: 0.1, round: 0.01 }];
const strength: InputSpec = ['FLOAT', { default: 1, min: -100, max: 100, step: 0.01 }];
const conditioned = {
  positive: ['CONDITIONING'],
  negative: ['CONDITIONING'],
  latent_image: ['LATENT'],
} as const;

/** Loaders, text, latents and samplers. */
export const CORE_NODES: readonly NodeDefinition[] = [
  {
    name: 'CheckpointLoaderSimple',
    display: 'Load Checkpoint',
    category: ['loaders', 'model/loaders'],
    required: { ckpt_name: [(lists) => lists.checkpoints] },
    output: ['MODEL', 'CLIP', 'VAE'],
    run: async (inputs, context) => {
      const name = inputs.text('ckpt_name');
      await load(name, context);
      return {
        outputs: [
          { kind: 'MODEL', name },
          { kind: 'CLIP', name },
          { kind: 'VAE', name },
        ],
      };
    },
  },
  {
    name: 'LoraLoader',
    display: ['Load LoRA', 'Load LoRA (Model and CLIP)'],
    category: ['loaders', 'model/loaders'],
    required: {
      model: ['MODEL'],
      clip: ['CLIP'],
      lora_name: [(lists) => lists.loras],
      strength_model: strength,
      strength_clip: strength,
    },
    output: ['MODEL', 'CLIP'],
    run: (inputs) => {
      const lora = inputs.text('lora_name');
      const model = inputs.linked('model', 'MODEL');
      const clip = inputs.linked('clip', 'CLIP');
      return {
        outputs: [
          { ...model, name: `${model.name}+${lora}@${inputs.number('strength_model')}` },
          { ...clip, name: `${clip.name}+${lora}@${inputs.number('strength_clip')}` },
        ],
      };
    },
  },
  {
    name: 'CLIPTextEncode',
    display: 'CLIP Text Encode (Prompt)',
    category: ['conditioning', 'model/conditioning'],
    required: { text: ['STRING', { multiline: true, dynamicPrompts: true }], clip: ['CLIP'] },
    output: ['CONDITIONING'],
    run: (inputs) => {
      const text = JSON.stringify([inputs.linked('clip', 'CLIP').name, inputs.text('text')]);
      return { outputs: [{ kind: 'CONDITIONING', text }] };
    },
  },
  {
    name: 'EmptyLatentImage',
    display: 'Empty Latent Image',
    category: ['latent', 'model/latent'],
    required: { width: size(512, 8), height: size(512, 8), batch_size: count(4096) },
    output: ['LATENT'],
    run: (inputs) => ({
      outputs: [emptyLatent(inputs.integer('width'), inputs.integer('height'), inputs.integer('batch_size'))],
    }),
  },
  {
    name: 'EmptySD3LatentImage',
    display: ['EmptySD3LatentImage', 'Empty Latent Image (SD3)'],
    category: ['latent/sd3', 'model/latent/sd3'],
    module: 'comfy_extras.nodes_sd3',
    v3: 'both',
    required: { width: size(1024, 16), height: size(1024, 16), batch_size: count(4096) },
    output: ['LATENT'],
    run: (inputs) => ({
      outputs: [emptyLatent(inputs.integer('width'), inputs.integer('height'), inputs.integer('batch_size'))],
    }),
  },
  {
    name: 'LatentFromBatch',
    display: 'Latent From Batch',
    category: ['latent/batch', 'model/latent/batch'],
    required: {
      samples: ['LATENT'],
      batch_index: ['INT', { default: 0, min: 0, max: 63 }, { min: -16384, max: 16384 }],
      length: count(64),
    },
    output: ['LATENT'],
    run: (inputs) => {
      const latent = inputs.linked('samples', 'LATENT');
      return { outputs: [latentFromBatch(latent, inputs.integer('batch_index'), inputs.integer('length'))] };
    },
  },
  {
    name: 'RepeatLatentBatch',
    display: 'Repeat Latent Batch',
    category: ['latent/batch', 'model/latent/batch'],
    required: { samples: ['LATENT'], amount: count(64) },
    output: ['LATENT'],
    run: (inputs) => ({
      outputs: [repeatLatent(inputs.linked('samples', 'LATENT'), inputs.integer('amount'))],
    }),
  },
  {
    name: 'KSampler',
    display: 'KSampler',
    category: ['sampling', 'model/sampling'],
    required: {
      model: ['MODEL'],
      seed,
      steps,
      cfg,
      sampler_name: [SAMPLERS],
      scheduler: [SCHEDULERS],
      ...conditioned,
      denoise: ['FLOAT', { default: 1, min: 0, max: 1, step: 0.01 }],
    },
    output: ['LATENT'],
    run: async (inputs, context) => ({ outputs: [await sampleSimple(inputs, context)] }),
  },
  {
    name: 'KSamplerAdvanced',
    display: 'KSampler (Advanced)',
    category: ['sampling', 'model/sampling'],
    required: {
      model: ['MODEL'],
      add_noise: [['enable', 'disable']],
      noise_seed: seed,
      steps,
      cfg,
      sampler_name: [SAMPLERS],
      scheduler: [SCHEDULERS],
      ...conditioned,
      start_at_step: ['INT', { default: 0, min: 0, max: 10000 }],
      end_at_step: ['INT', { default: 10000, min: 0, max: 10000 }],
      return_with_leftover_noise: [['disable', 'enable']],
    },
    output: ['LATENT'],
    run: async (inputs, context) => ({ outputs: [await sampleAdvanced(inputs, context)] }),
  },
  {
    name: 'VAELoader',
    display: 'Load VAE',
    category: ['loaders', 'model/loaders'],
    required: { vae_name: [(lists) => lists.vaes] },
    output: ['VAE'],
    run: (inputs) => ({ outputs: [{ kind: 'VAE', name: inputs.text('vae_name') }] }),
  },
  {
    name: 'VAEDecode',
    display: 'VAE Decode',
    category: ['latent', 'model/latent'],
    required: { samples: ['LATENT'], vae: ['VAE'] },
    output: ['IMAGE'],
    run: (inputs) => {
      const { width, height, samples } = inputs.linked('samples', 'LATENT');
      const frames = samples.map((sample) => decodeSample(sample, width, height));
      return { outputs: [{ kind: 'IMAGE', width, height, frames }] };
    },
  },
  {
    name: 'VAEEncode',
    display: 'VAE Encode',
    category: ['latent', 'model/latent'],
    required: { pixels: ['IMAGE'], vae: ['VAE'] },
    output: ['LATENT'],
    run: (inputs) => {
      const { width, height, frames } = inputs.linked('pixels', 'IMAGE');
      const samples = frames.map((pixels) => ({ pixels, passes: [] }));
      return { outputs: [{ kind: 'LATENT', width, height, samples, batchIndex: null, noiseMask: null }] };
    },
  },
];
