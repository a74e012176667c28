import type { ApiNode } from '../../comfy/prompt.ts';
import type { NodeCatalog } from '../catalog.ts';
import { COLLECTOR, isCollector, TILE_PART, TILED_UPSCALE } from '../distributed-nodes.ts';
import { badNode, describeNode } from '../graph-errors.ts';
import { literalBehind, seedOf } from '../literals.ts';
import {
  addNode,
  isLink,
  type Link,
  type Nodes,
  titleOf,
  upstream,
  usesOf,
  withInputs,
} from '../node-graph.ts';
import type { Varying } from '../resolve-distributed.ts';
import { imageSize } from './image-size.ts';
import { type Size, type Tile, type TileGrid, tileGrid } from './tile-grid.ts';
import { tileHints } from './tile-hints.ts';
import { TileMasks } from './tile-mask.ts';
import { readTiling, type Tiling } from './tile-setting.ts';

/**
 * Turns UltimateSDUpscaleDistributed into nodes that every server has: each shard crops, samples and saves one tile, and the
 * second stage pastes them in order. All tiles are cut from the picture as it was, so that it does not matter who computes
 * which, and when.
 */

export interface SpreadTiles {
  readonly nodes: Nodes;
  readonly count: number;
  readonly collector: string;
  /** Where each shard's tile is. */
  readonly varying: readonly Varying[];
  readonly seed: bigint | null;
  readonly warnings: readonly string[];
}

const MOST_TILES = 1_024;
/** ComfyUI's own tiled decoder, with its own defaults. */
const TILED_DECODE = { tile_size: 512, overlap: 64, temporal_size: 64, temporal_overlap: 8 };

/**
 * @param pictures sizes of the files that the graph loads, by node
 * @returns null when there is none to spread
 * @throws EnsembleError('bad-argument') for several of them, a picture of unknown size, or numbers that make no tiles
 */
export function spreadTiles(
  original: Nodes,
  live: ReadonlySet<string>,
  catalog: NodeCatalog,
  pictures: ReadonlyMap<string, Size>,
): SpreadTiles | null {
  const [id, second] = [...live].filter((one) => original.get(one)?.class_type === TILED_UPSCALE);
  if (id === undefined) return null;
  if (second !== undefined) {
    throw badNode(
      second,
      'class_type',
      `${describeNode(original, id)} and ${describeNode(original, second)} are in one workflow; only one picture can be spread as tiles at a time.`,
      'Run them one after the other.',
    );
  }
  refuseCollectorBefore(original, id);
  const nodes = new Map(original);
  const work = { nodes, id, tiling: readTiling(original, id) };
  const { canvas, size, warnings } = findCanvas(work, pictures);
  const grid = gridOf(work, size);
  const place = new Set<string>();
  const { collector, placed } = addTile(work, grid, canvas, size, catalog, place);
  paste(work, grid, canvas, collector, live);
  const apart = [...placed].map(
    (name) => `${name} names a place in the whole picture; in tiles it is taken as it stands.`,
  );
  return {
    nodes,
    count: grid.tiles.length,
    collector,
    varying: [...place].flatMap((nodeId) => placesOf(nodeId, grid.tiles)),
    seed: readSeed(original, id),
    warnings: [...warnings, ...apart],
  };
}

interface Work {
  readonly nodes: Map<string, ApiNode>;
  readonly id: string;
  readonly tiling: Tiling;
}

function inputsOf({ nodes, id }: Pick<Work, 'nodes' | 'id'>): ApiNode['inputs'] {
  return nodes.get(id)?.inputs ?? {};
}

function refuseCollectorBefore(nodes: Nodes, id: string): void {
  const before = [...upstream(nodes, [id])].find((one) => isCollector(nodes.get(one)));
  if (before === undefined) return;
  throw badNode(
    id,
    'upscaled_image',
    `${describeNode(nodes, id)} spreads one picture, but ${describeNode(nodes, before)} in front of it collects those of many.`,
    'Save the collected pictures, and enlarge them in a workflow of their own.',
  );
}

/** The picture that is enlarged, and how large it is. */
function findCanvas(
  { nodes, id }: Work,
  pictures: ReadonlyMap<string, Size>,
): { readonly canvas: Link; readonly size: Size; readonly warnings: readonly string[] } {
  const link = inputsOf({ nodes, id })['upscaled_image'];
  if (!isLink(link)) {
    throw badNode(
      id,
      'upscaled_image',
      `${describeNode(nodes, id)} has no picture: link one to “upscaled_image”.`,
    );
  }
  const found = imageSize(nodes, link, pictures);
  if ('lostAt' in found) {
    throw badNode(
      id,
      'upscaled_image',
      `How large the picture of ${describeNode(nodes, id)} will be cannot be told beforehand: ${describeNode(nodes, found.lostAt)} does not say it.`,
      'Put an “Upscale Image” (ImageScale) with a width and a height in front of it.',
    );
  }
  const { size, assumed } = found;
  if (assumed.length === 0) return { canvas: link, size, warnings: [] };
  // Should it be wrong, the picture is brought to this size: tiles must fit.
  const how = { upscale_method: 'lanczos', crop: 'disabled' };
  const canvas = addNode(
    nodes,
    `${id}-size`,
    'ImageScale',
    { image: link, ...size, ...how },
    'Size for tiles',
  );
  const warnings = assumed.map(
    (what) => `${what}; the picture is brought to ${size.width} × ${size.height}.`,
  );
  return { canvas, size, warnings };
}

function gridOf({ nodes, id, tiling }: Work, size: Size): TileGrid {
  const grid = tileGrid(size, tiling);
  if (grid.tiles.length <= MOST_TILES) return grid;
  throw badNode(
    id,
    'tile_width',
    `${describeNode(nodes, id)} would make ${grid.tiles.length} tiles of ${size.width} × ${size.height}; not more than ${MOST_TILES} can be pasted.`,
    'Choose larger tiles.',
  );
}

/** What a shard does. @param place is told the nodes that cut at the tile's place */
function addTile(
  { nodes, id, tiling }: Work,
  grid: TileGrid,
  canvas: Link,
  size: Size,
  catalog: NodeCatalog,
  place: Set<string>,
): { readonly collector: string; readonly placed: ReadonlySet<string> } {
  const { model, positive, negative, vae, seed, steps, cfg, sampler_name, scheduler, denoise } = inputsOf({
    nodes,
    id,
  });
  const add = (what: string, className: string, inputs: ApiNode['inputs'], title?: string): Link =>
    addNode(nodes, `${id}-${what}`, className, inputs, title);
  const scale = (what: string, image: Link, to: Size): Link =>
    add(what, 'ImageScale', { image, ...to, upscale_method: 'lanczos', crop: 'disabled' });
  const cut = (what: string, image: Link): Link => {
    const [first] = grid.tiles;
    const cropped = add(what, 'ImageCrop', { image, ...grid.crop, x: first?.x ?? 0, y: first?.y ?? 0 });
    place.add(cropped[0]);
    return isSame(grid.crop, grid.sampled) ? cropped : scale(`${what}-size`, cropped, grid.sampled);
  };
  const hints = tileHints(nodes, catalog, id, (picture) => cut('hint', scale('hint-size', picture, size)));
  const latent = add('encode', 'VAEEncode', { pixels: cut('tile', canvas), vae });
  const sampling = {
    seed: seed ?? 0,
    steps: steps ?? 20,
    cfg: cfg ?? 8,
    sampler_name,
    scheduler,
    denoise: denoise ?? 0.5,
  };
  const conditioning = { positive: hints.of(positive), negative: hints.of(negative) };
  const sampled = add(
    'sample',
    'KSampler',
    { model, ...conditioning, latent_image: latent, ...sampling },
    titleOf(nodes, id),
  );
  const pixels = tiling.tiledDecode
    ? add('decode', 'VAEDecodeTiled', { samples: sampled, vae, ...TILED_DECODE })
    : add('decode', 'VAEDecode', { samples: sampled, vae });
  const [collector] = add('collect', COLLECTOR, { images: pixels }, `Tiles of ${titleOf(nodes, id)}`);
  return { collector, placed: hints.placed };
}

/** One tile over the other, whose users then take the last of it. */
function paste(
  { nodes, id, tiling }: Work,
  { crop, sampled, tiles }: TileGrid,
  canvas: Link,
  collector: string,
  live: ReadonlySet<string>,
): void {
  const masks = new TileMasks(nodes, id, crop, tiling.blur);
  let picture = canvas;
  for (const [index, tile] of tiles.entries()) {
    const which = { image: [collector, 0], index, parts: tiles.length };
    const part = addNode(nodes, `${id}-part-${index + 1}`, TILE_PART, which, 'Tile');
    const how = { upscale_method: 'lanczos', crop: 'disabled' };
    const source = isSame(crop, sampled)
      ? part
      : addNode(nodes, `${id}-size-${index + 1}`, 'ImageScale', { image: part, ...crop, ...how }, 'Tile');
    const { x, y } = tile;
    const pasting = { destination: picture, source, x, y, resize_source: false, mask: masks.of(tile) };
    picture = addNode(nodes, `${id}-paste-${index + 1}`, 'ImageCompositeMasked', pasting, 'Paste the tiles');
  }
  for (const { nodeId, input } of usesOf(nodes, live, (source) => source === id).get(id) ?? []) {
    const user = nodes.get(nodeId);
    if (user !== undefined) nodes.set(nodeId, withInputs(user, { [input]: picture }));
  }
  nodes.delete(id);
}

function placesOf(nodeId: string, tiles: readonly Tile[]): readonly Varying[] {
  return (['x', 'y'] as const).map((input) => ({ nodeId, input, at: (shard) => tiles[shard]?.[input] ?? 0 }));
}

function readSeed(nodes: Nodes, id: string): bigint | null {
  const found = literalBehind(nodes, nodes.get(id)?.inputs['seed']);
  return 'literal' in found ? seedOf(found.literal) : null;
}

function isSame(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}
