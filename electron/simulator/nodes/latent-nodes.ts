import type { InputSpec, NodeDefinition } from './definition.ts';
import { fileFingerprint, isInputFile } from './files.ts';
import { loadLatent, saveLatent } from './latent-files.ts';
import { upscaleLatent } from './latents.ts';

const side: InputSpec = ['INT', { default: 512, min: 0, max: 16384, step: 8 }];

/** Latents changed, saved and loaded. */
export const LATENT_NODES: readonly NodeDefinition[] = [
  {
    name: 'LatentUpscale',
    display: 'Upscale Latent',
    category: ['latent', 'model/latent'],
    required: {
      samples: ['LATENT'],
      upscale_method: [['nearest-exact', 'bilinear', 'area', 'bicubic', 'bislerp']],
      width: side,
      height: side,
      crop: [['disabled', 'center']],
    },
    output: ['LATENT'],
    run: (inputs) => {
      const latent = inputs.linked('samples', 'LATENT');
      const center = inputs.text('crop') === 'center';
      return { outputs: [upscaleLatent(latent, inputs.integer('width'), inputs.integer('height'), center)] };
    },
  },
  {
    name: 'SetLatentNoiseMask',
    display: 'Set Latent Noise Mask',
    category: ['latent/inpaint', 'model/latent'],
    required: { samples: ['LATENT'], mask: ['MASK'] },
    output: ['LATENT'],
    run: (inputs) => ({
      outputs: [{ ...inputs.linked('samples', 'LATENT'), noiseMask: inputs.linked('mask', 'MASK') }],
    }),
  },
  {
    name: 'SaveLatent',
    display: ['SaveLatent', 'Save Latent'],
    category: ['_for_testing', 'model/latent'],
    required: { samples: ['LATENT'], filename_prefix: ['STRING', { default: 'latents/ComfyUI' }] },
    output: [],
    outputNew: ['LATENT'],
    outputNames: ['samples'],
    outputNode: true,
    run: async (inputs, context) => {
      const latent = inputs.linked('samples', 'LATENT');
      const saved = await saveLatent(latent, inputs.text('filename_prefix'), context);
      return { outputs: [latent], ui: { latents: [saved] } };
    },
  },
  {
    name: 'LoadLatent',
    display: ['LoadLatent', 'Load Latent'],
    category: ['_for_testing', 'model/latent'],
    required: { latent: [(lists) => lists.inputFiles().filter((name) => name.endsWith('.latent'))] },
    output: ['LATENT'],
    validate: {
      inputs: ['latent'],
      check: ({ latent }, options) =>
        isInputFile(options, latent) || `Invalid latent file: ${String(latent)}`,
    },
    fingerprint: ({ latent }, options) => fileFingerprint(options, latent),
    run: (inputs, { options }) => ({ outputs: [loadLatent(options, inputs.text('latent'))] }),
  },
];
