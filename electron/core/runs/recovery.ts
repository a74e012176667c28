import type { Attempt } from '../../../shared/runs.ts';
import { pngInfoOf } from '../graph/read-workflow.ts';
import { ActiveRun, type ActiveShard } from './active-run.ts';
import type { Journal, OpenRun, RunRecord } from './records.ts';
import { parsePlan } from './stored-plan.ts';

/** Runs out of the journal back into memory. */

export interface Recovered {
  readonly run: ActiveRun;
  /** To be placed anew. */
  readonly waiting: readonly ActiveShard[];
  /** Prompts that may still be on their servers. */
  readonly open: readonly { readonly shard: ActiveShard; readonly attempt: Attempt }[];
}

/** An unfinished run as an earlier life of the control center left it. */
export function recovered({ run: record, shards, attempts }: OpenRun, journal: Journal): Recovered {
  const run = new ActiveRun(record, parsePlan(record.plan), pngInfoOf(record.workflow), {
    shards,
    attempts,
    artifacts: journal.artifactsOf(record.id),
  });
  const open = run.allShards.flatMap((shard) =>
    shard.isOver
      ? []
      : shard.attempts.filter(({ endedAt }) => endedAt === null).map((attempt) => ({ shard, attempt })),
  );
  const held = new Set(open.map(({ shard }) => shard));
  return { run, open, waiting: run.shards.filter((shard) => !shard.isOver && !held.has(shard)) };
}

/** A finished run whose failed shards are tried again. */
export function reopened(record: RunRecord, journal: Journal): ActiveRun {
  const fresh: RunRecord = { ...record, status: 'queued', endedAt: null, error: null };
  const shards = journal.shards(record.id, Number.MAX_SAFE_INTEGER).map((shard) => {
    const again = shard.stage === 2 || shard.status !== 'done';
    return again ? { ...shard, status: 'queued' as const, error: null } : shard;
  });
  journal.together(() => {
    journal.updateRun(record.id, { status: 'queued', endedAt: null, error: null });
    for (const { runId, stage, index, status, error } of shards) {
      if (status === 'queued') journal.updateShard({ runId, stage, index }, { status, error });
    }
  });
  const run = new ActiveRun(fresh, parsePlan(record.plan), pngInfoOf(record.workflow), {
    // The second pass is built again out of everything that is gathered by then.
    shards: shards.filter(({ stage }) => stage === 1),
    attempts: journal.attempts(record.id).filter(({ stage }) => stage === 1),
    artifacts: journal.artifactsOf(record.id),
  });
  for (const shard of run.shards) shard.forgive();
  run.secondStageJournaled = shards.some(({ stage }) => stage === 2);
  return run;
}
