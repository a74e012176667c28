import type { ApiNode } from '../comfy/prompt.ts';

/** Nodes that treat every item of a batch by itself, in order: what they make of a slice is the slice of what they make. */

export type Kind = 'latent' | 'image';

interface PerItem {
  /** The input whose batch it goes through. */
  readonly input: string;
  readonly output: Kind;
}

const LATENT_TO_LATENT = { input: 'samples', output: 'latent' } as const;
const IMAGE_TO_IMAGE = { input: 'image', output: 'image' } as const;

/** VAEEncode is not among them: it forgets the place in the batch, so that a second sampler would draw other noise. */
const CLASSES: Readonly<Record<string, PerItem>> = {
  KSampler: { input: 'latent_image', output: 'latent' },
  KSamplerAdvanced: { input: 'latent_image', output: 'latent' },
  SamplerCustom: { input: 'latent_image', output: 'latent' },
  SamplerCustomAdvanced: { input: 'latent_image', output: 'latent' },
  VAEDecode: { input: 'samples', output: 'image' },
  VAEDecodeTiled: { input: 'samples', output: 'image' },
  LatentUpscale: LATENT_TO_LATENT,
  LatentUpscaleBy: LATENT_TO_LATENT,
  LatentRotate: LATENT_TO_LATENT,
  LatentFlip: LATENT_TO_LATENT,
  LatentCrop: LATENT_TO_LATENT,
  LatentMultiply: LATENT_TO_LATENT,
  SetLatentNoiseMask: LATENT_TO_LATENT,
  ImageScale: IMAGE_TO_IMAGE,
  ImageScaleBy: IMAGE_TO_IMAGE,
  ImageScaleToTotalPixels: IMAGE_TO_IMAGE,
  ImageScaleToMaxDimension: IMAGE_TO_IMAGE,
  ImageUpscaleWithModel: IMAGE_TO_IMAGE,
  ImageInvert: IMAGE_TO_IMAGE,
  ImageBlur: IMAGE_TO_IMAGE,
  ImageSharpen: IMAGE_TO_IMAGE,
  ImageQuantize: IMAGE_TO_IMAGE,
  ImageCrop: IMAGE_TO_IMAGE,
  ImageFlip: IMAGE_TO_IMAGE,
  ImageRotate: IMAGE_TO_IMAGE,
};

export function perItem(className: string): PerItem | null {
  return Object.hasOwn(CLASSES, className) ? (CLASSES[className] ?? null) : null;
}

/** Samplers that draw fresh noise for the whole batch at every step, or choose their steps by the whole batch. */
const DRAWS_PER_STEP = /ancestral|sde|lcm|ddpm|seeds_\d|sa_solver|dpm_adaptive/i;

/** The name of such a sampler, else null. */
export function drawsPerStep(node: ApiNode): string | null {
  const name = node.inputs['sampler_name'];
  if (typeof name === 'string') return DRAWS_PER_STEP.test(name) ? name : null;
  return /^Sampler(?!Custom)/.test(node.class_type) && DRAWS_PER_STEP.test(node.class_type)
    ? node.class_type
    : null;
}
