import type { ApiNode } from '../../comfy/prompt.ts';
import type { NodeCatalog } from '../catalog.ts';
import { describeNode } from '../graph-errors.ts';
import { addNode, isLink, type Link, linksOf, type Nodes } from '../node-graph.ts';

/** What tells a sampler about places in the picture has to be cut like the picture. */

/** Cuts the same piece out of another picture. */
export type CropLike = (picture: Link) => Link;

export interface TileHints {
  /** The same conditioning for a tile. */
  readonly of: (conditioning: unknown) => unknown;
  /** Nodes that name places in the whole picture, which a tile is not. */
  readonly placed: ReadonlySet<string>;
}

const CONTROL = /^ControlNetApply/;
const PLACED = /^(?:ConditioningSetArea|ConditioningSetMask|GLIGENTextBoxApply|InpaintModelConditioning)/;
/** Inputs by which conditionings are handed on, where no server tells the types. */
const CONDITIONING = /^(?:conditioning|positive|negative)/;

/** Copies the nodes between a control picture and the sampler; the user's own stay for whoever else uses them. */
export function tileHints(
  nodes: Map<string, ApiNode>,
  catalog: NodeCatalog,
  id: string,
  crop: CropLike,
): TileHints {
  /** By which node each is taken now: itself where nothing of it changes. */
  const taken = new Map<string, string>();
  const placed = new Set<string>();
  const original: Nodes = new Map(nodes);
  const visit = (value: unknown): unknown => {
    const node = isLink(value) ? original.get(value[0]) : undefined;
    if (!isLink(value) || node === undefined) return value;
    const [source, output] = value;
    if (!taken.has(source)) taken.set(source, take(source, node));
    return [taken.get(source), output];
  };
  const take = (source: string, node: ApiNode): string => {
    if (PLACED.test(node.class_type)) placed.add(describeNode(original, source));
    const changed: Record<string, unknown> = {};
    for (const [input, link] of linksOf(node)) {
      if (CONTROL.test(node.class_type) && input === 'image') changed[input] = crop(link);
      if (!handsOn(original, link, input, catalog)) continue;
      const next = visit(link);
      if (isLink(next) && next[0] !== link[0]) changed[input] = next;
    }
    if (Object.keys(changed).length === 0) return source;
    const inputs = { ...node.inputs, ...changed };
    return addNode(nodes, `${id}-${source}`, node.class_type, inputs, node._meta?.title)[0];
  };
  return { of: visit, placed };
}

function handsOn(nodes: Nodes, [source, output]: Link, input: string, catalog: NodeCatalog): boolean {
  const type = catalog.find(nodes.get(source)?.class_type ?? '')?.output[output];
  return type === undefined ? CONDITIONING.test(input) : type === 'CONDITIONING';
}
