import type { NodeCatalog } from '../catalog.ts';
import { INPUT_NODE, type UiDocument, type UiGraph, type UiNode, type UiPort } from './document.ts';
import { hostValues, type PlacedValue, type PromotedWidget } from './host-values.ts';
import { widgetValues } from './widgets.ts';

/** The top of a workflow or one use of a subgraph: nodes have the same ids in each use, but not the same values. */
export interface Scope {
  readonly document: UiDocument;
  readonly catalog: NodeCatalog;
  readonly graph: UiGraph;
  /** Ids of the nodes that stand for the subgraphs around it, outermost first. */
  readonly path: readonly string[];
  /** The node that stands for it, and where that is; null at the top. */
  readonly parent: { readonly scope: Scope; readonly host: UiNode } | null;
  /** Values that the hosts around give to widgets inside: node id → widget → value. */
  readonly given: Map<string, Map<string, unknown>>;
  /** Values of the host's own widgets, by the subgraph's input name: what inputs without a link get. */
  readonly promoted: Map<string, unknown>;
  readonly children: Map<string, Scope>;
  readonly values: Map<string, ReadonlyMap<string, unknown>>;
}

export function rootScope(document: UiDocument, catalog: NodeCatalog): Scope {
  return emptyScope(document, catalog, document.root, [], null);
}

/** The inside of a node; null when it stands for no subgraph. */
export function childScope(scope: Scope, host: UiNode): Scope | null {
  const graph = scope.document.subgraphs.get(host.type);
  if (!graph) return null;
  const known = scope.children.get(host.id);
  if (known) return known;
  const parent = { scope, host };
  const child = emptyScope(scope.document, scope.catalog, graph, [...scope.path, host.id], parent);
  scope.children.set(host.id, child);
  const widgets = graph.inputs.flatMap((port, index) => promotedWidget(child, port, index) ?? []);
  for (const placed of hostValues(host, graph, widgets)) place(child, placed);
  for (const [name, value] of scope.given.get(host.id) ?? []) giveFromAbove(child, name, value);
  return child;
}

/** Values of a node's widgets by input name; those of a node that stands for a subgraph are its promoted ones. */
export function valuesOf(scope: Scope, node: UiNode): ReadonlyMap<string, unknown> {
  const known = scope.values.get(node.id);
  if (known) return known;
  const values = ownValues(scope, node);
  for (const [name, value] of scope.given.get(node.id) ?? []) {
    if (values.has(name)) values.set(name, value);
  }
  scope.values.set(node.id, values);
  return values;
}

/** Full id of a node in the prompt: "outer:inner". */
export function promptId(scope: Scope, nodeId: string): string {
  return [...scope.path, nodeId].join(':');
}

/** The widget inside that a subgraph's input stands for; null when it is a socket only. */
function promotedWidget(scope: Scope, port: UiPort, index: number): PromotedWidget | null {
  for (const target of targetsOf(scope.graph, port, index)) {
    const node = scope.graph.nodes.get(target.nodeId);
    const input = node?.inputs.find((candidate) => candidate.link === target.link);
    if (!node || !input) continue;
    const inner = childScope(scope, node);
    const widget = inner ? input.name : (input.widget ?? input.name);
    const values = inner ? inner.promoted : valuesOf(scope, node);
    if (values.has(widget)) return { input: port.name, nodeId: node.id, widget, value: values.get(widget) };
  }
  return null;
}

function targetsOf(
  graph: UiGraph,
  port: UiPort,
  index: number,
): readonly { readonly nodeId: string; readonly link: string }[] {
  const listed = port.links.flatMap((id) => graph.links.get(id) ?? []);
  const links =
    listed.length > 0
      ? listed
      : [...graph.links.values()].filter((link) => link.origin === INPUT_NODE && link.originSlot === index);
  return links.map((link) => ({ nodeId: link.target, link: link.id }));
}

function ownValues(scope: Scope, node: UiNode): Map<string, unknown> {
  if (node.type === 'PrimitiveNode') {
    const value: unknown = Array.isArray(node.values) ? node.values[0] : undefined;
    return new Map(value === undefined ? [] : [['value', value]]);
  }
  const definition = scope.catalog.find(node.type);
  return definition ? widgetValues(definition, node) : new Map();
}

function place(scope: Scope, placed: PlacedValue): void {
  if (placed.nodeId === null) scope.promoted.set(placed.widget, placed.value);
  else give(scope, placed.nodeId, placed.widget, placed.value);
}

function give(scope: Scope, nodeId: string, widget: string, value: unknown): void {
  const values = scope.given.get(nodeId) ?? new Map<string, unknown>();
  values.set(widget, value);
  scope.given.set(nodeId, values);
  scope.values.delete(nodeId);
  const inside = scope.children.get(nodeId);
  if (inside) giveFromAbove(inside, widget, value);
}

/** A host further out shows a widget of this one: it may be an input here, or only listed here as shown. */
function giveFromAbove(child: Scope, name: string, value: unknown): void {
  if (child.promoted.has(name)) {
    child.promoted.set(name, value);
    return;
  }
  const shown: unknown = child.parent?.host.properties['proxyWidgets'];
  for (const entry of Array.isArray(shown) ? shown : []) {
    if (!Array.isArray(entry) || entry[1] !== name) continue;
    give(child, String(entry[0]), name, value);
    return;
  }
}

function emptyScope(
  document: UiDocument,
  catalog: NodeCatalog,
  graph: UiGraph,
  path: readonly string[],
  parent: Scope['parent'],
): Scope {
  return {
    ...{ document, catalog, graph, path, parent },
    given: new Map(),
    promoted: new Map(),
    children: new Map(),
    values: new Map(),
  };
}
