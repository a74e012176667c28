import type { ApiNode } from '../comfy/prompt.ts';
import { CHANNELS, type Channel, type CollectedGraph, channelOf, saverNode } from './collectors.ts';
import {
  compareIds,
  freshId,
  isLink,
  linksOf,
  type Nodes,
  titleOf,
  toPrompt,
  type Use,
  upstream,
  usesOf,
  withInputs,
} from './node-graph.ts';
import { resultOf, resultOfCollector, savingOf } from './outputs.ts';
import type { Gather, ResultTarget, SecondStage, ShardOutput } from './plan.ts';

/** Cuts a graph at its collectors: what the shards compute and save, and what is left for the master. */

/** In every shard, or in shard 0 only. */
export type Scope = 'every' | 'first';

export interface ScopedOutput extends ShardOutput {
  readonly scope: Scope;
}

export interface CutGraph {
  readonly nodes: Nodes;
  readonly outputs: readonly ScopedOutput[];
  readonly secondStage: SecondStage | null;
}

/** @param scopeOf of an output node or a collector, by the ids of `graph` */
export function cutAtCollectors(graph: CollectedGraph, scopeOf: (id: string) => Scope): CutGraph {
  const cuts = new Set(graph.cuts);
  const isSaver = (id: string): boolean => /^(?:Save|Preview)/.test(graph.nodes.get(id)?.class_type ?? '');
  const uses = usesOf(graph.nodes, graph.live, (id) => cuts.has(id) || isSaver(id));
  const nodes = new Map(graph.nodes);
  const outputs: ScopedOutput[] = [];
  const saved = new Set<string>();
  const pending = new Map<string, PendingSaver[]>();
  for (const id of graph.cuts) {
    const savers = collectorSavers(nodes, id, uses);
    pending.set(id, savers.shared);
    for (const own of savers.own) {
      outputs.push({ ...plainOutput(graph, own), scope: scopeOf(id) });
      nodes.set(own, redirected(nodes, own, id));
    }
    for (const user of savers.handled) saved.add(user);
  }
  const later = graph.roots.filter((id) => graph.behind.has(id) && !saved.has(id));
  const secondStage = later.length === 0 ? null : stageOf(graph, later, cuts);
  for (const id of graph.cuts) {
    const gathers = (secondStage?.gathers ?? []).filter(({ collector }) => collector === id);
    outputs.push(...addSavers(nodes, id, pending.get(id) ?? [], gathers, scopeOf(id)));
  }
  for (const id of graph.roots) {
    if (!graph.behind.has(id) && !cuts.has(id))
      outputs.push({ ...plainOutput(graph, id), scope: scopeOf(id) });
  }
  outputs.sort((left, right) => compareIds(left.nodeId, right.nodeId));
  return { nodes, outputs, secondStage };
}

interface PendingSaver {
  readonly channel: Channel;
  readonly result: ResultTarget;
}

/** The savers right behind a collector, which need no second stage. */
function collectorSavers(
  nodes: Nodes,
  collector: string,
  uses: ReadonlyMap<string, readonly Use[]>,
): { readonly shared: PendingSaver[]; readonly own: readonly string[]; readonly handled: readonly string[] } {
  const shared: PendingSaver[] = [];
  const own: string[] = [];
  const handled: string[] = [];
  const users = uses.get(collector) ?? [];
  for (const { nodeId, input, output } of users) {
    const node = nodes.get(nodeId);
    const channel = channelOf(output);
    // A saver that hands its pictures on is more than a saver.
    if (node === undefined || uses.has(nodeId) || input !== channel || linksOf(node).length !== 1) continue;
    const saving = savingOf(node, channel);
    if (saving === null) continue;
    handled.push(nodeId);
    if (saving === 'own') own.push(nodeId);
    else shared.push({ channel, result: resultOf(nodeId, node) });
  }
  if (users.length === 0) {
    const channel = isLink(nodes.get(collector)?.inputs['images']) ? 'images' : 'audio';
    shared.push({ channel, result: resultOfCollector(collector) });
  }
  return { shared, own, handled };
}

/** A saver that takes what its collector was given. */
function redirected(nodes: Nodes, id: string, collector: string): ApiNode {
  const node = nodes.get(id) ?? { class_type: '', inputs: {} };
  const inputs = nodes.get(collector)?.inputs ?? {};
  const links = linksOf(node).map(([input, [, output]]) => [input, inputs[channelOf(output)]] as const);
  return withInputs(node, Object.fromEntries(links));
}

/** One saver per channel that is saved or gathered. */
function addSavers(
  nodes: Map<string, ApiNode>,
  collector: string,
  pending: readonly PendingSaver[],
  gathers: readonly Gather[],
  scope: Scope,
): readonly ScopedOutput[] {
  const outputs: ScopedOutput[] = [];
  for (const channel of CHANNELS) {
    const results = pending.filter((saver) => saver.channel === channel).map(({ result }) => result);
    const gathered = gathers.filter((gather) => gather.channel === channel);
    if (results.length + gathered.length === 0) continue;
    const id = freshId(nodes, `${collector}-save${channel === 'audio' ? '-audio' : ''}`);
    nodes.set(id, saverNode(channel, nodes.get(collector)?.inputs[channel], titleOf(nodes, collector)));
    outputs.push({ nodeId: id, results, gathers: gathered, scope });
  }
  return outputs;
}

function stageOf(graph: CollectedGraph, later: readonly string[], cuts: ReadonlySet<string>): SecondStage {
  const ids = upstream(graph.nodes, later, cuts);
  const found = new Map<string, Gather>();
  for (const [id, uses] of usesOf(graph.nodes, ids, (source) => cuts.has(source))) {
    for (const { output } of uses) {
      const gather = { collector: id, channel: channelOf(output) };
      found.set(JSON.stringify([id, gather.channel]), gather);
    }
  }
  const gathers = [...found.values()].sort(
    (left, right) => compareIds(left.collector, right.collector) || (left.channel < right.channel ? 1 : -1),
  );
  const outputs = [...later].sort(compareIds).map((id) => plainOutput(graph, id));
  return { prompt: toPrompt(graph.nodes, ids), gathers, outputs };
}

function plainOutput(graph: CollectedGraph, id: string): ShardOutput {
  const node = graph.nodes.get(id);
  const own = graph.results.get(id) ?? (node === undefined ? null : resultOf(id, node));
  return { nodeId: id, results: own === null ? [] : [own], gathers: [] };
}
