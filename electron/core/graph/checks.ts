import type { ApiNode } from '../comfy/prompt.ts';
import type { NodeCatalog } from './catalog.ts';
import { distributedOutputs, isCollector, TILED_UPSCALE } from './distributed-nodes.ts';
import { badNode, badPrompt, describeNode } from './graph-errors.ts';
import { inOrder, isLink, linksOf, type Nodes, upstream, usesOf } from './node-graph.ts';
import { isOutput } from './outputs.ts';

/**
 * What makes the graph run: its outputs, and the collectors that nothing follows. Checks everything that they need.
 * @throws EnsembleError('bad-argument') for a missing node or output, a cycle, or when nothing makes a file
 */
export function findRoots(nodes: Nodes, catalog: NodeCatalog): readonly string[] {
  const uses = usesOf(nodes, nodes.keys());
  const roots: string[] = [];
  for (const [id, node] of nodes) if (isOutput(node, uses.has(id), catalog)) roots.push(id);
  const needed = upstream(nodes, roots);
  for (const [id, node] of nodes) if (isCollector(node) && !needed.has(id)) roots.push(id);
  const live = upstream(nodes, roots);
  checkAcyclic(nodes, roots.length === 0 ? new Set(nodes.keys()) : live);
  if (roots.length === 0) {
    throw badPrompt(
      nodes.size === 0 ? 'The workflow is empty.' : 'No node of the workflow saves or shows anything.',
      'Add a node such as SaveImage.',
    );
  }
  for (const id of live) checkNode(nodes, id, catalog);
  return roots.filter((id) => !isCollector(nodes.get(id)) || !feedsRoot(nodes, id, live));
}

/** A collector may have been taken for unused only because what uses it is another unused collector. */
function feedsRoot(nodes: Nodes, id: string, live: ReadonlySet<string>): boolean {
  for (const other of live) {
    const node = nodes.get(other);
    if (node !== undefined && linksOf(node).some(([, [source]]) => source === id)) return true;
  }
  return false;
}

function checkNode(nodes: Nodes, id: string, catalog: NodeCatalog): void {
  const node = nodes.get(id);
  if (node === undefined) return;
  if (node.class_type === TILED_UPSCALE) {
    throw badNode(
      id,
      'class_type',
      `${describeNode(nodes, id)} cannot be run: tiled upscaling is not distributed yet.`,
      'Use a tiled upscaler of ComfyUI itself, which then runs whole on one server.',
    );
  }
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
  const { stuck } = inOrder(nodes, ids);
  const first = stuck[0];
  if (first === undefined) return;
  const cycle = findCycle(nodes, first, new Set(stuck));
  const names = cycle.slice(0, 5).map((id) => describeNode(nodes, id));
  const more = cycle.length > names.length ? ` and ${cycle.length - names.length} more` : '';
  throw badNode(
    cycle[0] ?? first,
    cycleInput(nodes, cycle) ?? 'inputs',
    `The workflow goes round in a circle: ${names.join(' → ')}${more} need each other.`,
    'Remove one of the links between them.',
  );
}

/** Every stuck node needs another stuck one, so that walking back must come round. */
function findCycle(nodes: Nodes, start: string, stuck: ReadonlySet<string>): readonly string[] {
  const path: string[] = [];
  const position = new Map<string, number>();
  let at: string | undefined = start;
  while (at !== undefined && !position.has(at)) {
    position.set(at, path.length);
    path.push(at);
    const node = nodes.get(at);
    const links: ReturnType<typeof linksOf> = node === undefined ? [] : linksOf(node);
    at = links.map(([, [source]]) => source).find((source) => stuck.has(source));
  }
  return path.slice(position.get(at ?? start) ?? 0).reverse();
}

function cycleInput(nodes: Nodes, cycle: readonly string[]): string | null {
  const [first, last] = [cycle[0], cycle[cycle.length - 1]];
  const node = first === undefined ? undefined : nodes.get(first);
  return node === undefined ? null : (linksOf(node).find(([, [source]]) => source === last)?.[0] ?? null);
}
