import type { ApiNode, ApiPrompt } from '../comfy/prompt.ts';
import { isRecord } from '../plain-data.ts';
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
  for (const id of sortIds(Object.keys(raw))) {
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
  const [a, b] = [isNumber(left), isNumber(right)];
  if (a !== b) return a ? -1 : 1;
  return a ? compareNumbers(left, right) : compareTexts(left, right);
}

/** The same order, for many of them. */
export function sortIds(ids: Iterable<string>): readonly string[] {
  const numbers: string[] = [];
  const texts: string[] = [];
  for (const id of ids) (isNumber(id) ? numbers : texts).push(id);
  return [...numbers.sort(compareNumbers), ...texts.sort(compareTexts)];
}

function isNumber(id: string): boolean {
  return /^\d+$/.test(id);
}

function compareNumbers(left: string, right: string): number {
  return left.length - right.length || compareTexts(left, right);
}

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

type InputLink = readonly [input: string, link: Link];

/** Nodes are never changed, and a compilation asks for their links a dozen times. */
const linksByNode = new WeakMap<ApiNode, readonly InputLink[]>();

export function linksOf(node: ApiNode): readonly InputLink[] {
  const known = linksByNode.get(node);
  if (known !== undefined) return known;
  const links: InputLink[] = [];
  for (const input of Object.keys(node.inputs)) {
    const value = node.inputs[input];
    if (isLink(value)) links.push([input, value]);
  }
  linksByNode.set(node, links);
  return links;
}

/** Who uses what, for the nodes in `ids`; only of those sources that are asked for. */
export function usesOf(
  nodes: Nodes,
  ids: Iterable<string>,
  wanted: (source: string) => boolean = () => true,
): ReadonlyMap<string, readonly Use[]> {
  const uses = new Map<string, Use[]>();
  for (const id of ids) {
    const node = nodes.get(id);
    if (node === undefined) continue;
    for (const [input, [source, output]] of linksOf(node)) {
      if (!wanted(source)) continue;
      const list = uses.get(source);
      if (list === undefined) uses.set(source, [{ nodeId: id, input, output }]);
      else list.push({ nodeId: id, input, output });
    }
  }
  return uses;
}

/** All nodes to which somebody in `ids` links. */
export function usedOf(nodes: Nodes, ids: Iterable<string>): ReadonlySet<string> {
  const used = new Set<string>();
  for (const id of ids) {
    const node = nodes.get(id);
    if (node !== undefined) for (const [, [source]] of linksOf(node)) used.add(source);
  }
  return used;
}

/** The nodes in `roots` and all that they need; not beyond a node in `stop`, which is left out itself. */
export function upstream(
  nodes: Nodes,
  roots: Iterable<string>,
  stop: ReadonlySet<string> = new Set(),
): ReadonlySet<string> {
  const found = new Set<string>();
  const open: string[] = [];
  const visit = (id: string): void => {
    if (found.has(id) || stop.has(id) || !nodes.has(id)) return;
    found.add(id);
    open.push(id);
  };
  for (const id of roots) visit(id);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const node = nodes.get(id);
    if (node !== undefined) for (const [, [source]] of linksOf(node)) visit(source);
  }
  return found;
}

/** @returns the ids so that everything comes after what it needs, or a circle: each feeds the next, and the last the first */
export function inOrder(
  nodes: Nodes,
  ids: ReadonlySet<string>,
): { readonly order: readonly string[]; readonly cycle: readonly string[] | null } {
  const order: string[] = [];
  const done = new Map<string, boolean>();
  const open = [...ids].reverse();
  for (let id = open[open.length - 1]; id !== undefined; id = open[open.length - 1]) {
    const before = done.get(id);
    if (before !== undefined) {
      open.pop();
      if (!before) order.push(id);
      done.set(id, true);
      continue;
    }
    done.set(id, false);
    const node = nodes.get(id);
    for (const [, [source]] of node === undefined ? [] : linksOf(node)) {
      if (!ids.has(source)) continue;
      const state = done.get(source);
      if (state === false) return { order, cycle: circle(open, done, source) };
      if (state === undefined) open.push(source);
    }
  }
  return { order, cycle: null };
}

/** What was begun and not finished is the way from the last node down to `start`, which that one needs in turn. */
function circle(
  open: readonly string[],
  done: ReadonlyMap<string, boolean>,
  start: string,
): readonly string[] {
  const way = [...new Set([...open].reverse())].filter((id) => done.get(id) === false);
  return way.slice(0, way.indexOf(start) + 1);
}

export function toPrompt(nodes: Nodes, ids: Iterable<string>): ApiPrompt {
  const entries: [string, ApiNode][] = [];
  for (const id of sortIds(ids)) {
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

/** @returns the new node's first output */
export function addNode(
  nodes: Map<string, ApiNode>,
  wanted: string,
  className: string,
  inputs: ApiNode['inputs'],
  title?: string | undefined,
): Link {
  const id = freshId(nodes, wanted);
  const meta = title === undefined ? {} : { _meta: { title } };
  nodes.set(id, { class_type: className, inputs, ...meta });
  return [id, 0];
}

/** Title of a node as people know it, for the titles of what is inserted beside it. */
export function titleOf(nodes: Nodes, id: string): string {
  const node = nodes.get(id);
  return node?._meta?.title ?? node?.class_type ?? id;
}
