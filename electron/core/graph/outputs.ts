import type { ApiNode } from '../comfy/prompt.ts';
import type { NodeCatalog } from './catalog.ts';
import { isDistributed } from './distributed-nodes.ts';
import type { ResultTarget } from './plan.ts';

/** Which nodes make files, and as what these are kept. */

/** What ComfyUI's own savers write by default. */
export const DEFAULT_PREFIX = 'ComfyUI';

/**
 * A class that the catalog does not know counts as an output when nobody uses it, when it names files, or when
 * it is a preview by its name.
 * @param used somebody links to it
 */
export function isOutput(node: ApiNode, used: boolean, catalog: NodeCatalog): boolean {
  // Some servers have the distributed nodes themselves and call a few of them outputs; none of them makes a file.
  if (isDistributed(node.class_type)) return false;
  const definition = catalog.find(node.class_type);
  if (definition !== null) return definition.outputNode;
  return !used || prefixOf(node) !== null || isPreview(node.class_type);
}

/** The literal filename_prefix; null when it has none or it comes from a link. */
export function prefixOf(node: ApiNode): string | null {
  const prefix = node.inputs['filename_prefix'];
  return typeof prefix === 'string' ? prefix : null;
}

export function isPreview(className: string): boolean {
  return className.startsWith('Preview');
}

export function resultOf(nodeId: string, node: ApiNode): ResultTarget {
  const preview = isPreview(node.class_type);
  return { nodeId, prefix: preview ? null : prefixOf(node), preview };
}

/** A collector that nothing follows: its pictures are results nevertheless. */
export function resultOfCollector(nodeId: string): ResultTarget {
  return { nodeId, prefix: DEFAULT_PREFIX, preview: true };
}

export type Saving =
  /** Its files are those of the collector's own saver. */
  | 'shared'
  /** Has a format of its own: it goes into the shards as it is. */
  | 'own';

/** How a node that takes a collector's channel directly saves it, when it is a saver and nothing else. */
export function savingOf(node: ApiNode, channel: 'images' | 'audio'): Saving | null {
  const { class_type: name } = node;
  if (isPreview(name))
    return name === (channel === 'images' ? 'PreviewImage' : 'PreviewAudio') ? 'shared' : null;
  if (prefixOf(node) === null) return null;
  if (channel === 'images') return name === 'SaveImage' ? 'shared' : null;
  if (name === 'SaveAudio') return 'shared';
  return name.startsWith('SaveAudio') ? 'own' : null;
}
