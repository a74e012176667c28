/** What flows along the links of a graph. Pictures are 8-bit RGB, masks 8-bit grey. */
export interface ImageBatch {
  readonly kind: 'IMAGE';
  readonly width: number;
  readonly height: number;
  readonly frames: readonly Uint8Array[];
}
export interface MaskBatch {
  readonly kind: 'MASK';
  readonly width: number;
  readonly height: number;
  readonly frames: readonly Uint8Array[];
}

/** One latent is a recipe: pixels are painted only when it is decoded. */
export interface LatentSample {
  /** From VAEEncode, or null for an empty latent. */
  readonly pixels: Uint8Array | null;
  /** One entry per sampling pass, oldest first. */
  readonly passes: readonly SamplingPass[];
}
export interface SamplingPass {
  /** What decides the composition: checkpoint, prompts, seed and batch index. */
  readonly scene: string;
  /** Everything else that decides the pixels: steps, cfg, sampler, size … */
  readonly detail: string;
  /** 0..1: how much of what was there before is painted over. */
  readonly denoise: number;
  /** 0..1: noise left by a sampler that stopped early. */
  readonly noise: number;
  /** Where it paints, 8-bit grey; null = everywhere. */
  readonly mask: MaskBatch | null;
}
export interface Latent {
  readonly kind: 'LATENT';
  /** Pixels, not latent cells. */
  readonly width: number;
  readonly height: number;
  readonly samples: readonly LatentSample[];
  /** Set by LatentFromBatch: which noise each sample gets. */
  readonly batchIndex: readonly number[] | null;
  /** Set by SetLatentNoiseMask. */
  readonly noiseMask: MaskBatch | null;
}
export interface Model {
  readonly kind: 'MODEL' | 'CLIP' | 'CLIP_VISION' | 'VAE';
  readonly name: string;
}
export interface Conditioning {
  readonly kind: 'CONDITIONING';
  readonly text: string;
}
/** One sound: 16-bit samples, an array per channel. */
export interface Audio {
  readonly kind: 'AUDIO';
  readonly sampleRate: number;
  readonly channels: readonly Int16Array[];
}
export interface Noise {
  readonly kind: 'NOISE';
  /** Null: none. */
  readonly seed: number | bigint | null;
}
export interface Guider {
  readonly kind: 'GUIDER';
  readonly model: string;
  readonly positive: string;
  readonly negative: string;
  readonly cfg: number;
}
export interface Sampler {
  readonly kind: 'SAMPLER';
  readonly name: string;
}
export interface Sigmas {
  readonly kind: 'SIGMAS';
  readonly scheduler: string;
  readonly steps: number;
  readonly denoise: number;
}
/** bigint: an integer that a double would round. */
export type Scalar = string | number | bigint | boolean;
export type Value =
  | ImageBatch
  | MaskBatch
  | Latent
  | Model
  | Conditioning
  | Audio
  | Noise
  | Guider
  | Sampler
  | Sigmas
  | Scalar;

/** A node of an API-format prompt. */
export interface PromptNode {
  readonly class_type: string;
  readonly inputs: Record<string, unknown>;
  readonly _meta?: { readonly title?: string };
}
export type Prompt = Readonly<Record<string, PromptNode>>;
export type Link = readonly [node: string, slot: number];

export function isLink(value: unknown): value is Link {
  return (
    Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'number'
  );
}

export function scalarOf(value: unknown): Scalar | null {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return value;
    default:
      return null;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
