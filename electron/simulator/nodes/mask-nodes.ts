import type { InputSpec, NodeDefinition } from './definition.ts';
import { blur, composeMasks, maskOf, OPERATIONS, pictureOf } from './masks.ts';

const size: InputSpec = ['INT', { default: 512, min: 1, max: 16384, step: 1 }];
const offset: InputSpec = ['INT', { default: 0, min: 0, max: 16384, step: 1 }];
const MASK = { module: 'comfy_extras.nodes_mask', v3: 'new' } as const;
const CHANNELS = ['red', 'green', 'blue', 'alpha'];

/** Masks, and what makes pictures of them and back. */
export const MASK_NODES: readonly NodeDefinition[] = [
  {
    name: 'SolidMask',
    display: ['SolidMask', 'Create Solid Mask'],
    category: ['mask', 'image/mask'],
    ...MASK,
    required: {
      value: ['FLOAT', { default: 1, min: 0, max: 1, step: 0.01 }],
      width: size,
      height: size,
    },
    output: ['MASK'],
    run: (inputs) => {
      const [width, height] = [inputs.integer('width'), inputs.integer('height')];
      const frame = new Uint8Array(width * height).fill(Math.round(inputs.number('value') * 255));
      return { outputs: [{ kind: 'MASK', width, height, frames: [frame] }] };
    },
  },
  {
    name: 'MaskToImage',
    display: 'Convert Mask to Image',
    category: ['mask', 'image/mask'],
    ...MASK,
    required: { mask: ['MASK'] },
    output: ['IMAGE'],
    run: (inputs) => ({ outputs: [pictureOf(inputs.linked('mask', 'MASK'))] }),
  },
  {
    name: 'ImageToMask',
    display: 'Convert Image to Mask',
    category: ['mask', 'image/mask'],
    ...MASK,
    required: { image: ['IMAGE'], channel: [CHANNELS] },
    output: ['MASK'],
    run: (inputs) => {
      const channel = CHANNELS.indexOf(inputs.text('channel'));
      return { outputs: [maskOf(inputs.linked('image', 'IMAGE'), channel)] };
    },
  },
  {
    name: 'MaskComposite',
    display: ['MaskComposite', 'Combine Masks'],
    category: ['mask', 'image/mask'],
    ...MASK,
    required: {
      destination: ['MASK'],
      source: ['MASK'],
      x: offset,
      y: offset,
      operation: [OPERATIONS],
    },
    output: ['MASK'],
    run: (inputs) => {
      const place = { x: inputs.integer('x'), y: inputs.integer('y') };
      const [under, over] = [inputs.linked('destination', 'MASK'), inputs.linked('source', 'MASK')];
      return { outputs: [composeMasks(under, over, place, inputs.text('operation'))] };
    },
  },
  {
    name: 'ImageBlur',
    display: ['Image Blur', 'Blur Image'],
    category: ['image/postprocessing', 'image/filters'],
    module: 'comfy_extras.nodes_post_processing',
    v3: 'both',
    required: {
      image: ['IMAGE'],
      blur_radius: ['INT', { default: 1, min: 1, max: 31, step: 1 }],
      sigma: ['FLOAT', { default: 1, min: 0.1, max: 10, step: 0.1 }],
    },
    output: ['IMAGE'],
    run: (inputs) => {
      const image = inputs.linked('image', 'IMAGE');
      return { outputs: [blur(image, inputs.integer('blur_radius'), inputs.number('sigma'))] };
    },
  },
];
