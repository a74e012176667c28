import type { ApiNode } from '../../comfy/prompt.ts';
import { badNode, describeNode } from '../graph-errors.ts';
import { literalBehind } from '../literals.ts';
import type { Nodes } from '../node-graph.ts';
import type { TileSetting } from './tile-grid.ts';

/** What an UltimateSDUpscaleDistributed says of its tiles; its defaults and ranges are in distributed-definitions.ts. */

export interface Tiling extends TileSetting {
  /** σ of the blur between tiles, pixels. */
  readonly blur: number;
  readonly tiledDecode: boolean;
}

const SIDE = { least: 64, most: 2048, usual: 512 } as const;
const AROUND = { least: 0, most: 256 } as const;
const LATENT = 8;

/** @throws EnsembleError('bad-argument') for a number that is none, or too large or small */
export function readTiling(nodes: Nodes, id: string): Tiling {
  const node = nodes.get(id) ?? { class_type: '', inputs: {} };
  const number = (input: string, usual: number, least: number, most: number): number =>
    readNumber(nodes, id, node, input, { usual, least, most });
  const side = (input: string): number =>
    Math.round(number(input, SIDE.usual, SIDE.least, SIDE.most) / LATENT) * LATENT;
  return {
    width: side('tile_width'),
    height: side('tile_height'),
    padding: number('padding', 32, AROUND.least, AROUND.most),
    blur: number('mask_blur', 8, AROUND.least, AROUND.most),
    uniform: node.inputs['force_uniform_tiles'] !== false,
    tiledDecode: node.inputs['tiled_decode'] === true,
  };
}

interface Range {
  readonly usual: number;
  readonly least: number;
  readonly most: number;
}

function readNumber(nodes: Nodes, id: string, node: ApiNode, input: string, range: Range): number {
  const found = literalBehind(nodes, node.inputs[input] ?? range.usual);
  const value = 'literal' in found ? found.literal : null;
  const { least, most } = range;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw badNode(
    id,
    input,
    `${describeNode(nodes, id)} has no usable “${input}”: it must be a whole number from ${least} to ${most}.`,
    'Write the number into the node.',
  );
}
