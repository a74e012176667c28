import type { NodeCatalog } from './catalog.ts';
import { findCopiedSeeds } from './copied-seeds.ts';
import type { FanOut } from './fan-out.ts';
import { SEED_LIMIT } from './literals.ts';
import { type Nodes, upstream } from './node-graph.ts';
import type { SeedInput } from './plan.ts';
import type { Resolved, Varying } from './resolve-distributed.ts';

/** Which literals differ between the shards of a run. */

export interface OffsetSeeds {
  readonly nodes: Nodes;
  readonly varying: readonly Varying[];
  readonly seeds: readonly SeedInput[];
  /** What people know a shard by. */
  readonly seedOf: (shard: number) => bigint | null;
  readonly warnings: readonly string[];
}

export function offsetSeeds(
  resolved: Resolved,
  roots: readonly string[],
  { kind, count }: FanOut,
  catalog: NodeCatalog,
): OffsetSeeds {
  const { nodes, varying, seeds } = resolved;
  if (kind === 'distributed') {
    const warnings = count > 1 && varying.length === 0 ? [`${EQUAL} Add a DistributedSeed.`] : [];
    return { nodes, varying, seeds, seedOf: counting(seeds), warnings };
  }
  const copied = findCopiedSeeds(nodes, upstream(nodes, roots), catalog);
  if (kind === 'batch-split') {
    const base = (seeds[0] ?? copied.seeds[0])?.base ?? null;
    const warnings = varying.length > 0 ? [SAME_SEEDS] : [];
    return { nodes, varying: [], seeds: [], seedOf: () => base, warnings };
  }
  const warnings =
    count > 1 && copied.seeds.length === 0 ? [`${EQUAL} No sampler has a seed of its own.`] : [];
  return {
    nodes: copied.nodes,
    varying: [...varying, ...copied.varying],
    seeds: copied.seeds,
    seedOf: counting(copied.seeds),
    warnings,
  };
}

const EQUAL = 'All shards will make the same, for nothing differs between them.';
const SAME_SEEDS =
  'The batch is split: all slices have the seeds and values of the first shard, as one run of the whole batch would.';

function counting(seeds: readonly SeedInput[]): (shard: number) => bigint | null {
  const base = seeds[0]?.base ?? null;
  return (shard) => (base === null ? null : (base + BigInt(shard)) % SEED_LIMIT);
}
