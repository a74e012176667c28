import type { ApiNode } from '../comfy/prompt.ts';
import { inputSpec, inputType, type NodeCatalog, type NodeDefinition } from './catalog.ts';
import { badNode, describeNode } from './graph-errors.ts';
import { literalBehind, offsetSeed, seedOf } from './literals.ts';
import { type Nodes, upstream, withInputs } from './node-graph.ts';
import type { SeedInput } from './plan.ts';
import { seedText, type Varying } from './resolve-distributed.ts';

/** Seeds of a graph without distributed nodes: what "copies" offsets. */

const SEED_INPUTS = ['seed', 'noise_seed'] as const;

export interface CopiedSeeds {
  /** Seeds that came through a link are literals in it. */
  readonly nodes: Nodes;
  readonly varying: readonly Varying[];
  readonly seeds: readonly SeedInput[];
}

/** Every whole-number seed of a sampler or of a node that feeds one. */
export function findCopiedSeeds(nodes: Nodes, live: ReadonlySet<string>, catalog: NodeCatalog): CopiedSeeds {
  const samplers = [...live].filter((id) => isSampler(nodes.get(id), catalog));
  const feeding = upstream(nodes, samplers);
  const changed = new Map(nodes);
  const varying: Varying[] = [];
  const seeds: SeedInput[] = [];
  for (const [id, node] of nodes) {
    if (!feeding.has(id)) continue;
    for (const input of SEED_INPUTS) {
      const base = readSeed(nodes, id, node, input);
      if (base === null) continue;
      changed.set(id, withInputs(changed.get(id) ?? node, { [input]: offsetSeed(base, 0) }));
      varying.push({ nodeId: id, input, at: (shard) => offsetSeed(base, shard) });
      seeds.push({ nodeId: id, input, base });
    }
  }
  return { nodes: changed, varying, seeds };
}

/** By its name, or because it takes a latent or noise and has a seed. */
function isSampler(node: ApiNode | undefined, catalog: NodeCatalog): boolean {
  if (node === undefined) return false;
  if (/sampler/i.test(node.class_type)) return true;
  const definition = catalog.find(node.class_type);
  if (definition === null || !SEED_INPUTS.some((name) => inputSpec(definition, name) !== null)) return false;
  return takesNoise(definition);
}

function takesNoise(definition: NodeDefinition): boolean {
  return definition.order.some((name) =>
    /^(?:LATENT|NOISE)$/.test(inputType(inputSpec(definition, name)) ?? ''),
  );
}

/** null when there is none that could be counted on: none at all, from a server's node, or negative ("random"). */
function readSeed(nodes: Nodes, id: string, node: ApiNode, input: string): bigint | null {
  if (!Object.hasOwn(node.inputs, input)) return null;
  const found = literalBehind(nodes, node.inputs[input]);
  if ('lostAt' in found) return null;
  const { literal } = found;
  if (typeof literal !== 'number' && typeof literal !== 'bigint') return null;
  const seed = seedOf(literal);
  if (seed !== null || literal < 0) return seed;
  throw badNode(
    id,
    input,
    `${describeNode(nodes, id)} has the ${input} ${seedText(literal)}, which is no whole number from 0 to 2^64 − 1.`,
  );
}
