import type { InputOverride } from '../../../shared/runs.ts';
import { parsePlan } from './stored-plan.ts';

const SEEDS = 2n ** 64n;

/** The overrides with which the same workflow takes the seeds that follow those of a stored plan. */
export function nextSeeds(set: readonly InputOverride[], storedPlan: string): readonly InputOverride[] {
  const plan = parsePlan(storedPlan);
  const next = plan.seeds.map(({ nodeId, input, base }): InputOverride => {
    const value = (base + BigInt(plan.shards.length)) % SEEDS;
    return { node: nodeId, input, value: value.toString() };
  });
  const replaced = new Set(next.map(({ node, input }) => `${node}.${input}`));
  return [...set.filter(({ node, input }) => !replaced.has(`${node}.${input}`)), ...next];
}
