type Inputs = Readonly<Record<string, unknown>>;

const SAMPLERS = ['euler', 'dpmpp_2m', 'ddim'];
const SCHEDULERS = ['normal', 'karras', 'simple'];

/** The classes of examples/txt2img.json, as a server describes them. */
export const OBJECT_INFO = {
  CheckpointLoaderSimple: described(
    { ckpt_name: [['lantern_sd15.safetensors'], {}] },
    ['MODEL', 'CLIP', 'VAE'],
    false,
  ),
  CLIPTextEncode: described(
    { text: ['STRING', { multiline: true }], clip: ['CLIP', {}] },
    ['CONDITIONING'],
    false,
  ),
  EmptyLatentImage: described(
    { width: ['INT', {}], height: ['INT', {}], batch_size: ['INT', {}] },
    ['LATENT'],
    false,
  ),
  KSampler: described(
    {
      model: ['MODEL', {}],
      seed: ['INT', { default: 0, min: 0 }],
      steps: ['INT', {}],
      cfg: ['FLOAT', {}],
      sampler_name: [SAMPLERS, {}],
      scheduler: [SCHEDULERS, {}],
      positive: ['CONDITIONING', {}],
      negative: ['CONDITIONING', {}],
      latent_image: ['LATENT', {}],
      denoise: ['FLOAT', {}],
    },
    ['LATENT'],
    false,
  ),
  VAEDecode: described({ samples: ['LATENT', {}], vae: ['VAE', {}] }, ['IMAGE'], false),
  SaveImage: described({ images: ['IMAGE', {}], filename_prefix: ['STRING', {}] }, [], true),
};

function described(required: Inputs, output: readonly string[], outputNode: boolean): object {
  const input = { required, optional: {} };
  return { input, input_order: { required: Object.keys(required) }, output, output_node: outputNode };
}
