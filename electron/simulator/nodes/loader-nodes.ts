import type { InputSpec, NodeDefinition } from './definition.ts';
import { load } from './sampler.ts';

const common = { category: ['advanced/loaders', 'model/loaders'] } as const;
const device: Readonly<Record<string, InputSpec>> = { device: [['default', 'cpu'], { advanced: true }] };
const encoder: InputSpec = [(lists) => lists.textEncoders];
const TYPES = (
  'stable_diffusion stable_cascade sd3 stable_audio mochi ltxv pixart cosmos lumina2 wan hidream chroma ace omnigen2 ' +
  'qwen_image hunyuan_image'
).split(' ');
const DUAL_TYPES = 'sdxl sd3 flux hunyuan_video hidream hunyuan_image'.split(' ');

/** The parts of a model, each from its own file. */
export const LOADER_NODES: readonly NodeDefinition[] = [
  {
    ...common,
    name: 'UNETLoader',
    display: 'Load Diffusion Model',
    required: {
      unet_name: [(lists) => lists.diffusionModels],
      weight_dtype: [['default', 'fp8_e4m3fn', 'fp8_e4m3fn_fast', 'fp8_e5m2']],
    },
    output: ['MODEL'],
    run: async (inputs, context) => {
      const name = inputs.text('unet_name');
      await load(name, context);
      return { outputs: [{ kind: 'MODEL', name }] };
    },
  },
  {
    ...common,
    name: 'CLIPLoader',
    display: 'Load CLIP',
    required: { clip_name: encoder, type: [TYPES] },
    optional: device,
    output: ['CLIP'],
    run: (inputs) => ({ outputs: [{ kind: 'CLIP', name: inputs.text('clip_name') }] }),
  },
  {
    ...common,
    name: 'DualCLIPLoader',
    display: ['DualCLIPLoader', 'Load CLIP (Dual)'],
    required: { clip_name1: encoder, clip_name2: encoder, type: [DUAL_TYPES] },
    optional: device,
    output: ['CLIP'],
    run: (inputs) => {
      const name = `${inputs.text('clip_name1')}+${inputs.text('clip_name2')}`;
      return { outputs: [{ kind: 'CLIP', name }] };
    },
  },
];
