import { parseExact } from '../exact-json.ts';
import type { Plan } from '../graph/plan.ts';

/** Reads a plan out of the journal: small integers come as numbers, where the plan has bigint. */
export function parsePlan(text: string): Plan {
  // Ours, written by stringifyExact and guarded by the journal's own checks.
  const plan = parseExact(text) as Plan;
  return {
    ...plan,
    seeds: plan.seeds.map((seed) => ({ ...seed, base: BigInt(seed.base) })),
    shards: plan.shards.map((shard) => ({ ...shard, seed: shard.seed === null ? null : BigInt(shard.seed) })),
  };
}
