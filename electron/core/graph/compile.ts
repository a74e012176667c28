import { type SplitGraph, splitBatch } from './batch-split.ts';
import type { NodeCatalog } from './catalog.ts';
import { findRoots } from './checks.ts';
import { settleCollectors } from './collectors.ts';
import { cutAtCollectors, type Scope } from './cut.ts';
import { collectForDividers } from './dividers.ts';
import { checkRequest } from './fan-out.ts';
import { compareIds, type Nodes, readNodes, titleOf, upstream } from './node-graph.ts';
import type { CompileRequest, Plan } from './plan.ts';
import { resolveDistributed } from './resolve-distributed.ts';
import { makeShards } from './shards.ts';
import { sliceBatch } from './slices.ts';
import { spread } from './spread.ts';

export { compileSecondStage } from './second-stage.ts';
export { shardOutputs, shardPrompt } from './shards.ts';
export { workflowKey } from './workflow-key.ts';

/**
 * What a workflow becomes on a fleet. The same request always gives the same plan, whatever the order of its nodes, and the
 * same number of shards the same pictures, whoever computes them.
 * @throws EnsembleError('bad-argument') naming node, class and input of what cannot be run
 */
export function compile(request: CompileRequest, catalog: NodeCatalog): Plan {
  checkRequest(request);
  const original = readNodes(request.prompt);
  const found = findRoots(original, catalog);
  const { roots } = found;
  const resolved = resolveDistributed(original, found.live);
  const { fanOut, seeded, batch, drawn } = spread(request, original, resolved, found, catalog);
  // One slice is the whole batch: nothing is cut.
  const split = batch === null || fanOut.count === 1 ? null : splitBatch(seeded.nodes, roots, batch);
  const divided = collectForDividers(split?.nodes ?? seeded.nodes, roots);
  const graph = settleCollectors(divided.nodes, roots, catalog);
  const cut = cutAtCollectors(graph, scopes(split, divided.nodes, graph.cuts, drawn));
  const made = makeShards({
    ...cut,
    count: fanOut.count,
    varying: seeded.varying,
    sliceIds: split?.slices ?? new Map(),
    slices: batch === null ? [] : sliceBatch(batch.size, fanOut.count),
    seedOf: seeded.seedOf,
  });
  const warnings = [fanOut, resolved, seeded, split, graph].flatMap((step) => step?.warnings ?? []);
  const parts = { ...made, secondStage: cut.secondStage, seeds: seeded.seeds };
  return { kind: fanOut.kind, ...parts, titles: titlesFor(parts, original), warnings };
}

/** Of every node that people will read about. */
function titlesFor(
  { templates, secondStage, seeds }: Pick<Plan, 'templates' | 'secondStage' | 'seeds'>,
  original: Nodes,
): Plan['titles'] {
  const outputs = [...templates, ...(secondStage === null ? [] : [secondStage])].flatMap(
    (one) => one.outputs,
  );
  const ids = [
    ...seeds.map(({ nodeId }) => nodeId),
    ...outputs.flatMap(({ results }) => results.map(({ nodeId }) => nodeId)),
    ...outputs.flatMap(({ gathers }) => gathers.map(({ collector }) => collector)),
  ];
  const drawn = [...new Set(ids)].filter((id) => original.has(id)).sort(compareIds);
  return Object.fromEntries(drawn.map((id) => [id, titleOf(original, id)]));
}

/**
 * Which outputs every shard has, and which only the first: what would be the same in all of them.
 * @param drawn collectors of the user
 */
function scopes(
  split: SplitGraph | null,
  nodes: Nodes,
  cuts: readonly string[],
  drawn: readonly string[],
): (id: string) => Scope {
  if (split !== null) return (id) => (split.region.has(id) ? 'every' : 'first');
  if (drawn.length === 0) return () => 'every';
  // A collector of ours in front of one that the user drew collects in its stead.
  const wanted = upstream(nodes, drawn);
  const everywhere = new Set(cuts.filter((id) => wanted.has(id)));
  return (id) => (everywhere.has(id) ? 'every' : 'first');
}
