import type { ApiNode, ApiPrompt } from '../comfy/prompt.ts';
import { isRecord } from './catalog.ts';
import { badNode, badPrompt } from './graph-errors.ts';

/** A prompt as the compiler works on it: nodes are replaced, never changed in place. All walks are iterative. */

export type Nodes = ReadonlyMap<string, ApiNode>;
export type Link = readonly [nodeId: string, output: number];

/** One input that is fed by a link. */
export interface Use {
  readonly nodeId: string;
  readonly input: string;
  readonly output: number;
}

export function isLink(value: unknown): value is Link {
  return (
    Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'number'
  );
}

/** @throws EnsembleError('bad-argument') for what is no node */
export function readNodes(prompt: ApiPrompt): Nodes {
  if (!isRecord(prompt)) throw badPrompt('The workflow is not an object of nodes.');
  const raw: Readonly<Record<string, unknown>> = prompt;
  const nodes = new Map<string, ApiNode>();
  for (const id of Object.keys(raw).sort(compareIds)) {
    const node = raw[id];
    const className = isRecord(node) ? node['class_type'] : null;
    if (!isRecord(node) || typeof className !== 'string' || className === '') {
      throw badNode(
        id,
        'class_type',
        `Node ${id} has no class, so that no server can run it.`,
        'It is probably a note or a leftover of the editor: save the workflow again in API format.',
      );
    }
    const inputs = isRecord(node['inputs']) ? node['inputs'] : {};
    nodes.set(id, { ...node, class_type: className, inputs });
  }
  return nodes;
}

/** Numbers by value, ahead of all other ids. */
export function compareIds(left: string, right: string): number {
  const [a, b] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (a !== b) return a ? -1 : 1;
  if (a && left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}

export function linksOf(node: ApiNode): readonly (readonly [input: string, link: Link])[] {
  const links: (readonly [string, Link])[] = [];
  for (const [input, value] of Object.entries(node.inputs)) if (isLink(value)) links.push([input, value]);
  return links;
}

/** Who uses what, for the nodes in `ids`. */
export function usesOf(nodes: Nodes, ids: Iterable<string>): ReadonlyMap<string, readonly Use[]> {
  const uses = new Map<string, Use[]>();
  for (const id of ids) {
    const node = nodes.get(id);
    if (node === undefined) continue;
    for (const [input, [source, output]] of linksOf(node)) {
      const list = uses.get(source);
      if (list === undefined) uses.set(source, [{ nodeId: id, input, output }]);
      else list.push({ nodeId: id, input, output });
    }
  }
  return uses;
}

/** The nodes in `roots` and all that they need; not beyond a node in `stop`, which is left out itself. */
export function upstream(
  nodes: Nodes,
  roots: Iterable<string>,
  stop: ReadonlySet<string> = new Set(),
): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...roots];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const node = nodes.get(id);
    if (node === undefined || found.has(id) || stop.has(id)) continue;
    found.add(id);
    for (const [, [source]] of linksOf(node)) open.push(source);
  }
  return found;
}

/** @returns the ids so that everything comes after what it needs; `stuck` are those in or behind a cycle */
export function inOrder(
  nodes: Nodes,
  ids: ReadonlySet<string>,
): { readonly order: readonly string[]; readonly stuck: readonly string[] } {
  const uses = usesOf(nodes, ids);
  const missing = new Map<string, number>();
  for (const id of ids) {
    const node = nodes.get(id);
    const links = node === undefined ? [] : linksOf(node);
    missing.set(id, links.filter(([, [source]]) => ids.has(source)).length);
  }
  // Sorted, because sets come in the order in which walks happened to find their members.
  const order = [...ids].filter((id) => missing.get(id) === 0).sort(compareIds);
  for (let at = 0; at < order.length; at += 1) {
    for (const { nodeId } of uses.get(order[at] ?? '') ?? []) {
      const left = (missing.get(nodeId) ?? 0) - 1;
      missing.set(nodeId, left);
      if (left === 0) order.push(nodeId);
    }
  }
  const stuck = order.length === ids.size ? [] : [...ids].filter((id) => (missing.get(id) ?? 0) > 0);
  return { order, stuck };
}

export function toPrompt(nodes: Nodes, ids: Iterable<string>): ApiPrompt {
  const entries: [string, ApiNode][] = [];
  for (const id of [...ids].sort(compareIds)) {
    const node = nodes.get(id);
    if (node !== undefined) entries.push([id, node]);
  }
  return Object.fromEntries(entries);
}

export function withInputs(node: ApiNode, inputs: Readonly<Record<string, unknown>>): ApiNode {
  return { ...node, inputs: { ...node.inputs, ...inputs } };
}

export function withoutInput(node: ApiNode, input: string): ApiNode {
  return {
    ...node,
    inputs: Object.fromEntries(Object.entries(node.inputs).filter(([name]) => name !== input)),
  };
}

/** An id that no node has, as near to the wanted one as can be. */
export function freshId(nodes: { has(id: string): boolean }, wanted: string): string {
  let id = wanted;
  for (let n = 2; nodes.has(id); n += 1) id = `${wanted}-${n}`;
  return id;
}

/** Title of a node as people know it, for the titles of what is inserted beside it. */
export function titleOf(nodes: Nodes, id: string): string {
  const node = nodes.get(id);
  return node?._meta?.title ?? node?.class_type ?? id;
}
