import type { ApiNode } from '../comfy/prompt.ts';
import { inputSpec, type NodeCatalog } from './catalog.ts';
import { isCollector } from './distributed-nodes.ts';
import { badNode, describeNode } from './graph-errors.ts';
import {
  freshId,
  inOrder,
  isLink,
  linksOf,
  type Nodes,
  titleOf,
  upstream,
  usesOf,
  withInputs,
  withoutInput,
} from './node-graph.ts';
import { DEFAULT_PREFIX, resultOfCollector } from './outputs.ts';
import type { ResultTarget } from './plan.ts';

/** Which collectors cut the graph, and what becomes of those behind another one. */

export const CHANNELS = ['images', 'audio'] as const;
export type Channel = (typeof CHANNELS)[number];

export interface CollectedGraph {
  /** Without the collectors that are behind another one: their users take what these were given. */
  readonly nodes: Nodes;
  readonly roots: readonly string[];
  /** The roots and all that they need. */
  readonly live: ReadonlySet<string>;
  /** In whose place the shards end and the second stage begins. */
  readonly cuts: readonly string[];
  /** Everything that needs a collector. */
  readonly behind: ReadonlySet<string>;
  /** Inserted savers and what their files are. */
  readonly results: ReadonlyMap<string, ResultTarget>;
  readonly warnings: readonly string[];
}

/** @throws EnsembleError('bad-argument') for a collector without input, or a channel that is used but not fed */
export function settleCollectors(
  original: Nodes,
  roots: readonly string[],
  catalog: NodeCatalog,
): CollectedGraph {
  const live = upstream(original, roots);
  if (![...original.values()].some(isCollector)) return withoutCollectors(original, roots, live);
  const { order } = inOrder(original, live);
  const warnings: string[] = [];
  const nodes = new Map(original);
  dropUnfedAudio(nodes, order, catalog, warnings);
  const behind = new Set<string>();
  const cuts: string[] = [];
  const passed = new Map<string, ApiNode>();
  for (const id of order) {
    const node = nodes.get(id);
    if (node === undefined) continue;
    const links = linksOf(node);
    if (links.some(([, [source]]) => behind.has(source) || isCollector(nodes.get(source)))) behind.add(id);
    const next = rewire(node, links, passed);
    if (next !== node) nodes.set(id, next);
    if (!isCollector(node)) continue;
    checkFed(original, id, node);
    if (behind.has(id)) passed.set(id, next);
    else cuts.push(id);
  }
  const unused = passUnused(nodes, roots, passed);
  for (const id of unused.results.keys()) behind.add(id);
  const kept = passed.size === 0 ? live : upstream(nodes, unused.roots);
  return { nodes, live: kept, cuts, behind, warnings, ...unused };
}

function withoutCollectors(
  nodes: Nodes,
  roots: readonly string[],
  live: ReadonlySet<string>,
): CollectedGraph {
  return { nodes, roots, live, cuts: [], behind: new Set(), results: new Map(), warnings: [] };
}

/** What comes behind a collector that is passed takes what that one was given. */
function rewire(
  node: ApiNode,
  links: ReturnType<typeof linksOf>,
  passed: ReadonlyMap<string, ApiNode>,
): ApiNode {
  let next = node;
  for (const [input, [source, output]] of links) {
    const collector = passed.get(source);
    if (collector !== undefined) next = withInputs(next, { [input]: collector.inputs[channelOf(output)] });
  }
  return next;
}

/** Collectors behind another one that nothing follows still save what they get. */
function passUnused(
  nodes: Map<string, ApiNode>,
  roots: readonly string[],
  passed: ReadonlyMap<string, ApiNode>,
): Pick<CollectedGraph, 'roots' | 'results'> {
  const results = new Map<string, ResultTarget>();
  const next = roots.map((root) => {
    const collector = passed.get(root);
    if (collector === undefined) return root;
    const channel = isLink(collector.inputs['images']) ? 'images' : 'audio';
    const id = freshId(nodes, `${root}-save`);
    nodes.set(id, saverNode(channel, collector.inputs[channel], titleOf(nodes, root)));
    results.set(id, resultOfCollector(root));
    return id;
  });
  for (const id of passed.keys()) nodes.delete(id);
  return { roots: next, results };
}

export function saverNode(channel: Channel, source: unknown, title: string): ApiNode {
  return {
    class_type: channel === 'images' ? 'SaveImage' : 'SaveAudio',
    inputs: { [channel]: source, filename_prefix: DEFAULT_PREFIX },
    _meta: { title: `Save for ${title}` },
  };
}

export function channelOf(output: number): Channel {
  return output === 1 ? 'audio' : 'images';
}

function checkFed(nodes: Nodes, id: string, node: ApiNode): void {
  if (CHANNELS.some((channel) => isLink(node.inputs[channel]))) return;
  throw badNode(
    id,
    'images',
    `${describeNode(nodes, id)} has nothing to collect: nothing is linked to “images”.`,
    'Link the pictures that the workflow makes to it.',
  );
}

/** Workflows link the audio of a collector that has none, since it used to be silence: optional inputs then go without. */
function dropUnfedAudio(
  nodes: Map<string, ApiNode>,
  order: readonly string[],
  catalog: NodeCatalog,
  warnings: string[],
): void {
  const unfed = order.filter((id) => isUnfed(nodes.get(id)));
  if (unfed.length === 0) return;
  const uses = usesOf(nodes, order, (id) => isCollector(nodes.get(id)));
  // A collector whose audio comes from one that has none becomes unfed itself: all of them, in order.
  for (const id of order) {
    const collector = nodes.get(id);
    if (collector === undefined || !isCollector(collector)) continue;
    for (const use of uses.get(id) ?? []) {
      const channel = channelOf(use.output);
      const user = nodes.get(use.nodeId);
      if (user === undefined || isLink(collector.inputs[channel])) continue;
      const optional = channel === 'audio' && isOptional(user, use.input, catalog);
      if (!optional) {
        throw badNode(
          id,
          channel,
          `${describeNode(nodes, use.nodeId)} uses the ${channel} of ${describeNode(nodes, id)}, to whose “${channel}” input nothing is linked.`,
        );
      }
      nodes.set(use.nodeId, withoutInput(user, use.input));
      warnings.push(
        `${describeNode(nodes, use.nodeId)} gets no audio: nothing is linked to that of ${describeNode(nodes, id)}.`,
      );
    }
  }
}

function isUnfed(node: ApiNode | undefined): boolean {
  return (
    node !== undefined && isCollector(node) && !CHANNELS.every((channel) => isLink(node.inputs[channel]))
  );
}

function isOptional(node: ApiNode, input: string, catalog: NodeCatalog): boolean {
  if (isCollector(node)) return input === 'audio';
  const definition = catalog.find(node.class_type);
  return (
    definition !== null &&
    !Object.hasOwn(definition.input.required, input) &&
    inputSpec(definition, input) !== null
  );
}
