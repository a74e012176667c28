/** Workflows as the official page saves them. */

type Json = Readonly<Record<string, unknown>>;
type Link = readonly [id: number, from: number, slot: number, to: number, input: number, type: string];

const CHECKPOINT = 'lantern_sd15.safetensors';

interface Shape {
  readonly at: readonly [x: number, y: number];
  readonly inputs?: readonly (readonly [name: string, type: string, link: number])[];
  readonly outputs?: readonly (readonly [name: string, type: string, ...links: number[]])[];
  readonly values?: readonly unknown[];
}

function node(id: number, type: string, { at, inputs = [], outputs = [], values = [] }: Shape): Json {
  return {
    ...{ id, type, pos: at, size: [300, 200], flags: {}, order: id, mode: 0 },
    inputs: inputs.map(([name, inputType, link]) => ({
      ...{ name, type: inputType, link },
      // Inputs that were widgets before something was plugged in.
      ...(inputType === 'INT' ? { widget: { name } } : {}),
    })),
    outputs: outputs.map(([name, outputType, ...links], slot) => ({
      ...{ name, type: outputType, links, slot_index: slot },
    })),
    properties: { 'Node name for S&R': type },
    widgets_values: values,
  };
}

function workflow(nodes: readonly Json[], links: readonly Link[]): Json {
  return {
    ...{ last_node_id: 20, last_link_id: 20, nodes, links, groups: [], config: {}, extra: {} },
    version: 0.4,
  };
}

/** As people have made them for the plugin: one picture per GPU, all of them in one Save Image. */
export function distributed({ seed, steps }: { readonly seed: number; readonly steps: number }): Json {
  return workflow(
    [
      node(1, 'CheckpointLoaderSimple', {
        at: [20, 120],
        outputs: [
          ['MODEL', 'MODEL', 1],
          ['CLIP', 'CLIP', 2, 3],
          ['VAE', 'VAE', 4],
        ],
        values: [CHECKPOINT],
      }),
      node(2, 'CLIPTextEncode', {
        at: [360, 60],
        inputs: [['clip', 'CLIP', 2]],
        outputs: [['CONDITIONING', 'CONDITIONING', 5]],
        values: ['a lighthouse above a calm fjord'],
      }),
      node(3, 'CLIPTextEncode', {
        at: [360, 300],
        inputs: [['clip', 'CLIP', 3]],
        outputs: [['CONDITIONING', 'CONDITIONING', 6]],
        values: ['blurry'],
      }),
      node(4, 'EmptyLatentImage', {
        at: [20, 420],
        outputs: [['LATENT', 'LATENT', 7]],
        values: [256, 256, 1],
      }),
      node(8, 'DistributedSeed', { at: [360, 540], outputs: [['seed', 'INT', 8]], values: [seed, 'fixed'] }),
      node(5, 'KSampler', {
        at: [700, 120],
        inputs: [
          ['model', 'MODEL', 1],
          ['positive', 'CONDITIONING', 5],
          ['negative', 'CONDITIONING', 6],
          ['latent_image', 'LATENT', 7],
          ['seed', 'INT', 8],
        ],
        outputs: [['LATENT', 'LATENT', 9]],
        values: [0, 'fixed', steps, 7, 'euler', 'normal', 1],
      }),
      node(6, 'VAEDecode', {
        at: [1040, 120],
        inputs: [
          ['samples', 'LATENT', 9],
          ['vae', 'VAE', 4],
        ],
        outputs: [['IMAGE', 'IMAGE', 10]],
      }),
      node(9, 'DistributedCollector', {
        at: [1040, 300],
        inputs: [['images', 'IMAGE', 10]],
        outputs: [
          ['images', 'IMAGE', 11],
          ['audio', 'AUDIO'],
        ],
      }),
      node(7, 'SaveImage', { at: [1380, 120], inputs: [['images', 'IMAGE', 11]], values: ['page/tree'] }),
    ],
    [
      [1, 1, 0, 5, 0, 'MODEL'],
      [2, 1, 1, 2, 0, 'CLIP'],
      [3, 1, 1, 3, 0, 'CLIP'],
      [4, 1, 2, 6, 1, 'VAE'],
      [5, 2, 0, 5, 1, 'CONDITIONING'],
      [6, 3, 0, 5, 2, 'CONDITIONING'],
      [7, 4, 0, 5, 3, 'LATENT'],
      [8, 8, 0, 5, 4, 'INT'],
      [9, 5, 0, 6, 0, 'LATENT'],
      [10, 6, 0, 9, 0, 'IMAGE'],
      [11, 9, 0, 7, 0, 'IMAGE'],
    ],
  );
}

/** A picture that the user brings along, made smaller. */
export function resized(): Json {
  return workflow(
    [
      node(1, 'LoadImage', {
        at: [20, 120],
        outputs: [
          ['IMAGE', 'IMAGE', 1],
          ['MASK', 'MASK'],
        ],
        values: ['example.png', 'image'],
      }),
      node(2, 'ImageScale', {
        at: [400, 120],
        inputs: [['image', 'IMAGE', 1]],
        outputs: [['IMAGE', 'IMAGE', 2]],
        values: ['nearest-exact', 48, 32, 'disabled'],
      }),
      node(3, 'SaveImage', { at: [760, 120], inputs: [['images', 'IMAGE', 2]], values: ['page/small'] }),
    ],
    [
      [1, 1, 0, 2, 0, 'IMAGE'],
      [2, 2, 0, 3, 0, 'IMAGE'],
    ],
  );
}
