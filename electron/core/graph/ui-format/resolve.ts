import { BYPASSED, INPUT_NODE, MUTED, OUTPUT_NODE, type UiInput, type UiNode } from './document.ts';
import { childScope, promptId, type Scope, valuesOf } from './scope.ts';
import { isReroute } from './virtual-nodes.ts';

/** Where an input gets its value from, seen through reroutes, bypassed nodes and subgraphs. */
export type Source =
  | { readonly kind: 'link'; readonly nodeId: string; readonly output: number }
  | { readonly kind: 'value'; readonly value: unknown }
  | null;

type Place =
  | {
      readonly at: 'input';
      readonly scope: Scope;
      readonly node: UiNode;
      readonly index: number;
      readonly type: string | null;
    }
  | {
      readonly at: 'output';
      readonly scope: Scope;
      readonly nodeId: string;
      readonly slot: number;
      readonly type: string;
    }
  | { readonly at: 'host'; readonly scope: Scope; readonly slot: number; readonly type: string }
  | { readonly at: 'end'; readonly source: Source };

const NOTHING: Place = { at: 'end', source: null };

/** @returns null when nothing is connected in the end, or links go round in a circle */
export function resolveInput(scope: Scope, node: UiNode, index: number): Source {
  const seen = new Set<string>();
  let place: Place = { at: 'input', scope, node, index, type: null };
  while (place.at !== 'end') {
    const key = keyOf(place);
    if (seen.has(key)) return null;
    seen.add(key);
    place = step(place);
  }
  return place.source;
}

function step(place: Exclude<Place, { at: 'end' }>): Place {
  if (place.at === 'input') return fromInput(place.scope, place.node, place.index, place.type);
  if (place.at === 'host') return fromHost(place.scope, place.slot);
  return fromOutput(place.scope, place.nodeId, place.slot, place.type);
}

function fromInput(scope: Scope, node: UiNode, index: number, wanted: string | null): Place {
  const input = node.inputs[index];
  const link = input?.link ? scope.graph.links.get(input.link) : undefined;
  if (!input || !link) return NOTHING;
  const type = wanted ?? input.type;
  return link.origin === INPUT_NODE && scope.parent
    ? { at: 'host', scope, slot: link.originSlot, type }
    : { at: 'output', scope, nodeId: link.origin, slot: link.originSlot, type };
}

/** Out of a subgraph: what the node that stands for it has on that input, a link or a widget's value. */
function fromHost(scope: Scope, slot: number): Place {
  const port = scope.graph.inputs[slot];
  if (!scope.parent || !port) return NOTHING;
  const { scope: around, host } = scope.parent;
  const named = host.inputs.flatMap((input, index) => (input.name === port.name ? [{ input, index }] : []));
  const found = named.find(({ input }) => input.type === port.type) ?? named[0];
  if (found && found.input.link !== null && around.graph.links.has(found.input.link)) {
    return { at: 'input', scope: around, node: host, index: found.index, type: null };
  }
  if (!scope.promoted.has(port.name)) return NOTHING;
  return { at: 'end', source: { kind: 'value', value: scope.promoted.get(port.name) } };
}

function fromOutput(scope: Scope, nodeId: string, slot: number, type: string): Place {
  const node = scope.graph.nodes.get(nodeId);
  if (!node || node.mode === MUTED) return NOTHING;
  if (node.mode === BYPASSED) {
    const index = bypassInput(node, slot, type);
    return index === -1 ? NOTHING : { at: 'input', scope, node, index, type: null };
  }
  const inside = childScope(scope, node);
  if (inside) return intoSubgraph(inside, slot, type);
  if (isReroute(node)) return { at: 'input', scope, node, index: slot, type };
  if (node.type === 'PrimitiveNode') {
    const values = valuesOf(scope, node);
    if (!values.has('value')) return NOTHING;
    return { at: 'end', source: { kind: 'value', value: values.get('value') } };
  }
  return { at: 'end', source: { kind: 'link', nodeId: promptId(scope, nodeId), output: slot } };
}

function intoSubgraph(inside: Scope, slot: number, type: string): Place {
  const { graph } = inside;
  const listed = graph.outputs[slot]?.links
    .map((id) => graph.links.get(id))
    .find((link) => link !== undefined);
  const link =
    listed ?? [...graph.links.values()].find((one) => one.target === OUTPUT_NODE && one.targetSlot === slot);
  if (!link) return NOTHING;
  return link.origin === INPUT_NODE
    ? { at: 'host', scope: inside, slot: link.originSlot, type }
    : { at: 'output', scope: inside, nodeId: link.origin, slot: link.originSlot, type };
}

/** Which input a bypassed node passes on: that of the same slot where the types fit, else the first that fits. */
function bypassInput(node: UiNode, slot: number, type: string): number {
  const { inputs } = node;
  const outputType = node.outputs[slot] ?? '*';
  if (type === '*') return inputs.length > slot ? slot : inputs.length > 0 ? 0 : -1;
  const fits = (input: UiInput | undefined): boolean =>
    input !== undefined && typesFit(input.type, outputType) && typesFit(input.type, type);
  if (fits(inputs[slot])) return slot;
  const exact = inputs.findIndex((input) => input.type === type);
  return exact === -1 ? inputs.findIndex(fits) : exact;
}

/** "*" fits everything; several types are separated by commas. */
function typesFit(a: string, b: string): boolean {
  if (a === '*' || b === '*') return true;
  const offered = new Set(b.toLowerCase().split(','));
  return a
    .toLowerCase()
    .split(',')
    .some((type) => offered.has(type));
}

function keyOf(place: Exclude<Place, { at: 'end' }>): string {
  const where = place.scope.path.join(':');
  if (place.at === 'input') return `i ${where} ${place.node.id} ${place.index}`;
  if (place.at === 'host') return `h ${where} ${place.slot}`;
  return `o ${where} ${place.nodeId} ${place.slot}`;
}
