import type { InputSpec, NodeDefinition } from './definition.ts';
import { load } from './sampler.ts';

/** Loaders that the page of ComfyUI takes to be on every server. */

const category = ['loaders', 'model/loaders'] as const;
/** A fresh install has no such files. */
const NO_FILES: InputSpec = [[]];

function withoutFiles(
  names: Pick<NodeDefinition, 'name' | 'display'> & Partial<NodeDefinition>,
  input: string,
  output: string,
): NodeDefinition {
  return {
    category,
    required: { [input]: NO_FILES },
    output: [output],
    run: () => {
      throw new Error('There is no such file.');
    },
    ...names,
  };
}

export const OTHER_LOADERS: readonly NodeDefinition[] = [
  {
    name: 'LoraLoaderModelOnly',
    display: ['LoraLoaderModelOnly', 'Load LoRA'],
    category,
    required: {
      model: ['MODEL'],
      lora_name: [(lists) => lists.loras],
      strength_model: ['FLOAT', { default: 1, min: -100, max: 100, step: 0.01 }],
    },
    output: ['MODEL'],
    run: (inputs) => {
      const model = inputs.linked('model', 'MODEL');
      const name = `${model.name}+${inputs.text('lora_name')}@${inputs.number('strength_model')}`;
      return { outputs: [{ ...model, name }] };
    },
  },
  {
    name: 'ImageOnlyCheckpointLoader',
    display: ['Image Only Checkpoint Loader (img2vid model)', 'Load Checkpoint Image Only (img2vid model)'],
    category: ['loaders/video_models', 'model/loaders'],
    module: 'comfy_extras.nodes_video_model',
    required: { ckpt_name: [(lists) => lists.checkpoints] },
    output: ['MODEL', 'CLIP_VISION', 'VAE'],
    run: async (inputs, context) => {
      const name = inputs.text('ckpt_name');
      await load(name, context);
      return {
        outputs: [
          { kind: 'MODEL', name },
          { kind: 'CLIP_VISION', name },
          { kind: 'VAE', name },
        ],
      };
    },
  },
  withoutFiles(
    { name: 'ControlNetLoader', display: 'Load ControlNet Model' },
    'control_net_name',
    'CONTROL_NET',
  ),
  withoutFiles({ name: 'StyleModelLoader', display: 'Load Style Model' }, 'style_model_name', 'STYLE_MODEL'),
  withoutFiles(
    { name: 'GLIGENLoader', display: ['GLIGENLoader', 'Load GLIGEN Model'] },
    'gligen_name',
    'GLIGEN',
  ),
  withoutFiles(
    {
      ...{ name: 'UpscaleModelLoader', display: 'Load Upscale Model' },
      ...{ module: 'comfy_extras.nodes_upscale_model', v3: 'both' },
    },
    'model_name',
    'UPSCALE_MODEL',
  ),
];
