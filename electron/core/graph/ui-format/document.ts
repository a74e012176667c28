import { isRecord } from '../../plain-data.ts';

/** A workflow as the ComfyUI page saves it, read tolerantly. Ids are text here, numbers or text in the file. */

export interface UiDocument {
  readonly root: UiGraph;
  /** Subgraph definitions by id: a node whose type is such an id stands for one. */
  readonly subgraphs: ReadonlyMap<string, UiGraph>;
}

export interface UiGraph {
  readonly name: string;
  readonly nodes: ReadonlyMap<string, UiNode>;
  readonly links: ReadonlyMap<string, UiLink>;
  /** Of a subgraph: what the nodes that stand for it have as inputs and outputs. */
  readonly inputs: readonly UiPort[];
  readonly outputs: readonly UiPort[];
}

export interface UiPort {
  readonly name: string;
  readonly type: string;
  /** Links inside the subgraph, first one first. */
  readonly links: readonly string[];
}

export interface UiNode {
  readonly id: string;
  readonly type: string;
  readonly title: string | null;
  readonly mode: number;
  readonly inputs: readonly UiInput[];
  /** Types of the outputs. */
  readonly outputs: readonly string[];
  /** Widget values, by position or (some third-party nodes) by name. */
  readonly values: readonly unknown[] | Readonly<Record<string, unknown>>;
  /** Widget values by name, as newer pages save them too. */
  readonly named: Readonly<Record<string, unknown>> | null;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface UiInput {
  readonly name: string;
  readonly type: string;
  readonly link: string | null;
  /** Name of the widget that this input can replace; null for an input that is a socket only. */
  readonly widget: string | null;
}

export interface UiLink {
  readonly id: string;
  readonly origin: string;
  readonly originSlot: number;
  readonly target: string;
  readonly targetSlot: number;
}

/** What links inside a subgraph name as the origin of its inputs and the target of its outputs. */
export const INPUT_NODE = '-10';
export const OUTPUT_NODE = '-20';

export const MUTED = 2;
export const BYPASSED = 4;

/** Whether this is the page's own format rather than an API prompt. */
export function isUiWorkflow(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && Array.isArray(value['nodes']);
}

export function readDocument(ui: Readonly<Record<string, unknown>>): UiDocument {
  const subgraphs = new Map<string, UiGraph>();
  collectSubgraphs(ui, subgraphs);
  return { root: readGraph(ui), subgraphs };
}

function collectSubgraphs(owner: Readonly<Record<string, unknown>>, found: Map<string, UiGraph>): void {
  const definitions = owner['definitions'];
  for (const subgraph of records(isRecord(definitions) ? definitions['subgraphs'] : null)) {
    const id = text(subgraph['id']);
    if (id === null || found.has(id)) continue;
    found.set(id, readGraph(subgraph));
    collectSubgraphs(subgraph, found);
  }
}

function readGraph(raw: Readonly<Record<string, unknown>>): UiGraph {
  const nodes = records(raw['nodes']).flatMap((node) => readNode(node) ?? []);
  const links = listOf(raw['links']).flatMap((link) => readLink(link) ?? []);
  return {
    name: text(raw['name']) ?? '',
    nodes: new Map(nodes.map((node) => [node.id, node])),
    links: new Map(links.map((link) => [link.id, link])),
    inputs: records(raw['inputs']).map(readPort),
    outputs: records(raw['outputs']).map(readPort),
  };
}

function readPort(raw: Readonly<Record<string, unknown>>): UiPort {
  return {
    name: text(raw['name']) ?? '',
    type: typeText(raw['type']),
    links: listOf(raw['linkIds']).flatMap((id) => text(id) ?? []),
  };
}

function readNode(raw: Readonly<Record<string, unknown>>): UiNode | null {
  const id = text(raw['id']);
  const type = text(raw['type']);
  if (id === null || type === null) return null;
  const values = raw['widgets_values'];
  const named = raw['widgets_values_named'];
  return {
    id,
    type,
    title: text(raw['title']) || null,
    mode: typeof raw['mode'] === 'number' ? raw['mode'] : 0,
    inputs: records(raw['inputs']).map(readInput),
    outputs: records(raw['outputs']).map((output) => typeText(output['type'])),
    values: Array.isArray(values) || isRecord(values) ? values : [],
    named: isRecord(named) ? named : null,
    properties: isRecord(raw['properties']) ? raw['properties'] : {},
  };
}

function readInput(raw: Readonly<Record<string, unknown>>): UiInput {
  const widget = raw['widget'];
  return {
    name: text(raw['name']) ?? '',
    type: typeText(raw['type']),
    link: text(raw['link']),
    widget: isRecord(widget) ? text(widget['name']) : null,
  };
}

/** `[id, origin, slot, target, slot, type]` in older files and at the top, an object inside subgraphs. */
function readLink(raw: unknown): UiLink | null {
  const [id, origin, originSlot, target, targetSlot] = Array.isArray(raw)
    ? raw
    : isRecord(raw)
      ? [raw['id'], raw['origin_id'], raw['origin_slot'], raw['target_id'], raw['target_slot']]
      : [];
  const ids = [text(id), text(origin), text(target)] as const;
  if (ids[0] === null || ids[1] === null || ids[2] === null) return null;
  return {
    id: ids[0],
    origin: ids[1],
    originSlot: slot(originSlot),
    target: ids[2],
    targetSlot: slot(targetSlot),
  };
}

function slot(value: unknown): number {
  const index = Number(value);
  return Number.isInteger(index) && index >= 0 ? index : 0;
}

/** Anything goes with "*"; very old files say 0 or -1 for it, and list choices for a combo. */
function typeText(type: unknown): string {
  if (Array.isArray(type)) return 'COMBO';
  return typeof type === 'string' && type !== '' ? type : '*';
}

function text(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : null;
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isRecord(value) ? Object.values(value) : [];
}

function records(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return listOf(value).filter(isRecord);
}
