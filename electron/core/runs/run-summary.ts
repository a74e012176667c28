import type { Artifact, RunSummary, ShardStatus } from '../../../shared/runs.ts';
import type { RunHead, ShardRecord } from './records.ts';

/** What a list shows of a run. Pure. */

/** Shown in a run's row. */
export const THUMBNAILS = 12;

export function thumbnailsOf(artifacts: readonly Artifact[]): RunSummary['thumbnails'] {
  return [...artifacts]
    .sort((a, b) => b.stage - a.stage || a.shard - b.shard || a.at - b.at)
    .slice(0, THUMBNAILS)
    .map(({ id, url, kind, shard, seed }) => ({ id, url, kind, shard, seed }));
}

export function countsOf(shards: readonly Pick<ShardRecord, 'status'>[]): Record<ShardStatus, number> {
  const counts = { queued: 0, dispatched: 0, running: 0, fetching: 0, done: 0, failed: 0, cancelled: 0 };
  for (const { status } of shards) counts[status] += 1;
  return counts;
}

interface SummaryFacts {
  readonly revision: number;
  readonly shards: RunSummary['shards'];
  readonly secondStage: boolean;
  readonly shardCount: number;
  readonly seedFirst: string | null;
  readonly seedLast: string | null;
  readonly expectedEnd: number | null;
  readonly waits: string | null;
  readonly artifactCount: number;
  readonly thumbnails: RunSummary['thumbnails'];
}

export function summaryOf(record: RunHead, facts: SummaryFacts): RunSummary {
  return {
    id: record.id,
    name: record.name,
    kind: record.kind,
    status: record.status,
    mode: record.mode,
    modeReason: record.modeReason,
    participants: record.participants.map(({ name }) => name),
    createdAt: record.createdAt,
    startedAt: record.startedAt,
    endedAt: record.endedAt,
    order: record.order,
    error: record.error,
    warnings: record.warnings,
    ...facts,
  };
}
