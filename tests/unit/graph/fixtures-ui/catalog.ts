import { type NodeCatalog, readCatalog } from '../../../../electron/core/graph/catalog.ts';

type Specs = Readonly<Record<string, unknown>>;

function info(
  required: Specs,
  output: readonly string[],
  more: Partial<{ optional: Specs; save: boolean }> = {},
) {
  const optional = more.optional ?? {};
  return {
    input: { required, optional },
    input_order: { required: Object.keys(required), optional: Object.keys(optional) },
    output,
    output_node: more.save ?? false,
  };
}

const SIZE = ['INT', { default: 512, min: 16, max: 16384 }];

/** A server with old (V1) and new (V3) definitions side by side. */
export const OBJECT_INFO = {
  CheckpointLoaderSimple: info({ ckpt_name: [['dream.safetensors', 'SDXL/base.safetensors']] }, [
    'MODEL',
    'CLIP',
    'VAE',
  ]),
  CLIPTextEncode: info({ text: ['STRING', { multiline: true, dynamicPrompts: true }], clip: ['CLIP'] }, [
    'CONDITIONING',
  ]),
  EmptyLatentImage: info({ width: SIZE, height: SIZE, batch_size: ['INT', { default: 1 }] }, ['LATENT']),
  KSampler: info(
    {
      model: ['MODEL'],
      seed: ['INT', { default: 0, min: 0, max: 18446744073709552000, control_after_generate: true }],
      steps: ['INT', { default: 20, min: 1, max: 10000 }],
      cfg: ['FLOAT', { default: 8, min: 0, max: 100 }],
      sampler_name: [['euler', 'dpmpp_2m']],
      scheduler: ['COMBO', { options: ['normal', 'karras'] }],
      positive: ['CONDITIONING'],
      negative: ['CONDITIONING'],
      latent_image: ['LATENT'],
      denoise: ['FLOAT', { default: 1 }],
    },
    ['LATENT'],
  ),
  VAEDecode: info({ samples: ['LATENT'], vae: ['VAE'] }, ['IMAGE']),
  SaveImage: info({ images: ['IMAGE'], filename_prefix: ['STRING', { default: 'ComfyUI' }] }, [], {
    save: true,
  }),
  PreviewImage: info({ images: ['IMAGE'] }, [], { save: true }),
  LoadImage: info({ image: [['example.png'], { image_upload: true }] }, ['IMAGE', 'MASK']),
  LoadClip: info({ clip: [['a.mp4'], { video_upload: true }] }, ['IMAGE']),
  LoadLatent: info({ latent: [[]] }, ['LATENT']),
  RemoteImage: info({ image: ['COMBO', { remote: { route: '/files' } }] }, ['IMAGE']),
  ImageBlend: info(
    {
      image1: ['IMAGE'],
      mask: ['MASK'],
      image2: ['IMAGE'],
      blend_factor: ['FLOAT', { default: 0.5 }],
    },
    ['IMAGE', 'MASK'],
  ),
  LoraLoader: info(
    {
      model: ['MODEL'],
      lora_name: [['style\\ink.safetensors', 'style\\oil.safetensors']],
      strength: ['FLOAT', { default: 1 }],
    },
    ['MODEL'],
  ),
  Resize: info(
    {
      input: ['COMFY_MATCHTYPE_V3', { template: { template_id: 't', allowed_types: 'IMAGE,MASK' } }],
      method: [
        'COMFY_DYNAMICCOMBO_V3',
        {
          options: [
            {
              key: 'size',
              inputs: {
                required: {
                  width: SIZE,
                  height: SIZE,
                  crop: ['COMBO', { options: ['disabled', 'center'], default: 'center' }],
                },
              },
            },
            { key: 'factor', inputs: { required: { by: ['FLOAT', { default: 2 }] } } },
          ],
        },
      ],
      filter: ['COMBO', { options: ['area', 'lanczos'] }],
    },
    ['IMAGE'],
  ),
  BatchImages: info(
    {
      images: [
        'COMFY_AUTOGROW_V3',
        { template: { input: { required: { image: ['IMAGE', {}] } }, prefix: 'image', min: 1 } },
      ],
    },
    ['IMAGE'],
  ),
  SaveText: info(
    {
      text: ['STRING', { forceInput: true }],
      name: ['STRING', { default: 'note' }],
      count: ['INT', { default: 3 }],
    },
    [],
    { save: true },
  ),
  Crop: info(
    {
      image: ['IMAGE'],
      region: ['BOUNDING_BOX', { socketless: true }],
      smooth: ['BOOLEAN', { default: true }],
    },
    ['IMAGE'],
  ),
  Palette: info({ colors: ['COLORS', {}], curve: ['CURVE', {}] }, ['IMAGE']),
  ImageCompare: info({ view: ['IMAGECOMPARE', {}] }, [], { optional: { image_a: ['IMAGE'] }, save: true }),
  CustomCombo: info({ choice: ['COMBO', { options: [] }] }, ['STRING', 'INT']),
  VideoCombine: info(
    { images: ['IMAGE'], frame_rate: ['FLOAT', { default: 8 }], format: [['gif', 'mp4']] },
    [],
    { save: true },
  ),
  Load3D: info({ model_file: [['none']], image: ['LOAD_3D', {}] }, ['IMAGE']),
  SeedList: info(
    { seed: ['INT', { default: 1, control_after_generate: false }], size: ['INT', { default: 2 }] },
    ['INT'],
  ),
};

export const CATALOG: NodeCatalog = readCatalog(OBJECT_INFO);
