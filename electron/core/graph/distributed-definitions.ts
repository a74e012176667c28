import { inputSpec, type NodeCatalog, type NodeDefinition, readCatalog } from './catalog.ts';

/**
 * The distributed node classes, as /object_info would list them. No server has them: they are compiled away. Names, inputs,
 * defaults and ranges are those of the workflows that people already have.
 */

type Specs = Readonly<Record<string, readonly unknown[]>>;

interface Definition {
  readonly title: string;
  readonly category: string;
  readonly required: Specs;
  readonly optional?: Specs;
  /** Output types by name, in order. */
  readonly outputs: readonly (readonly [name: string, type: string])[];
  readonly outputNode?: boolean;
}

const MAX_PARTS = 10;
const HIGHEST_SEED = 2n ** 64n - 1n;

const divideBy = ['INT', { default: 2, min: 1, max: MAX_PARTS, step: 1, display: 'number' }] as const;
const emptySide = ['INT', { default: 64, min: 1, max: 4096, step: 1 }] as const;
const tileSide = ['INT', { default: 512, min: 64, max: 2048, step: 8 }] as const;

const DEFINITIONS: Readonly<Record<string, Definition>> = {
  DistributedSeed: {
    title: 'Distributed Seed',
    category: 'utils',
    required: { seed: ['INT', { default: 1125899906842, min: 0, max: HIGHEST_SEED }] },
    outputs: [['seed', 'INT']],
  },
  DistributedCollector: {
    title: 'Distributed Collector',
    category: 'image',
    required: { images: ['IMAGE'], load_balance: ['BOOLEAN', { default: false }] },
    optional: { audio: ['AUDIO'] },
    outputs: [
      ['images', 'IMAGE'],
      ['audio', 'AUDIO'],
    ],
  },
  DistributedValue: {
    title: 'Distributed Value',
    category: 'utils',
    required: {
      default_value: ['STRING', { default: '' }],
      worker_values: ['STRING', { default: '{}' }],
    },
    outputs: [['value', '*']],
  },
  ImageBatchDivider: {
    title: 'Image Batch Divider',
    category: 'image',
    required: { images: ['IMAGE'], divide_by: divideBy },
    outputs: parts('batch', 'IMAGE'),
    outputNode: true,
  },
  AudioBatchDivider: {
    title: 'Audio Batch Divider',
    category: 'audio',
    required: { audio: ['AUDIO'], divide_by: divideBy },
    outputs: parts('audio', 'AUDIO'),
    outputNode: true,
  },
  DistributedModelName: {
    title: 'Distributed Model Name',
    category: 'utils',
    required: { text: ['STRING', { default: '' }] },
    outputs: [['output', '*']],
    outputNode: true,
  },
  DistributedEmptyImage: {
    title: 'Distributed Empty Image',
    category: 'image',
    required: { height: emptySide, width: emptySide, channels: ['INT', { default: 3, min: 1, max: 4 }] },
    outputs: [['IMAGE', 'IMAGE']],
  },
  UltimateSDUpscaleDistributed: {
    title: 'Ultimate SD Upscale Distributed (No Upscale)',
    category: 'image/upscaling',
    required: {
      upscaled_image: ['IMAGE'],
      model: ['MODEL'],
      positive: ['CONDITIONING'],
      negative: ['CONDITIONING'],
      vae: ['VAE'],
      seed: ['INT', { default: 0, min: 0, max: HIGHEST_SEED }],
      steps: ['INT', { default: 20, min: 1, max: 10_000 }],
      cfg: ['FLOAT', { default: 8, min: 0, max: 100 }],
      sampler_name: [[]],
      scheduler: [[]],
      denoise: ['FLOAT', { default: 0.5, min: 0, max: 1, step: 0.01 }],
      tile_width: tileSide,
      tile_height: tileSide,
      padding: ['INT', { default: 32, min: 0, max: 256, step: 8 }],
      mask_blur: ['INT', { default: 8, min: 0, max: 256 }],
      force_uniform_tiles: ['BOOLEAN', { default: true }],
      tiled_decode: ['BOOLEAN', { default: false }],
    },
    outputs: [['IMAGE', 'IMAGE']],
  },
};

/** Whether we compile this class away. */
export function isDistributedClass(className: string): boolean {
  return Object.hasOwn(DEFINITIONS, className);
}

/** The definitions in the shape of /object_info; the choices of samplers and schedulers are those of the server's KSampler. */
export function distributedObjectInfo(catalog: NodeCatalog | null): Readonly<Record<string, unknown>> {
  const sampler = catalog?.find('KSampler') ?? null;
  return Object.fromEntries(
    Object.entries(DEFINITIONS).map(([name, definition]) => [name, objectInfo(name, definition, sampler)]),
  );
}

const extended = new WeakMap<NodeCatalog, NodeCatalog>();

/** The server's classes and the distributed ones; what the server itself has goes first. */
export function withDistributed(catalog: NodeCatalog): NodeCatalog {
  const before = extended.get(catalog);
  if (before) return before;
  const ours = readCatalog(distributedObjectInfo(catalog));
  const both: NodeCatalog = { find: (className) => catalog.find(className) ?? ours.find(className) };
  extended.set(catalog, both);
  return both;
}

function objectInfo(name: string, definition: Definition, sampler: NodeDefinition | null): unknown {
  const { required, optional = {}, outputs } = definition;
  return {
    input: { required: withChoices(required, sampler), optional },
    input_order: { required: Object.keys(required), optional: Object.keys(optional) },
    output: outputs.map(([, type]) => type),
    output_is_list: outputs.map(() => false),
    output_name: outputs.map(([title]) => title),
    name,
    display_name: definition.title,
    description: '',
    python_module: 'custom_nodes.distributed',
    category: definition.category,
    output_node: definition.outputNode ?? false,
  };
}

/** Inputs without choices of their own take those of the input of the same name. */
function withChoices(specs: Specs, sampler: NodeDefinition | null): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => {
      const open = Array.isArray(spec[0]) && spec[0].length === 0;
      return [name, (open && sampler ? inputSpec(sampler, name) : null) ?? spec];
    }),
  );
}

function parts(name: string, type: string): readonly (readonly [string, string])[] {
  return Array.from({ length: MAX_PARTS }, (_, index) => [`${name}_${index + 1}`, type] as const);
}
