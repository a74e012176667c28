import { MODEL_FILE } from '../graph/requirements.ts';
import {
  BYPASSED,
  MUTED,
  readDocument,
  type UiDocument,
  type UiGraph,
  type UiNode,
} from '../graph/ui-format/document.ts';
import { isVirtual } from '../graph/ui-format/virtual-nodes.ts';
import { isRecord } from '../plain-data.ts';
import { folderName, withSlashes } from './model-place.ts';

/** What a workflow in the page's own format says about its models: those who share workflows write down where to get them. */

export interface PageModel {
  readonly name: string;
  readonly folder: string | null;
  /** As it is written there. */
  readonly url: string | null;
}

/** A file name among the values of a node whose class nobody knows, so that its inputs have no names. */
export interface UnnamedValue {
  readonly name: string;
  readonly className: string;
  readonly node: string;
}

export interface PageModels {
  readonly models: readonly PageModel[];
  readonly values: readonly UnnamedValue[];
}

export const NO_PAGE: PageModels = { models: [], values: [] };

/** @param isKnown whether any server of the fleet has this class */
export function readPageModels(
  ui: Readonly<Record<string, unknown>>,
  isKnown: (className: string) => boolean,
): PageModels {
  const nodes = activeNodes(readDocument(ui));
  const embedded = nodes.flatMap((node) => modelsIn(node.properties['models']));
  return {
    models: [...embedded, ...modelsIn(ui['models'])],
    values: nodes.filter(({ type }) => !isKnown(type)).flatMap(valuesOf),
  };
}

/** Every node that would run, those of a subgraph once however often it is used. */
function activeNodes(document: UiDocument): readonly UiNode[] {
  const found: UiNode[] = [];
  const seen = new Set<UiGraph>();
  const graphs = [document.root];
  for (let graph = graphs.pop(); graph !== undefined; graph = graphs.pop()) {
    if (seen.has(graph)) continue;
    seen.add(graph);
    for (const node of graph.nodes.values()) {
      if (node.mode === MUTED || node.mode === BYPASSED || isVirtual(node)) continue;
      const inside = document.subgraphs.get(node.type);
      if (inside === undefined) found.push(node);
      else graphs.push(inside);
    }
  }
  return found;
}

function modelsIn(list: unknown): readonly PageModel[] {
  if (!Array.isArray(list)) return [];
  return list.filter(isRecord).flatMap((raw) => {
    const { name, directory, url } = raw;
    if (typeof name !== 'string' || name === '') return [];
    const folder = typeof directory === 'string' && directory !== '' ? folderName(directory) : null;
    return [{ name: withSlashes(name), folder, url: typeof url === 'string' && url !== '' ? url : null }];
  });
}

function valuesOf({ type, title, values }: UiNode): readonly UnnamedValue[] {
  return Object.values(values).flatMap((value) =>
    isModelName(value) ? [{ name: withSlashes(value), className: type, node: title ?? type }] : [],
  );
}

/** A note or an address may end like a file, too. */
export function isModelName(value: unknown): value is string {
  return typeof value === 'string' && MODEL_FILE.test(value) && !/[\n\r]|:\/\//.test(value);
}
