import type { InputSpec, NodeDefinition } from './definition.ts';
import { fileFingerprint, isInputFile, loadImage, randomLetters, saveAnimated, saveImages } from './files.ts';
import { compose, crop, emptyImage, imageFromBatch, invert, joinBatches, scale } from './images.ts';

const size = (min: number): InputSpec => ['INT', { default: 512, min, max: 16384, step: 1 }];
const offset: InputSpec = ['INT', { default: 0, min: 0, max: 16384, step: 1 }];
const prefix: InputSpec = ['STRING', { default: 'ComfyUI' }];

/** Pictures and masks: made, loaded, changed, saved. */
export const IMAGE_NODES: readonly NodeDefinition[] = [
  {
    name: 'EmptyImage',
    display: ['EmptyImage', 'Empty Image'],
    category: 'image',
    required: {
      width: size(1),
      height: size(1),
      batch_size: ['INT', { default: 1, min: 1, max: 4096 }],
      color: ['INT', { default: 0, min: 0, max: 0xffffff, step: 1, display: 'color' }],
    },
    output: ['IMAGE'],
    run: (inputs) => {
      const [width, height] = [inputs.integer('width'), inputs.integer('height')];
      return { outputs: [emptyImage(width, height, inputs.integer('batch_size'), inputs.integer('color'))] };
    },
  },
  {
    name: 'LoadImage',
    display: 'Load Image',
    category: 'image',
    required: { image: [(lists) => lists.inputFiles(), { image_upload: true }] },
    output: ['IMAGE', 'MASK'],
    validate: {
      inputs: ['image'],
      check: ({ image }, options) => isInputFile(options, image) || `Invalid image file: ${String(image)}`,
    },
    fingerprint: ({ image }, options) => fileFingerprint(options, image),
    run: (inputs, { options }) => ({ outputs: loadImage(options, inputs.text('image')) }),
  },
  {
    name: 'ImageScale',
    display: 'Upscale Image',
    category: 'image/upscaling',
    required: {
      image: ['IMAGE'],
      upscale_method: [['nearest-exact', 'bilinear', 'area', 'bicubic', 'lanczos']],
      width: size(0),
      height: size(0),
      crop: [['disabled', 'center']],
    },
    output: ['IMAGE'],
    run: (inputs) => {
      const [width, height] = [inputs.integer('width'), inputs.integer('height')];
      const nearest = inputs.text('upscale_method') === 'nearest-exact';
      const center = inputs.text('crop') === 'center';
      return { outputs: [scale(inputs.linked('image', 'IMAGE'), width, height, nearest, center)] };
    },
  },
  {
    name: 'ImageScaleBy',
    display: 'Upscale Image By',
    category: 'image/upscaling',
    required: {
      image: ['IMAGE'],
      upscale_method: [['nearest-exact', 'bilinear', 'area', 'bicubic', 'lanczos']],
      scale_by: ['FLOAT', { default: 1, min: 0.01, max: 8, step: 0.01 }],
    },
    output: ['IMAGE'],
    run: (inputs) => {
      const image = inputs.linked('image', 'IMAGE');
      const by = inputs.number('scale_by');
      const [width, height] = [Math.round(image.width * by), Math.round(image.height * by)];
      const nearest = inputs.text('upscale_method') === 'nearest-exact';
      return { outputs: [scale(image, width, height, nearest, false)] };
    },
  },
  {
    name: 'RepeatImageBatch',
    display: ['RepeatImageBatch', 'Repeat Image Batch'],
    category: 'image/batch',
    module: 'comfy_extras.nodes_images',
    v3: 'new',
    required: { image: ['IMAGE'], amount: ['INT', { default: 1, min: 1, max: 4096 }] },
    output: ['IMAGE'],
    run: (inputs) => {
      const image = inputs.linked('image', 'IMAGE');
      const frames = Array.from({ length: inputs.integer('amount') }, () => image.frames).flat();
      return { outputs: [{ ...image, frames }] };
    },
  },
  {
    name: 'ImageBatch',
    display: ['Batch Images', 'Batch Images (DEPRECATED)'],
    category: ['image', 'image/batch'],
    deprecatedInNew: true,
    required: { image1: ['IMAGE'], image2: ['IMAGE'] },
    output: ['IMAGE'],
    run: (inputs) => ({
      outputs: [joinBatches(inputs.linked('image1', 'IMAGE'), inputs.linked('image2', 'IMAGE'))],
    }),
  },
  {
    name: 'ImageFromBatch',
    display: ['ImageFromBatch', 'Get Image from Batch'],
    category: 'image/batch',
    module: 'comfy_extras.nodes_images',
    v3: 'new',
    required: {
      image: ['IMAGE'],
      batch_index: ['INT', { default: 0, min: 0, max: 4095 }, { min: -16384, max: 16384 }],
      length: ['INT', { default: 1, min: 1, max: 4096 }],
    },
    output: ['IMAGE'],
    run: (inputs) => {
      const image = inputs.linked('image', 'IMAGE');
      return { outputs: [imageFromBatch(image, inputs.integer('batch_index'), inputs.integer('length'))] };
    },
  },
  {
    name: 'ImageInvert',
    display: ['Invert Image', 'Invert Image Colors'],
    category: ['image', 'image/color'],
    required: { image: ['IMAGE'] },
    output: ['IMAGE'],
    run: (inputs) => ({ outputs: [invert(inputs.linked('image', 'IMAGE'))] }),
  },
  {
    name: 'ImageCrop',
    display: ['Image Crop', 'Crop Image (DEPRECATED)'],
    category: 'image/transform',
    module: 'comfy_extras.nodes_images',
    v3: 'new',
    deprecatedInNew: true,
    required: { image: ['IMAGE'], width: size(1), height: size(1), x: offset, y: offset },
    output: ['IMAGE'],
    run: (inputs) => {
      const [x, y, width, height] = ['x', 'y', 'width', 'height'].map((name) => inputs.integer(name));
      return { outputs: [crop(inputs.linked('image', 'IMAGE'), x ?? 0, y ?? 0, width ?? 1, height ?? 1)] };
    },
  },
  {
    name: 'ImageCompositeMasked',
    display: ['ImageCompositeMasked', 'Image Composite Masked'],
    category: ['image', 'image/compositing'],
    module: 'comfy_extras.nodes_mask',
    v3: 'new',
    required: {
      destination: ['IMAGE'],
      source: ['IMAGE'],
      x: offset,
      y: offset,
      resize_source: ['BOOLEAN', { default: false }],
    },
    optional: { mask: ['MASK'] },
    output: ['IMAGE'],
    run: (inputs) => {
      const place = { x: inputs.integer('x'), y: inputs.integer('y'), resize: inputs.flag('resize_source') };
      const destination = inputs.linked('destination', 'IMAGE');
      return {
        outputs: [
          compose(destination, inputs.linked('source', 'IMAGE'), inputs.optional('mask', 'MASK'), place),
        ],
      };
    },
  },
  {
    name: 'SaveImage',
    display: 'Save Image',
    category: 'image',
    required: { images: ['IMAGE'], filename_prefix: prefix },
    output: [],
    outputNew: ['IMAGE'],
    outputNames: ['images'],
    outputNode: true,
    run: async (inputs, context) => {
      const image = inputs.linked('images', 'IMAGE');
      const images = await saveImages(image, inputs.text('filename_prefix'), 'output', context);
      return { outputs: [image], ui: { images } };
    },
  },
  {
    name: 'PreviewImage',
    display: 'Preview Image',
    category: 'image',
    required: { images: ['IMAGE'] },
    output: [],
    outputNew: ['IMAGE'],
    outputNames: ['images'],
    outputNode: true,
    run: async (inputs, context) => {
      const image = inputs.linked('images', 'IMAGE');
      const images = await saveImages(image, `ComfyUI_temp_${randomLetters()}`, 'temp', context);
      return { outputs: [image], ui: { images } };
    },
  },
  {
    name: 'SaveAnimatedPNG',
    display: ['SaveAnimatedPNG', 'Save Animated PNG'],
    category: ['image/animation', 'image'],
    module: 'comfy_extras.nodes_images',
    v3: 'new',
    required: {
      images: ['IMAGE'],
      filename_prefix: prefix,
      fps: ['FLOAT', { default: 6, min: 0.01, max: 1000, step: 0.01 }],
      compress_level: ['INT', { default: 4, min: 0, max: 9 }],
    },
    output: [],
    outputNew: ['IMAGE'],
    outputNames: ['images'],
    outputNode: true,
    run: async (inputs, context) => {
      const image = inputs.linked('images', 'IMAGE');
      const saved = await saveAnimated(image, inputs.text('filename_prefix'), inputs.number('fps'), context);
      return { outputs: [image], ui: { images: [saved], animated: [true] } };
    },
  },
];
