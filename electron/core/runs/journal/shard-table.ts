import type { Attempt, RunId, ShardStatus } from '../../../../shared/runs.ts';
import type { Journal, RunDigest, ShardRecord } from '../records.ts';
import type { Database } from './database.ts';
import {
  ATTEMPT_COLUMNS,
  attemptOf,
  attemptValues,
  maybeText,
  numberIn,
  SHARD_COLUMNS,
  shardOf,
  textOf,
} from './rows.ts';
import { assignments, marks, readable } from './sql-text.ts';

const CHANGEABLE = {
  startedAt: 'started_at',
  sampledAt: 'sampled_at',
  fetchedAt: 'fetched_at',
  endedAt: 'ended_at',
  outcome: 'outcome',
  reason: 'reason',
};

const NO_SHARDS: Readonly<Record<ShardStatus, number>> = {
  queued: 0,
  dispatched: 0,
  running: 0,
  fetching: 0,
  done: 0,
  failed: 0,
  cancelled: 0,
};

/** Shards and their attempts. */
export class ShardTable {
  constructor(private readonly database: Database) {}

  /** One statement for all of them: a run may have 100,000. */
  add(shards: readonly ShardRecord[]): void {
    const list = shards.map((shard) => ({ ...shard, error: shard.error && JSON.stringify(shard.error) }));
    const sql = `INSERT INTO shards (run_id, stage, shard, status, seed, error)
      SELECT value->>'runId', value->>'stage', value->>'index', value->>'status', value->>'seed', value->>'error'
      FROM json_each(?)`;
    this.database.run(sql, JSON.stringify(list));
  }

  update(
    key: Pick<ShardRecord, 'runId' | 'stage' | 'index'>,
    change: Parameters<Journal['updateShard']>[1],
  ): void {
    const plain = { status: change.status, error: change.error && JSON.stringify(change.error) };
    const { sql, values } = assignments(plain, { status: 'status', error: 'error' });
    if (sql === '') return;
    const where = 'run_id = ? AND stage = ? AND shard = ?';
    this.database.run(`UPDATE shards SET ${sql} WHERE ${where}`, ...values, key.runId, key.stage, key.index);
  }

  of(id: RunId, limit: number): readonly ShardRecord[] {
    const sql = `SELECT ${readable(SHARD_COLUMNS)} FROM shards WHERE run_id = ? ORDER BY stage, shard LIMIT ?`;
    return this.database.all(sql, id, limit).map(shardOf);
  }

  addAttempt(attempt: Attempt): void {
    const sql = `INSERT INTO attempts (${ATTEMPT_COLUMNS}) VALUES (${marks(ATTEMPT_COLUMNS)})`;
    this.database.run(sql, ...attemptValues(attempt));
  }

  updateAttempt(id: string, change: Parameters<Journal['updateAttempt']>[1]): void {
    const { sql, values } = assignments(change, CHANGEABLE);
    if (sql !== '') this.database.run(`UPDATE attempts SET ${sql} WHERE id = ?`, ...values, id);
  }

  attemptsOf(id: RunId): readonly Attempt[] {
    const sql = `SELECT ${readable(ATTEMPT_COLUMNS)} FROM attempts WHERE run_id = ? ORDER BY stage, shard, number, id`;
    return this.database.all(sql, id).map(attemptOf);
  }

  openAttempts(): readonly Attempt[] {
    const sql = `SELECT ${readable(ATTEMPT_COLUMNS)} FROM attempts WHERE ended_at IS NULL ORDER BY id`;
    return this.database.all(sql).map(attemptOf);
  }

  digest(id: RunId): Omit<RunDigest, 'artifactCount' | 'firstArtifacts'> {
    const counts: Record<ShardStatus, number> = { ...NO_SHARDS };
    let shardCount = 0;
    const perStatus = `SELECT ${readable('status')}, count(*) AS shards FROM shards WHERE run_id = ? GROUP BY status`;
    for (const row of this.database.all(perStatus, id)) {
      counts[textOf(row, 'status') as ShardStatus] = numberIn(row, 'shards');
      shardCount += numberIn(row, 'shards');
    }
    return {
      shards: counts,
      shardCount,
      secondStage:
        this.database.get('SELECT 1 FROM shards WHERE run_id = ? AND stage = 2 LIMIT 1', id) !== null,
      seedFirst: this.#seed(id, 'ASC'),
      seedLast: this.#seed(id, 'DESC'),
    };
  }

  #seed(id: RunId, order: 'ASC' | 'DESC'): string | null {
    const sql = `SELECT ${readable('seed')} FROM shards WHERE run_id = ? AND stage = 1 ORDER BY shard ${order} LIMIT 1`;
    const row = this.database.get(sql, id);
    return row && maybeText(row, 'seed');
  }
}
