import type { NodeInputs } from '../graph/inputs.ts';
import { PythonError } from '../graph/python-text.ts';
import type { Latent, LatentSample, SamplingPass } from '../graph/values.ts';
import { encodePng } from '../png.ts';
import type { NodeContext } from './definition.ts';
import { decodeSample, noiseIndices } from './latents.ts';
import { paint } from './paint.ts';

interface Sampling {
  readonly model: string;
  /** What the conditionings hold. */
  readonly positive: string;
  readonly negative: string;
  readonly cfg: number;
  readonly sampler: string;
  readonly scheduler: string;
  readonly seed: number | bigint;
  readonly addNoise: boolean;
  readonly totalSteps: number;
  readonly firstStep: number;
  readonly lastStep: number;
  readonly denoise: number;
  readonly leftoverNoise: boolean;
}

export async function sampleSimple(inputs: NodeInputs, context: NodeContext): Promise<Latent> {
  const steps = inputs.integer('steps');
  const denoise = inputs.number('denoise');
  const range = { totalSteps: steps, firstStep: 0, lastStep: steps, addNoise: true, leftoverNoise: false };
  const sampling = { ...commonOf(inputs), ...range, seed: inputs.whole('seed'), denoise };
  return sample(inputs.linked('latent_image', 'LATENT'), context, sampling);
}

export async function sampleAdvanced(inputs: NodeInputs, context: NodeContext): Promise<Latent> {
  const steps = inputs.integer('steps');
  const firstStep = Math.min(steps, inputs.integer('start_at_step'));
  const lastStep = Math.min(steps, inputs.integer('end_at_step'));
  return sample(inputs.linked('latent_image', 'LATENT'), context, {
    ...commonOf(inputs),
    seed: inputs.whole('noise_seed'),
    addNoise: inputs.text('add_noise') === 'enable',
    totalSteps: steps,
    firstStep,
    lastStep,
    denoise: (steps - firstStep) / steps,
    leftoverNoise: inputs.text('return_with_leftover_noise') === 'enable',
  });
}

/** Noise, guider, sampler and sigmas as nodes of their own: the same settings paint what KSampler paints. */
export async function sampleCustom(inputs: NodeInputs, context: NodeContext): Promise<Latent> {
  const { seed } = inputs.linked('noise', 'NOISE');
  const { scheduler, steps, denoise } = inputs.linked('sigmas', 'SIGMAS');
  const { model, positive, negative, cfg } = inputs.linked('guider', 'GUIDER');
  const sampler = inputs.linked('sampler', 'SAMPLER').name;
  const range = { totalSteps: steps, firstStep: 0, lastStep: steps, denoise, leftoverNoise: false };
  return sample(inputs.linked('latent_image', 'LATENT'), context, {
    ...{ model, positive, negative, cfg, sampler, scheduler, ...range },
    seed: seed ?? 0,
    addNoise: seed !== null,
  });
}

function commonOf(
  inputs: NodeInputs,
): Pick<Sampling, 'model' | 'positive' | 'negative' | 'cfg' | 'sampler' | 'scheduler'> {
  return {
    model: inputs.linked('model', 'MODEL').name,
    positive: inputs.linked('positive', 'CONDITIONING').text,
    negative: inputs.linked('negative', 'CONDITIONING').text,
    cfg: inputs.number('cfg'),
    sampler: inputs.text('sampler_name'),
    scheduler: inputs.text('scheduler'),
  };
}

async function sample(latent: Latent, context: NodeContext, sampling: Sampling): Promise<Latent> {
  await load(sampling.model, context);
  const steps = Math.max(0, sampling.lastStep - sampling.firstStep);
  if (sampling.denoise <= 0 || steps === 0) return latent;
  const samples = passedSamples(latent, sampling);
  const { width, height } = latent;
  const working = context.device.workingBytes(width, height, samples.length);
  if (!context.device.hasRoomFor(working)) throw outOfMemory(working, context);
  const stepMs = context.device.stepMs(width, height, samples.length);
  context.device.begin(working);
  try {
    for (let step = 1; step <= steps; step += 1) {
      await context.work(stepMs);
      await context.progress(step, steps, () => preview(samples[0], latent, step / steps));
    }
  } finally {
    context.device.end();
  }
  return { ...latent, samples };
}

/** A model is resident or takes its time to come. */
export async function load(model: string, context: NodeContext): Promise<void> {
  if (context.device.isResident(model)) return;
  context.log('Requested to load BaseModel');
  await context.work(context.device.loadMs());
  context.device.keep(model);
  context.log('loaded completely; full load: True');
}

function passedSamples(latent: Latent, sampling: Sampling): LatentSample[] {
  const { model, positive, negative, totalSteps, firstStep, lastStep, denoise } = sampling;
  const settings = [sampling.cfg, sampling.sampler, sampling.scheduler];
  const detail = JSON.stringify([
    latent.width,
    latent.height,
    totalSteps,
    firstStep,
    lastStep,
    denoise,
    ...settings,
  ]);
  return latent.samples.map((before, position) => {
    const noise = sampling.addNoise ? `${sampling.seed}/${noiseIndices(latent)[position]}` : 'none';
    const leftover = sampling.leftoverNoise ? 1 - lastStep / totalSteps : 0;
    const scene = JSON.stringify([model, positive, negative, noise]);
    const share = { denoise: Math.min(1, denoise), noise: leftover, mask: latent.noiseMask };
    const pass: SamplingPass = { scene, detail, ...share };
    return { ...before, passes: [...before.passes, pass] };
  });
}

/** The first sample at a quarter of its size, as latent2rgb would show it; PNG, since the simulator has no JPEG encoder. */
async function preview(sample: LatentSample | undefined, latent: Latent, done: number): Promise<Buffer> {
  const scale = Math.min(0.375, 256 / Math.max(latent.width, latent.height));
  const width = Math.max(8, Math.round(latent.width * scale));
  const height = Math.max(8, Math.round(latent.height * scale));
  const pass = sample?.passes.at(-1);
  const noise = Math.max(0, 1 - done * 1.08) ** 0.75;
  const pixels =
    pass === undefined || sample === undefined
      ? decodeSample({ pixels: null, passes: [] }, width, height)
      : paint(pass.scene, pass.detail, width, height, noise);
  return encodePng(width, height, 3, [pixels], { level: 1 });
}

function outOfMemory(bytes: number, context: NodeContext): PythonError {
  const gib = (value: number): string => `${(value / 1024 ** 3).toFixed(2)} GiB`;
  const { memoryTotal, memoryUsed } = context.device;
  return new PythonError(
    'torch.OutOfMemoryError',
    `CUDA out of memory. Tried to allocate ${gib(bytes)}. GPU 0 has a total capacity of ${gib(memoryTotal)} of which ${gib(
      Math.max(0, memoryTotal - memoryUsed),
    )} is free.`,
  );
}
