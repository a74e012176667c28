import type { ApiNode } from '../comfy/prompt.ts';
import type { NodeCatalog } from './catalog.ts';
import { distributedOutputs, isCollector } from './distributed-nodes.ts';
import { badNode, badPrompt, describeNode } from './graph-errors.ts';
import { inOrder, isLink, linksOf, type Nodes, upstream, usedOf } from './node-graph.ts';
import { isOutput } from './outputs.ts';

const MOST_NAMES = 5;

export interface Roots {
  readonly roots: readonly string[];
  /** They and all that they need. */
  readonly live: ReadonlySet<string>;
}

/**
 * What makes the graph run: its outputs, and the collectors that nothing follows. Checks everything that they need.
 * @throws EnsembleError('bad-argument') for a missing node or output, a cycle, or when nothing makes a file
 */
export function findRoots(nodes: Nodes, catalog: NodeCatalog): Roots {
  const used = usedOf(nodes, nodes.keys());
  const roots: string[] = [];
  for (const [id, node] of nodes) if (isOutput(node, used.has(id), catalog)) roots.push(id);
  const collectors = [...nodes.keys()].filter((id) => isCollector(nodes.get(id)));
  const live = upstream(nodes, [...roots, ...collectors]);
  if (collectors.length > 0) {
    const followed = usedOf(nodes, live);
    roots.push(...collectors.filter((id) => !followed.has(id)));
  }
  checkAcyclic(nodes, live.size === 0 ? new Set(nodes.keys()) : live);
  if (roots.length === 0) {
    throw badPrompt(
      nodes.size === 0 ? 'The workflow is empty.' : 'No node of the workflow saves or shows anything.',
      'Add a node such as SaveImage.',
    );
  }
  for (const id of live) checkNode(nodes, id, catalog);
  return { roots, live };
}

function checkNode(nodes: Nodes, id: string, catalog: NodeCatalog): void {
  const node = nodes.get(id);
  if (node === undefined) return;
  for (const [input, value] of Object.entries(node.inputs)) {
    if (!isLink(value)) continue;
    const [source, output] = value;
    const from = nodes.get(source);
    if (from === undefined) {
      throw badNode(
        id,
        input,
        `${describeNode(nodes, id)} takes “${input}” from node ${source}, which is missing.`,
      );
    }
    const count = outputCount(from, catalog);
    if (!Number.isInteger(output) || output < 0 || (count !== null && output >= count)) {
      throw badNode(
        id,
        input,
        `${describeNode(nodes, id)} takes “${input}” from output ${output} of ${describeNode(nodes, source)}, which has no such output.`,
      );
    }
  }
}

/** null when nobody knows. */
function outputCount(node: ApiNode, catalog: NodeCatalog): number | null {
  return distributedOutputs(node.class_type) ?? catalog.find(node.class_type)?.output.length ?? null;
}

function checkAcyclic(nodes: Nodes, ids: ReadonlySet<string>): void {
  const { cycle } = inOrder(nodes, ids);
  const [first, last] = [cycle?.[0], cycle?.[cycle.length - 1]];
  const node = first === undefined ? undefined : nodes.get(first);
  if (cycle === null || first === undefined || node === undefined) return;
  const names = cycle.slice(0, MOST_NAMES).map((id) => describeNode(nodes, id));
  const more = cycle.length > names.length ? ` and ${cycle.length - names.length} more` : '';
  throw badNode(
    first,
    linksOf(node).find(([, [source]]) => source === last)?.[0] ?? 'inputs',
    `The workflow goes round in a circle: ${names.join(' → ')}${more} need each other.`,
    'Remove one of the links between them.',
  );
}
