export type Prompt = Readonly<Record<string, unknown>>;

interface Node {
  readonly class_type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export function node(class_type: string, inputs: Readonly<Record<string, unknown>>): Node {
  return { class_type, inputs };
}

let last = 0;
/** A number that no prompt of this run has had: equal prompts would be answered out of the cache. */
export function fresh(): number {
  last += 1;
  return last;
}

export function emptyImage(color: number, batch_size = 1): Node {
  return node('EmptyImage', { width: 24, height: 16, batch_size, color });
}

/** The smallest prompt that makes a file. */
export function plain(color = fresh(), filename_prefix = 'plain'): Prompt {
  return { '1': emptyImage(color), '2': node('SaveImage', { images: ['1', 0], filename_prefix }) };
}

export interface SampleOptions {
  readonly checkpoint: string;
  readonly seed?: number;
  readonly steps?: number;
  readonly side?: number;
  readonly batch?: number;
  readonly text?: string;
  /** Samples only this slice of the batch. */
  readonly slice?: { readonly index: number; readonly length: number };
}

/** txt2img; node 5 samples, node 7 saves. */
export function sample(options: SampleOptions): Prompt {
  const { checkpoint, seed = fresh(), steps = 2, side = 64, batch = 1, text = 'a tree', slice } = options;
  const latent = slice === undefined ? ['4', 0] : ['8', 0];
  return {
    '1': node('CheckpointLoaderSimple', { ckpt_name: checkpoint }),
    '2': node('CLIPTextEncode', { clip: ['1', 1], text }),
    '3': node('CLIPTextEncode', { clip: ['1', 1], text: '' }),
    '4': node('EmptyLatentImage', { width: side, height: side, batch_size: batch }),
    ...(slice === undefined
      ? {}
      : {
          '8': node('LatentFromBatch', { samples: ['4', 0], batch_index: slice.index, length: slice.length }),
        }),
    '5': node('KSampler', {
      ...{ model: ['1', 0], positive: ['2', 0], negative: ['3', 0], latent_image: latent },
      ...{ seed, steps, cfg: 7, sampler_name: 'euler', scheduler: 'normal', denoise: 1 },
    }),
    '6': node('VAEDecode', { samples: ['5', 0], vae: ['1', 2] }),
    '7': node('SaveImage', { images: ['6', 0], filename_prefix: 'sample' }),
  };
}

/** Runs long enough to be looked at, and can be interrupted between two steps. */
export function long(checkpoint: string): Prompt {
  return sample({ checkpoint, steps: 300 });
}
