import type { RunId } from '../../../../shared/runs.ts';
import type { Journal, RunHead, RunRecord } from '../records.ts';
import type { Database } from './database.ts';
import { RUN_COLUMNS, runHeadOf, runRecordOf, runValues, textOf } from './rows.ts';
import { assignments, marks, readable } from './sql-text.ts';

const OPEN = "status IN ('queued', 'running')";
const HEAD = readable(RUN_COLUMNS);
const RECORD = `SELECT ${readable(`${RUN_COLUMNS}, workflow, plan`)} FROM runs JOIN run_texts ON run_id = id`;
const CHANGEABLE = {
  status: 'status',
  mode: 'mode',
  modeReason: 'mode_reason',
  startedAt: 'started_at',
  endedAt: 'ended_at',
  order: 'queue_order',
  error: 'error',
  warnings: 'warnings',
};

/** Runs and, apart from them because lists must not read them, their two large texts. */
export class RunTable {
  constructor(private readonly database: Database) {}

  add(run: RunRecord): void {
    this.database.run(`INSERT INTO runs (${RUN_COLUMNS}) VALUES (${marks(RUN_COLUMNS)})`, ...runValues(run));
    this.database.run(
      'INSERT INTO run_texts (run_id, workflow, plan) VALUES (?, ?, ?)',
      run.id,
      run.workflow,
      run.plan,
    );
  }

  update(id: RunId, change: Parameters<Journal['updateRun']>[1]): void {
    const { warnings, ...rest } = change;
    const plain = warnings === undefined ? rest : { ...rest, warnings: JSON.stringify(warnings) };
    const { sql, values } = assignments(plain, CHANGEABLE);
    if (sql !== '') this.database.run(`UPDATE runs SET ${sql} WHERE id = ?`, ...values, id);
  }

  get(id: RunId): RunRecord | null {
    const row = this.database.get(`${RECORD} WHERE id = ?`, id);
    return row && runRecordOf(row);
  }

  /** Unfinished ones in the order of the queue. */
  open(): readonly RunRecord[] {
    return this.database.all(`${RECORD} WHERE ${OPEN} ORDER BY queue_order, created_at, id`).map(runRecordOf);
  }

  finished(before: number | null, limit: number): readonly RunHead[] {
    const sql = `SELECT ${HEAD} FROM runs WHERE created_at < ? AND NOT ${OPEN}
      ORDER BY created_at DESC, id DESC LIMIT ?`;
    return this.database.all(sql, before ?? Number.MAX_VALUE, limit).map(runHeadOf);
  }

  remove(id: RunId): void {
    this.database.run('DELETE FROM runs WHERE id = ?', id);
  }

  /** Finished runs that are older than the newest `maxRuns`, or were created before `olderThan`. */
  beyond(limits: { readonly maxRuns: number; readonly olderThan: number }): readonly RunId[] {
    const sql = `SELECT CAST(id AS BLOB) AS id_utf8 FROM (
        SELECT id, created_at, row_number() OVER (ORDER BY created_at DESC, id DESC) AS place
        FROM runs WHERE NOT ${OPEN}
      ) WHERE place > ? OR created_at < ? ORDER BY created_at, id`;
    return this.database.all(sql, limits.maxRuns, limits.olderThan).map((row) => textOf(row, 'id'));
  }
}
