import type { ApiNode } from '../comfy/prompt.ts';
import { EMPTY_IMAGE, isCollector, isDistributed, MODEL_NAME, SEED, VALUE } from './distributed-nodes.ts';
import { badNode, describeNode } from './graph-errors.ts';
import { exactInteger, literalBehind, offsetSeed, seedOf } from './literals.ts';
import { isLink, linksOf, type Nodes, withInputs, withoutInput } from './node-graph.ts';
import type { SeedInput } from './plan.ts';
import { readDistributedValue } from './values.ts';

/** Turns the distributed nodes that stand for a value into that value, wherever it is used. */

/** A literal that differs from shard to shard; the graph has that of shard 0. */
export interface Varying {
  readonly nodeId: string;
  readonly input: string;
  at(shard: number): unknown;
}

export interface Resolved {
  readonly nodes: Nodes;
  readonly varying: readonly Varying[];
  /** By the DistributedSeed nodes. */
  readonly seeds: readonly SeedInput[];
  readonly hasValues: boolean;
  readonly warnings: readonly string[];
}

type Source = (shard: number) => unknown;

/** @throws EnsembleError('bad-argument') for a seed or value that is none */
export function resolveDistributed(original: Nodes, live: ReadonlySet<string>): Resolved {
  const nodes = new Map(original);
  const varying: Varying[] = [];
  const warnings: string[] = [];
  const { sources, seeds } = readSources(original, live);
  for (const id of live) {
    const node = original.get(id);
    if (node === undefined) continue;
    if (node.class_type === EMPTY_IMAGE) {
      nodes.set(id, emptyImage(node));
      continue;
    }
    if (isDistributed(node.class_type) && sources.has(id)) continue;
    let next = node;
    for (const [input, link] of linksOf(node)) {
      const value = behindModelName(original, link);
      const source = isLink(value) ? sources.get(value[0]) : undefined;
      if (source !== undefined) {
        next = withInputs(next, { [input]: source(0) });
        varying.push({ nodeId: id, input, at: source });
      } else if (isLink(value) && original.get(value[0])?.class_type === EMPTY_IMAGE) {
        next = withEmptyImage(original, id, withInputs(next, { [input]: value }), input, warnings);
      } else if (value !== link) {
        next = withInputs(next, { [input]: value });
      }
    }
    nodes.set(id, next);
  }
  const hasValues = [...live].some((id) => original.get(id)?.class_type === VALUE);
  return { nodes, varying, seeds, hasValues, warnings };
}

function readSources(
  nodes: Nodes,
  live: ReadonlySet<string>,
): { readonly sources: ReadonlyMap<string, Source>; readonly seeds: readonly SeedInput[] } {
  const sources = new Map<string, Source>();
  const seeds: SeedInput[] = [];
  for (const [id, node] of nodes) {
    if (!live.has(id)) continue;
    if (node.class_type === VALUE) sources.set(id, readDistributedValue(nodes, id));
    if (node.class_type !== SEED) continue;
    const base = readSeed(nodes, id);
    sources.set(id, (shard) => offsetSeed(base, shard));
    seeds.push({ nodeId: id, input: 'seed', base });
  }
  return { sources, seeds };
}

function readSeed(nodes: Nodes, id: string): bigint {
  const found = literalBehind(nodes, nodes.get(id)?.inputs['seed']);
  if ('lostAt' in found) {
    throw badNode(
      id,
      'seed',
      `${describeNode(nodes, id)} takes its seed from ${describeNode(nodes, found.lostAt)}, whose value is only known on a server.`,
      'Write the seed into the node itself, or feed it from a primitive node.',
    );
  }
  const seed = seedOf(found.literal);
  if (seed !== null) return seed;
  throw badNode(
    id,
    'seed',
    `${describeNode(nodes, id)} has the seed ${seedText(found.literal)}, which is no whole number from 0 to 2^64 − 1.`,
  );
}

export function seedText(value: unknown): string {
  if (value === undefined) return '(none)';
  return typeof value === 'bigint' ? String(exactInteger(value)) : JSON.stringify(value);
}

/** DistributedModelName only passes on what it is given. The graph is known to be free of cycles. */
function behindModelName(nodes: Nodes, link: unknown): unknown {
  let value = link;
  while (isLink(value)) {
    const node = nodes.get(value[0]);
    if (node?.class_type !== MODEL_NAME) break;
    value = node.inputs['text'] ?? '';
  }
  return value;
}

function emptyImage(node: ApiNode): ApiNode {
  const { width = 64, height = 64 } = node.inputs;
  return { ...node, class_type: 'EmptyImage', inputs: { width, height, batch_size: 1, color: 0 } };
}

function withEmptyImage(nodes: Nodes, id: string, node: ApiNode, input: string, warnings: string[]): ApiNode {
  if (!isCollector(node)) {
    warnings.push(
      `${describeNode(nodes, id)} takes “${input}” from ${EMPTY_IMAGE}. A batch without pictures exists on no stock server: it gets one black picture.`,
    );
    return node;
  }
  if (isLink(node.inputs['audio'])) return withoutInput(node, input);
  throw badNode(
    id,
    input,
    `${describeNode(nodes, id)} has nothing to collect: its only input is ${EMPTY_IMAGE}.`,
    'Link the pictures that the workflow makes to it.',
  );
}
