import { isRecord } from '../../plain-data.ts';
import type { UiGraph, UiNode } from './document.ts';

/** An input of a subgraph that stands for a widget inside, and that widget's value. */
export interface PromotedWidget {
  readonly input: string;
  readonly nodeId: string;
  readonly widget: string;
  readonly value: unknown;
}

/** A value that the node standing for a subgraph gives: to its own input (nodeId null) or straight to a widget inside. */
export interface PlacedValue {
  readonly nodeId: string | null;
  readonly widget: string;
  readonly value: unknown;
}

/** Stands for "the subgraph's own input" in the lists of shown widgets. */
const OWN_INPUT = '-1';

/**
 * What the widgets shown on a subgraph's node say. Two ways to save them exist: `proxyWidgets` lists (inner node, widget) pairs
 * in the order of the values; newer files have one value per promoted input, in the order of the inputs.
 */
export function hostValues(
  host: UiNode,
  graph: UiGraph,
  sources: readonly PromotedWidget[],
): readonly PlacedValue[] {
  const inner = sources.map(({ input, value }) => ({ nodeId: null, widget: input, value }));
  const pairs = shownWidgets(host.properties['proxyWidgets']);
  const kept = quarantined(host.properties['proxyWidgetErrorQuarantine']);
  const list: readonly unknown[] = Array.isArray(host.values) ? host.values : [];
  if (pairs.length === 0) return [...inner, ...byInput(sources, list), ...kept];
  const placed = pairs.flatMap(([nodeId, shown], index): readonly PlacedValue[] => {
    const value = list[index];
    if (isHole(value)) return [];
    const names = [shown, withoutPrefixes(shown)];
    const linked = sources.find((source) => source.nodeId === nodeId && names.includes(source.widget));
    const own = nodeId === OWN_INPUT ? shown : linked?.input;
    if (own !== undefined) return [{ nodeId: null, widget: own, value }];
    const primitive = graph.nodes.get(nodeId)?.type === 'PrimitiveNode';
    return [{ nodeId, widget: primitive ? 'value' : withoutPrefixes(shown), value }];
  });
  return [...inner, ...kept, ...placed];
}

function byInput(
  sources: readonly { readonly input: string }[],
  list: readonly unknown[],
): readonly PlacedValue[] {
  return sources.flatMap(({ input }, index) =>
    isHole(list[index]) ? [] : [{ nodeId: null, widget: input, value: list[index] }],
  );
}

/** Pairs that a newer page could not place, kept with their values; the first one of a name counts. */
function quarantined(property: unknown): readonly PlacedValue[] {
  const entries: readonly unknown[] = Array.isArray(property) ? property.toReversed() : [];
  return entries.filter(isRecord).flatMap((entry): readonly PlacedValue[] => {
    const [pair] = shownWidgets([entry['originalEntry']]);
    const value = entry['hostValue'];
    return pair?.[0] === OWN_INPUT && !isHole(value) ? [{ nodeId: null, widget: pair[1], value }] : [];
  });
}

/** The widget inside keeps its own value. */
function isHole(value: unknown): boolean {
  return value === undefined || value === null;
}

function shownWidgets(property: unknown): readonly (readonly [nodeId: string, widget: string])[] {
  const entries: readonly unknown[] = Array.isArray(property) ? property : [];
  return entries.map((entry) => {
    const pair: readonly unknown[] = Array.isArray(entry) ? entry : [];
    return [String(pair[0]), String(pair[1])] as const;
  });
}

/** Older pages wrote "3: seed" for the seed of node 3 of a subgraph further in. */
function withoutPrefixes(widget: string): string {
  return widget.replace(/^(?:\s*\d+\s*:\s*)+(?=.)/, '');
}
