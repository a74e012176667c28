import type { Artifact } from '../../../../shared/runs.ts';
import { filesOf } from '../../comfy/outputs.ts';
import type { ShardOutput } from '../../graph/plan.ts';
import { isRecord } from '../../plain-data.ts';
import type { ShownNode } from './job-types.ts';

/** What nodes of the user's graph show, with the files where they are at home. Pure. */

/** Below this folder of ours are the results of preview nodes; no server has one of this name. */
export const PREVIEWS_FOLDER = 'ensemble-previews';
const MODEL_3D = /\.(glb|obj|fbx|gltf|usdz)$/i;

export type Shown = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * What a shard's server shows, under the ids of the user's graph. What only collects is no result.
 * @param isUsers whether the user's graph has a node of this id
 */
export function shownByUser(
  shown: Readonly<Record<string, unknown>>,
  outputs: readonly ShardOutput[],
  isUsers: (nodeId: string) => boolean,
): readonly ShownNode[] {
  const byId = new Map(outputs.map((output) => [output.nodeId, output]));
  return Object.entries(shown).flatMap(([nodeId, output]): readonly ShownNode[] => {
    const known = byId.get(nodeId);
    if (known !== undefined) return known.results.map(({ nodeId: target }) => [target, output]);
    // A node that shows something on its way: its files stay where they are.
    const isBare = filesOf({ node: output }).length === 0;
    return isUsers(nodeId) && isBare ? [[nodeId, output]] : [];
  });
}

/**
 * All shards' results in one list per node and key.
 * @param shards in order
 * @param artifacts of the run; of one shard and node in the order in which they were made
 */
export function mergeShown(
  shards: readonly { readonly stage: number; readonly shard: number; readonly nodes: readonly ShownNode[] }[],
  artifacts: readonly Artifact[],
): Shown {
  const homes = byMaker(artifacts);
  const merged: Record<string, Record<string, unknown>> = {};
  for (const { stage, shard, nodes } of shards) {
    for (const [nodeId, output] of nodes) {
      const files = homes.get(keyOf(stage, shard, nodeId)) ?? [];
      merged[nodeId] = joined(merged[nodeId] ?? {}, atHome(output, files));
    }
  }
  return merged;
}

/** How clients ask for a file of ours. */
export function referenceOf({ name, preview }: Pick<Artifact, 'name' | 'preview'>): {
  readonly filename: string;
  readonly subfolder: string;
  readonly type: 'output' | 'temp';
} {
  const cut = name.lastIndexOf('/');
  const folder = name.slice(0, Math.max(0, cut));
  const filename = name.slice(cut + 1);
  if (!preview) return { filename, subfolder: folder, type: 'output' };
  return {
    filename,
    subfolder: folder === '' ? PREVIEWS_FOLDER : `${PREVIEWS_FOLDER}/${folder}`,
    type: 'temp',
  };
}

function byMaker(artifacts: readonly Artifact[]): ReadonlyMap<string, readonly Artifact[]> {
  const homes = new Map<string, Artifact[]>();
  for (const artifact of artifacts) {
    const key = keyOf(artifact.stage, artifact.shard, artifact.nodeId);
    const known = homes.get(key);
    if (known === undefined) homes.set(key, [artifact]);
    else known.push(artifact);
  }
  return homes;
}

function keyOf(stage: number, shard: number, nodeId: string): string {
  return `${stage}/${shard}/${nodeId}`;
}

/** The same output with our files in place of the worker's; those that did not come are left out. */
function atHome(output: unknown, files: readonly Artifact[]): Readonly<Record<string, unknown>> {
  if (!isRecord(output)) return {};
  let next = 0;
  const replaced = (item: unknown): readonly unknown[] => {
    if (filesOf({ node: { list: [item] } }).length === 0) return [item];
    const file = files[next];
    next += 1;
    if (file === undefined) return [];
    const reference = referenceOf(file);
    if (isRecord(item)) return [withReference(item, reference)];
    return typeof item === 'string' && MODEL_3D.test(item) ? [file.name] : [reference];
  };
  return Object.fromEntries(
    Object.entries(output).map(([key, list]) => [key, Array.isArray(list) ? list.flatMap(replaced) : list]),
  );
}

/** `fullpath` of some nodes is a path on the worker's disk. */
function withReference(
  item: Readonly<Record<string, unknown>>,
  reference: ReturnType<typeof referenceOf>,
): Readonly<Record<string, unknown>> {
  const { fullpath: _, ...rest } = item;
  return { ...rest, ...reference };
}

function joined(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const both: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(after)) {
    const known = both[key];
    both[key] = Array.isArray(known) && Array.isArray(value) ? [...known, ...value] : value;
  }
  return both;
}
