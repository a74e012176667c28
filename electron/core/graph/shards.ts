import { EnsembleError } from '../../../shared/errors.ts';
import type { ApiNode, ApiPrompt } from '../comfy/prompt.ts';
import type { ScopedOutput } from './cut.ts';
import { isLink, type Nodes, toPrompt, upstream } from './node-graph.ts';
import type { Literal, Plan, ShardOutput, ShardPlan, Template } from './plan.ts';
import { hashPrompt, hashShard, namingNodes, prefixLiterals, withLiterals } from './prefixes.ts';
import type { Varying } from './resolve-distributed.ts';
import { type Slice, sliceNodes } from './slices.ts';

/** Shards share templates: each keeps only the literals in which it differs. */

export interface ShardParts {
  readonly nodes: Nodes;
  readonly outputs: readonly ScopedOutput[];
  readonly count: number;
  readonly varying: readonly Varying[];
  /** Latent node → id of its slice. */
  readonly sliceIds: ReadonlyMap<string, string>;
  /** One per shard; empty when no batch is split. */
  readonly slices: readonly Slice[];
  readonly seedOf: (shard: number) => bigint | null;
}

interface Made {
  readonly index: number;
  readonly hash: string;
  readonly naming: readonly string[];
  readonly varying: readonly (Varying & { readonly standard: unknown })[];
}

export function makeShards(parts: ShardParts): {
  readonly templates: readonly Template[];
  readonly shards: readonly ShardPlan[];
} {
  const templates: Template[] = [];
  const made = new Map<string, Made>();
  const shards: ShardPlan[] = [];
  const anyFirst = parts.outputs.some(({ scope }) => scope === 'first');
  for (let index = 0; index < parts.count; index += 1) {
    const slice = parts.slices[index] ?? null;
    const cutting = slice === null ? NO_NODES : cuttingNodes(parts, slice);
    const key = `${anyFirst && index === 0} ${shapeOf(cutting)}`;
    let template = made.get(key);
    if (template === undefined) {
      template = makeTemplate(parts, cutting, index, templates);
      made.set(key, template);
    }
    const own = [...differences(template, index), ...sliceLiterals(cutting)];
    const prefixes = prefixLiterals(template.naming, hashShard(template.hash, own));
    const literals = [...own, ...prefixes];
    shards.push({ index, template: template.index, literals, seed: parts.seedOf(index), slice });
  }
  return { templates, shards };
}

/** What the server is sent for a shard. */
export function shardPrompt(plan: Plan, index: number): ApiPrompt {
  const { shard, template } = find(plan, index);
  return withLiterals(template.prompt, shard.literals);
}

export function shardOutputs(plan: Plan, index: number): readonly ShardOutput[] {
  return find(plan, index).template.outputs;
}

function find(plan: Plan, index: number): { readonly shard: ShardPlan; readonly template: Template } {
  const shard = plan.shards[index];
  const template = shard === undefined ? undefined : plan.templates[shard.template];
  if (shard !== undefined && template !== undefined) return { shard, template };
  throw EnsembleError.badArgument('index', `The plan has no shard ${index}; it has ${plan.shards.length}.`);
}

type NewNodes = readonly (readonly [id: string, node: ApiNode])[];
const NO_NODES: NewNodes = [];

function cuttingNodes({ nodes, sliceIds }: ShardParts, slice: Slice): NewNodes {
  const taken = new Set([...nodes.keys(), ...sliceIds.values()]);
  return [...sliceIds].flatMap(([latent, id]) => {
    const chain = sliceNodes(taken, [latent, 0], id, slice);
    for (const [name] of chain) taken.add(name);
    return chain;
  });
}

/** Equal for slices that are cut by the same nodes with other numbers. */
function shapeOf(cutting: NewNodes): string {
  return cutting.map(([id, node]) => `${id}=${node.class_type}`).join(' ');
}

function sliceLiterals(cutting: NewNodes): readonly Literal[] {
  return cutting.flatMap(([nodeId, node]) =>
    Object.entries(node.inputs)
      .filter(([, value]) => !isLink(value))
      .map(([input, value]) => ({ nodeId, input, value })),
  );
}

function makeTemplate(parts: ShardParts, cutting: NewNodes, shard: number, templates: Template[]): Made {
  const nodes = cutting.length === 0 ? parts.nodes : new Map([...parts.nodes, ...cutting]);
  const scoped = parts.outputs.filter(({ scope }) => scope === 'every' || shard === 0);
  const outputs = scoped.map(({ nodeId, results, gathers }) => ({ nodeId, results, gathers }));
  const ids = upstream(
    nodes,
    outputs.map(({ nodeId }) => nodeId),
  );
  const bare = toPrompt(nodes, ids);
  const naming = namingNodes(bare);
  const hash = hashPrompt(bare, naming);
  templates.push({ prompt: withLiterals(bare, prefixLiterals(naming, hash)), outputs });
  const varying = parts.varying
    .filter(({ nodeId }) => ids.has(nodeId))
    .map((literal) => ({ ...literal, standard: literal.at(0) }));
  return { index: templates.length - 1, hash, naming, varying };
}

function differences({ varying }: Made, shard: number): readonly Literal[] {
  const literals: Literal[] = [];
  for (const { nodeId, input, at, standard } of varying) {
    const value = at(shard);
    if (value !== standard) literals.push({ nodeId, input, value });
  }
  return literals;
}
