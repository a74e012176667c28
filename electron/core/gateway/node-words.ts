import { isRecord } from '../plain-data.ts';

/** What the page says about the distributed nodes. */

export const DISTRIBUTED_CATEGORY = 'Ensemble/distributed';

interface Words {
  readonly description: string;
  readonly inputs: Readonly<Record<string, string>>;
}

const WORDS: Readonly<Record<string, Words>> = {
  DistributedSeed: {
    description: 'Gives each shard a seed of its own: shard k gets this seed + k, whichever GPU computes it.',
    inputs: { seed: 'Seed of the first shard.' },
  },
  DistributedCollector: {
    description:
      'Everything before it runs on every GPU that takes part; what follows gets the results of all of them.',
    inputs: {
      images: 'Pictures of every shard.',
      audio: 'Sound of every shard.',
      load_balance: 'Run once, on the GPU that is done first, instead of once on each.',
    },
  },
  DistributedValue: {
    description: 'A value that may differ from GPU to GPU.',
    inputs: {
      default_value: 'For everyone without a value of its own.',
      worker_values: 'JSON: number of the participant → its value.',
    },
  },
  ImageBatchDivider: {
    description: 'Cuts a batch of pictures into parts of nearly equal length.',
    inputs: { images: 'The batch.', divide_by: 'Number of parts.' },
  },
  AudioBatchDivider: {
    description: 'Cuts a sound into parts of nearly equal length.',
    inputs: { audio: 'The sound.', divide_by: 'Number of parts.' },
  },
  DistributedModelName: {
    description: 'Passes the name of a model on.',
    inputs: { text: 'The name.' },
  },
  DistributedEmptyImage: {
    description: 'An empty batch of pictures.',
    inputs: { height: 'Pixels.', width: 'Pixels.', channels: 'Colours.' },
  },
  UltimateSDUpscaleDistributed: {
    description: 'Samples a large picture anew, tile by tile.',
    inputs: {
      upscaled_image: 'The picture in its final size.',
      model: 'Samples each tile.',
      positive: 'What each tile should show.',
      negative: 'What no tile should show.',
      vae: 'Encodes and decodes each tile.',
      seed: 'The same for all tiles.',
      steps: 'For each tile.',
      cfg: 'How closely the tiles follow the text.',
      sampler_name: 'Sampler of each tile.',
      scheduler: 'Scheduler of each tile.',
      denoise: 'How much of each tile is made anew: 0 nothing, 1 all.',
      tile_width: 'Pixels.',
      tile_height: 'Pixels.',
      padding: 'Pixels around a tile that are sampled with it.',
      mask_blur: 'Pixels over which a tile fades into its neighbours.',
      force_uniform_tiles: 'Tiles at the edges are as large as all others.',
      tiled_decode: 'Decode in parts, for less memory.',
    },
  },
};

/** The definition with description and tooltips. */
export function describedNode(
  name: string,
  definition: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const words = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
  if (words === undefined) return definition;
  const input = isRecord(definition['input']) ? definition['input'] : {};
  const groups = Object.entries(input).map(([group, specs]) => [
    group,
    isRecord(specs) ? withTooltips(specs, words.inputs) : specs,
  ]);
  return { ...definition, description: words.description, input: Object.fromEntries(groups) };
}

function withTooltips(
  specs: Readonly<Record<string, unknown>>,
  tooltips: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => {
      const tooltip = Object.hasOwn(tooltips, name) ? tooltips[name] : undefined;
      if (tooltip === undefined || !Array.isArray(spec)) return [name, spec];
      return [name, [spec[0], { ...(isRecord(spec[1]) ? spec[1] : {}), tooltip }]];
    }),
  );
}
