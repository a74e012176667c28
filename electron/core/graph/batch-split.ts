import type { ApiNode } from '../comfy/prompt.ts';
import { COLLECTOR, isCollector, isDivider } from './distributed-nodes.ts';
import { badNode, badPrompt, describeNode } from './graph-errors.ts';
import { literalBehind, smallInteger } from './literals.ts';
import {
  freshId,
  inOrder,
  type Link,
  linksOf,
  type Nodes,
  titleOf,
  upstream,
  usesOf,
  withInputs,
} from './node-graph.ts';
import { drawsPerStep, type Kind, perItem } from './per-item.ts';

/** Cuts the batch of a graph's empty latents into slices, so that every picture comes out as it would have in one go. */

export interface Batch {
  /** Nodes that make the empty latents. */
  readonly latents: readonly string[];
  readonly size: number;
}

export interface SplitGraph {
  readonly nodes: Nodes;
  /** Latent node → id of the node that is to hand on the shard's slice of it. */
  readonly slices: ReadonlyMap<string, string>;
  /** What works on a slice, collectors of it included: every shard has these. */
  readonly region: ReadonlySet<string>;
  readonly warnings: readonly string[];
}

/** @throws EnsembleError('bad-argument') when there is no batch, or several that differ */
export function findBatch(nodes: Nodes, live: ReadonlySet<string>): Batch {
  const latents: string[] = [];
  const sizes = new Map<number, string>();
  let single: string | null = null;
  for (const [id, node] of nodes) {
    if (!live.has(id) || !isEmptyLatent(node)) continue;
    const found = literalBehind(nodes, node.inputs['batch_size'] ?? 1);
    const size = 'literal' in found ? smallInteger(found.literal) : null;
    if (size === 1) single = id;
    if (size === null || size <= 1) continue;
    latents.push(id);
    if (!sizes.has(size)) sizes.set(size, id);
  }
  const [first, second] = [...sizes];
  if (first === undefined) throw noBatch(nodes, single);
  if (second !== undefined) {
    throw badNode(
      second[1],
      'batch_size',
      `The batch cannot be split: ${describeNode(nodes, first[1])} makes ${first[0]} pictures and ${describeNode(nodes, second[1])} makes ${second[0]}.`,
      'Give all empty latents the same batch size.',
    );
  }
  return { latents, size: first[0] };
}

function isEmptyLatent({ class_type: name }: ApiNode): boolean {
  return /^Empty.*Latent/.test(name) && !/audio|AV$/i.test(name);
}

function noBatch(nodes: Nodes, single: string | null): Error {
  if (single === null) {
    return badPrompt(
      'There is no batch to split: the workflow has no empty latent with a batch size written into it.',
      'Splitting works for workflows that start from a node such as EmptyLatentImage.',
    );
  }
  return badNode(
    single,
    'batch_size',
    `There is no batch to split: ${describeNode(nodes, single)} makes one picture.`,
    'Set its batch size to the number of pictures that you want.',
  );
}

/** @throws EnsembleError('bad-argument') naming the node that needs the whole latent batch */
export function splitBatch(original: Nodes, roots: Iterable<string>, batch: Batch): SplitGraph {
  const live = upstream(original, roots);
  const walk = walkSlices(original, live, batch.latents);
  const nodes = new Map(original);
  const region = new Set(walk.region);
  const uses = usesOf(original, live);
  for (const [source, output] of walk.boundaries) {
    const id = addCollector(nodes, [source, output]);
    region.add(id);
    for (const use of uses.get(source) ?? []) {
      const user = nodes.get(use.nodeId);
      // What works on slices goes on doing so; savers join the collector, so that each picture is written once.
      const keeps = walk.items.has(use.nodeId) || isCollector(user);
      if (user === undefined || use.output !== output || keeps) continue;
      nodes.set(use.nodeId, withInputs(user, { [use.input]: [id, 0] }));
    }
  }
  const slices = new Map(batch.latents.map((id) => [id, freshId(nodes, `${id}-slice`)]));
  for (const [latent, slice] of slices) {
    for (const use of uses.get(latent) ?? []) {
      const user = nodes.get(use.nodeId);
      if (user !== undefined) nodes.set(use.nodeId, withInputs(user, { [use.input]: [slice, use.output] }));
    }
  }
  return { nodes, slices, region, warnings: samplerWarnings(original, walk) };
}

/** A collector that the user did not draw, in front of what needs all pictures. */
export function addCollector(
  nodes: Map<string, ApiNode>,
  source: Link,
  channel: 'images' | 'audio' = 'images',
): string {
  const id = freshId(nodes, `${source[0]}-collect`);
  nodes.set(id, {
    class_type: COLLECTOR,
    inputs: { [channel]: source },
    _meta: { title: `Collect from ${titleOf(nodes, source[0])}` },
  });
  return id;
}

interface Walk {
  /** Nodes that go through the batch item by item. */
  readonly items: ReadonlySet<string>;
  /** Those, and the savers and collectors right behind them. */
  readonly region: ReadonlySet<string>;
  /** Outputs of pictures that a node takes which needs them all. */
  readonly boundaries: readonly Link[];
}

function walkSlices(nodes: Nodes, live: ReadonlySet<string>, latents: readonly string[]): Walk {
  const carries = new Map<string, Kind>(latents.map((id) => [id, 'latent']));
  const behind = new Set<string>();
  const items = new Set<string>();
  const region = new Set(latents);
  const boundaries = new Map<string, Link>();
  for (const id of inOrder(nodes, live).order) {
    const node = nodes.get(id);
    if (node === undefined || carries.has(id)) continue;
    const links = linksOf(node);
    const sliced = links.filter(([, [source]]) => carries.has(source));
    const late = links.some(([, [source]]) => behind.has(source));
    if (!late && goesThrough(node, sliced)) {
      carries.set(id, perItem(node.class_type)?.output ?? 'image');
      items.add(id);
      region.add(id);
      continue;
    }
    // A collector or divider hands on everything at once, wherever its pictures come from.
    if (late || sliced.length > 0 || isCollector(node) || isDivider(node)) behind.add(id);
    if (!late && sliced.length > 0 && (isCollector(node) || isSaver(node))) {
      region.add(id);
      continue;
    }
    for (const [input, link] of sliced) {
      if (carries.get(link[0]) === 'latent') throw needsAll(nodes, id, input);
      boundaries.set(JSON.stringify(link), link);
    }
  }
  return { items, region, boundaries: [...boundaries.values()] };
}

function goesThrough(node: ApiNode, sliced: ReturnType<typeof linksOf>): boolean {
  const item = perItem(node.class_type);
  return item !== null && sliced.length > 0 && sliced.every(([input]) => input === item.input);
}

function isSaver({ class_type: name }: ApiNode): boolean {
  return name === 'SaveImage' || name === 'PreviewImage';
}

function needsAll(nodes: Nodes, id: string, input: string): Error {
  return badNode(
    id,
    input,
    `The batch cannot be split: ${describeNode(nodes, id)} takes the whole latent batch as “${input}”.`,
    'Run it without splitting, or decode the pictures before this node.',
  );
}

function samplerWarnings(nodes: Nodes, { items }: Walk): readonly string[] {
  const found = new Map<string, string>();
  for (const id of upstream(nodes, items)) {
    const node = nodes.get(id);
    const name = node === undefined ? null : drawsPerStep(node);
    if (name !== null) found.set(id, name);
  }
  return [...found]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(
      ([id, name]) =>
        `${describeNode(nodes, id)} uses ${name}, which treats the batch as one at every step: the pictures will differ from those of the unsplit run.`,
    );
}
