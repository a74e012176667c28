import type { InstanceId } from './model.ts';
import { costOf, type Lease } from './providers.ts';
import type { Shard } from './runs.ts';

/** What a run cost on rented workers. Pure. */

/** USD per hour of every instance that is or was rented. */
export function pricesOf(leases: readonly Lease[]): ReadonlyMap<InstanceId, number> {
  return new Map(
    leases.flatMap(({ worker, pricePerHour }) => (worker === null ? [] : [[worker, pricePerHour] as const])),
  );
}

/**
 * Price per hour × the seconds that its attempts took, the lost and superseded ones included.
 * @param now ms since the epoch, for what is still computed
 * @returns USD; null when nothing of it was rented
 */
export function shardCost(
  { attempts }: Pick<Shard, 'attempts'>,
  prices: ReadonlyMap<InstanceId, number>,
  now: number,
): number | null {
  let cost: number | null = null;
  for (const { instanceId, dispatchedAt, endedAt } of attempts) {
    const price = prices.get(instanceId);
    if (price !== undefined) cost = (cost ?? 0) + costOf(price, (endedAt ?? now) - dispatchedAt);
  }
  return cost;
}

export interface RunCost {
  /** USD. */
  readonly total: number;
  /** USD for each file that came of it; null while there is none. */
  readonly perFile: number | null;
}

/** @returns null when nothing of the run was rented */
export function runCost(
  shards: readonly Pick<Shard, 'attempts'>[],
  files: number,
  prices: ReadonlyMap<InstanceId, number>,
  now: number,
): RunCost | null {
  const costs = shards.map((shard) => shardCost(shard, prices, now)).filter((cost) => cost !== null);
  if (costs.length === 0) return null;
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  return { total, perFile: files === 0 ? null : total / files };
}
