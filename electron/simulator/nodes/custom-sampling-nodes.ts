import type { NodeDefinition } from './definition.ts';
import { sampleCustom } from './sampler.ts';
import { SAMPLERS, SCHEDULERS } from './sampler-lists.ts';

const common = { module: 'comfy_extras.nodes_custom_sampler', v3: 'new' } as const;
const MAX_SEED = 2n ** 64n - 1n;

/** Categories of 0.3.64 and 0.33.0. */
function within(old: string, current: string): readonly [string, string] {
  return [`sampling/custom_sampling${old}`, `model/sampling/${current}`];
}

/** A sampler taken apart: noise, guidance, schedule and method come from nodes of their own. */
export const CUSTOM_SAMPLING_NODES: readonly NodeDefinition[] = [
  {
    ...common,
    name: 'RandomNoise',
    display: ['RandomNoise', null],
    category: within('/noise', 'noise'),
    required: {
      noise_seed: ['INT', { default: 0, min: 0, max: MAX_SEED, control_after_generate: true }],
    },
    output: ['NOISE'],
    run: (inputs) => ({ outputs: [{ kind: 'NOISE', seed: inputs.whole('noise_seed') }] }),
  },
  {
    ...common,
    name: 'DisableNoise',
    display: ['DisableNoise', null],
    category: within('/noise', 'noise'),
    required: {},
    output: ['NOISE'],
    run: () => ({ outputs: [{ kind: 'NOISE', seed: null }] }),
  },
  {
    ...common,
    name: 'BasicGuider',
    display: ['BasicGuider', 'Basic Guider'],
    category: within('/guiders', 'guiders'),
    required: { model: ['MODEL'], conditioning: ['CONDITIONING'] },
    output: ['GUIDER'],
    run: (inputs) => {
      const model = inputs.linked('model', 'MODEL').name;
      const positive = inputs.linked('conditioning', 'CONDITIONING').text;
      return { outputs: [{ kind: 'GUIDER', model, positive, negative: '', cfg: 1 }] };
    },
  },
  {
    ...common,
    name: 'CFGGuider',
    display: ['CFGGuider', 'CFG Guider'],
    category: within('/guiders', 'guiders'),
    required: {
      model: ['MODEL'],
      positive: ['CONDITIONING'],
      negative: ['CONDITIONING'],
      cfg: ['FLOAT', { default: 8, min: 0, max: 100, step: 0.1, round: 0.01 }],
    },
    output: ['GUIDER'],
    run: (inputs) => {
      const model = inputs.linked('model', 'MODEL').name;
      const positive = inputs.linked('positive', 'CONDITIONING').text;
      const negative = inputs.linked('negative', 'CONDITIONING').text;
      return { outputs: [{ kind: 'GUIDER', model, positive, negative, cfg: inputs.number('cfg') }] };
    },
  },
  {
    ...common,
    name: 'KSamplerSelect',
    display: ['KSamplerSelect', null],
    category: within('/samplers', 'samplers'),
    required: { sampler_name: [SAMPLERS] },
    output: ['SAMPLER'],
    run: (inputs) => ({ outputs: [{ kind: 'SAMPLER', name: inputs.text('sampler_name') }] }),
  },
  {
    ...common,
    name: 'BasicScheduler',
    display: ['BasicScheduler', null],
    category: within('/schedulers', 'schedulers'),
    required: {
      model: ['MODEL'],
      scheduler: [SCHEDULERS],
      steps: ['INT', { default: 20, min: 1, max: 10000 }],
      denoise: ['FLOAT', { default: 1, min: 0, max: 1, step: 0.01 }],
    },
    output: ['SIGMAS'],
    run: (inputs) => {
      const [steps, denoise] = [inputs.integer('steps'), inputs.number('denoise')];
      return { outputs: [{ kind: 'SIGMAS', scheduler: inputs.text('scheduler'), steps, denoise }] };
    },
  },
  {
    ...common,
    name: 'SamplerCustomAdvanced',
    display: ['SamplerCustomAdvanced', null],
    category: within('', 'custom'),
    required: {
      noise: ['NOISE'],
      guider: ['GUIDER'],
      sampler: ['SAMPLER'],
      sigmas: ['SIGMAS'],
      latent_image: ['LATENT'],
    },
    output: ['LATENT', 'LATENT'],
    outputNames: ['output', 'denoised_output'],
    run: async (inputs, context) => {
      const latent = await sampleCustom(inputs, context);
      return { outputs: [latent, latent] };
    },
  },
];
