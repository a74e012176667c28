import type { ApiNode } from '../comfy/prompt.ts';

/**
 * The distributed nodes that users' workflows contain. No server ever sees them: the compiler turns them into literals and
 * core nodes. Names, inputs and defaults are those that existing workflows were made with.
 */

export const SEED = 'DistributedSeed';
export const COLLECTOR = 'DistributedCollector';
export const VALUE = 'DistributedValue';
export const IMAGE_DIVIDER = 'ImageBatchDivider';
export const AUDIO_DIVIDER = 'AudioBatchDivider';
export const MODEL_NAME = 'DistributedModelName';
export const EMPTY_IMAGE = 'DistributedEmptyImage';
export const TILED_UPSCALE = 'UltimateSDUpscaleDistributed';
/** Ours alone: the pictures of one tile among those of all, once they are gathered. */
export const TILE_PART = 'EnsembleTilePart';

/** Most parts that a divider has. */
export const MOST_PARTS = 10;

/** How many outputs each has. Their inputs are in distributed-definitions.ts. */
const OUTPUTS: Readonly<Record<string, number>> = {
  [SEED]: 1,
  [COLLECTOR]: 2,
  [VALUE]: 1,
  [IMAGE_DIVIDER]: MOST_PARTS,
  [AUDIO_DIVIDER]: MOST_PARTS,
  [MODEL_NAME]: 1,
  [EMPTY_IMAGE]: 1,
  [TILED_UPSCALE]: 1,
};

export function isDistributed(className: string): boolean {
  return Object.hasOwn(OUTPUTS, className);
}

/** null for all other classes. */
export function distributedOutputs(className: string): number | null {
  return isDistributed(className) ? (OUTPUTS[className] ?? null) : null;
}

export function isCollector(node: ApiNode | undefined): boolean {
  return node?.class_type === COLLECTOR;
}

export function isDivider(node: ApiNode | undefined): boolean {
  return node?.class_type === IMAGE_DIVIDER || node?.class_type === AUDIO_DIVIDER;
}

/** What a divider divides. */
export function dividedInput(node: ApiNode): 'images' | 'audio' {
  return node.class_type === AUDIO_DIVIDER ? 'audio' : 'images';
}
