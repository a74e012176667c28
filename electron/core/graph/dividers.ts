import type { ApiNode } from '../comfy/prompt.ts';
import { addCollector } from './batch-split.ts';
import { dividedInput, isCollector, isDivider, MOST_PARTS } from './distributed-nodes.ts';
import { badNode, describeNode } from './graph-errors.ts';
import { literalBehind, smallInteger } from './literals.ts';
import {
  inOrder,
  isLink,
  linksOf,
  type Nodes,
  type Use,
  upstream,
  usesOf,
  withInputs,
} from './node-graph.ts';

/** A divider cuts what is there: it belongs into the second stage, behind a collector. */

export interface CollectedDividers {
  readonly nodes: Nodes;
  /** Collectors that were put in front of dividers. */
  readonly added: readonly string[];
}

/** @throws EnsembleError('bad-argument') for a divider without input, without a number of parts, or whose missing part is used */
export function collectForDividers(original: Nodes, roots: readonly string[]): CollectedDividers {
  const dividers = new Set([...original.keys()].filter((id) => isDivider(original.get(id))));
  if (dividers.size === 0) return { nodes: original, added: [] };
  const live = upstream(original, roots);
  const uses = usesOf(original, live, (id) => dividers.has(id));
  const nodes = new Map(original);
  const behind = new Set<string>();
  const added = new Map<string, string>();
  for (const id of inOrder(original, live).order) {
    const node = original.get(id);
    if (node === undefined) continue;
    const sources = linksOf(node).map(([, [source]]) => source);
    if (isCollector(node) || sources.some((source) => behind.has(source))) behind.add(id);
    if (!isDivider(node)) continue;
    const parts = readParts(original, id, node);
    checkUses(original, uses.get(id) ?? [], id, parts);
    const input = dividedInput(node);
    const source = node.inputs[input];
    if (!isLink(source)) {
      throw badNode(
        id,
        input,
        `${describeNode(original, id)} has nothing to divide: nothing is linked to “${input}”.`,
      );
    }
    let divided = source;
    if (!behind.has(id)) {
      const key = JSON.stringify(source);
      const collector = added.get(key) ?? addCollector(nodes, source, input);
      added.set(key, collector);
      divided = [collector, input === 'images' ? 0 : 1];
      behind.add(id);
    }
    nodes.set(id, withInputs(node, { divide_by: parts, [input]: divided }));
  }
  return { nodes, added: [...added.values()] };
}

function readParts(nodes: Nodes, id: string, node: ApiNode): number {
  const found = literalBehind(nodes, node.inputs['divide_by'] ?? 2);
  const parts = 'literal' in found ? smallInteger(found.literal) : null;
  if (parts !== null) return Math.min(MOST_PARTS, Math.max(1, parts));
  throw badNode(
    id,
    'divide_by',
    `${describeNode(nodes, id)} does not say into how many parts it divides.`,
    'Write a whole number from 1 to 10 into the node.',
  );
}

function checkUses(nodes: Nodes, uses: readonly Use[], id: string, parts: number): void {
  for (const use of uses) {
    if (use.output < parts) continue;
    throw badNode(
      use.nodeId,
      use.input,
      `${describeNode(nodes, use.nodeId)} takes part ${use.output + 1} of ${describeNode(nodes, id)}, which divides by ${parts} only.`,
    );
  }
}
