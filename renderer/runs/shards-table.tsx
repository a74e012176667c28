import { useMemo } from 'react';
import type { InstanceId } from '../../shared/model.ts';
import { dollars } from '../../shared/providers.ts';
import { shardCost } from '../../shared/run-cost.ts';
import type { RunSummary, Shard } from '../../shared/runs.ts';
import { StateDot } from '../components/state-dot.tsx';
import { type Column, VirtualTable } from '../components/virtual-table.tsx';
import { usePrices } from './run-cost.tsx';
import { plural, SHARD_WORDS } from './run-words.ts';

const columnsOf = (
  waits: string | null,
  prices: ReadonlyMap<InstanceId, number>,
): readonly Column<Shard>[] => [
  {
    id: 'index',
    title: 'Shard',
    width: '64px',
    cell: (shard) => (shard.stage === 2 ? 'Second' : shard.index),
  },
  {
    id: 'state',
    title: 'State',
    width: '92px',
    cell: (shard) => <StateDot {...SHARD_WORDS[shard.status]} pulse={shard.status === 'running'} />,
  },
  { id: 'seed', title: 'Seed', width: '160px', cell: (shard) => shard.seed ?? '–' },
  { id: 'where', title: 'Where', width: '120px', cell: whereOf },
  {
    id: 'attempts',
    title: 'Attempts',
    width: '60px',
    numeric: true,
    cell: (shard) => shard.attempts.length,
  },
  { id: 'time', title: 'Took', width: '64px', numeric: true, cell: tookOf },
  ...(prices.size === 0 ? [] : [costColumn(prices)]),
  { id: 'now', title: 'Now', width: 'minmax(120px, 1fr)', cell: (shard) => nowOf(shard, waits) },
];

export interface ShardsTableProps {
  readonly run: RunSummary;
  readonly shards: readonly Shard[];
}

export function ShardsTable({ run, shards }: ShardsTableProps) {
  const prices = usePrices();
  const columns = useMemo(() => columnsOf(run.waits, prices), [run.waits, prices]);
  const hidden = run.shardCount - shards.filter((shard) => shard.stage === 1).length;
  return (
    <div className="run-table">
      <VirtualTable
        label={`Shards of ${run.name}`}
        columns={columns}
        rows={shards}
        rowKey={(shard) => `${shard.stage}:${shard.index}`}
      />
      {hidden > 0 && <p className="run-note">{plural(hidden, 'more shard')} not listed.</p>}
    </div>
  );
}

/** Of rented workers; what is still computed is told when it is done. */
function costColumn(prices: ReadonlyMap<InstanceId, number>): Column<Shard> {
  return {
    ...{ id: 'cost', title: 'Cost', width: '72px', numeric: true },
    cell: (shard) => {
      const cost = shardCost(shard, prices, 0);
      return cost === null || cost === 0 ? '–' : dollars(cost);
    },
  };
}

function whereOf(shard: Shard): string {
  return shard.attempts.at(-1)?.instanceName ?? '–';
}

function tookOf(shard: Shard): string {
  const won = shard.attempts.find((attempt) => attempt.outcome === 'done');
  if (won === undefined || won.endedAt === null) return '–';
  return `${((won.endedAt - (won.startedAt ?? won.dispatchedAt)) / 1000).toFixed(1)} s`;
}

function nowOf(shard: Shard, waits: string | null): string {
  if (shard.error !== null) return shard.error.message;
  if (shard.status === 'running') {
    const step = shard.step !== null && shard.steps !== null ? ` · step ${shard.step} of ${shard.steps}` : '';
    return `${shard.node ?? 'Begins'}${step}`;
  }
  if (shard.status === 'dispatched') return shard.node ?? '';
  if (shard.status !== 'queued') return '';
  const last = shard.attempts.at(-1)?.reason ?? null;
  return [waits, last === null ? null : `After: ${last}`].filter((part) => part !== null).join(' ');
}
