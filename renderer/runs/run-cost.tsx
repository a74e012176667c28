import { useMemo } from 'react';
import type { InstanceId } from '../../shared/model.ts';
import { dollars } from '../../shared/providers.ts';
import { pricesOf, runCost } from '../../shared/run-cost.ts';
import type { Shard } from '../../shared/runs.ts';
import { useProviders } from '../store/services.ts';
import { useNow } from '../store/use-now.ts';

const NONE: ReadonlyMap<InstanceId, number> = new Map();
const TICK_MS = 5_000;

/** USD per hour of every instance that is or was rented. */
export function usePrices(): ReadonlyMap<InstanceId, number> {
  const leases = useProviders()?.leases;
  return useMemo(() => (leases === undefined ? NONE : pricesOf(leases)), [leases]);
}

export interface RunCostNoteProps {
  readonly shards: readonly Shard[];
  readonly files: number;
  readonly running: boolean;
}

/** What rented workers had to do with it; nothing where none had. */
export function RunCostNote({ shards, files, running }: RunCostNoteProps) {
  const now = useNow(running ? TICK_MS : null);
  const cost = runCost(shards, files, usePrices(), now);
  if (cost === null) return null;
  const each = cost.perFile === null ? '' : `, ${dollars(cost.perFile)} per file`;
  return (
    <p className="run-note">
      Rented workers: {dollars(cost.total)}
      {each}
    </p>
  );
}
