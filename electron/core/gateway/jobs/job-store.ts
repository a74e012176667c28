import { existsSync, renameSync } from 'node:fs';
import type { RunId } from '../../../../shared/runs.ts';
import type { Clock } from '../../ports.ts';
import type { Database } from '../../runs/journal/database.ts';
import { numberIn, textOf } from '../../runs/journal/rows.ts';
import { FinishedJobs } from './finished-jobs.ts';
import { openTables, RECORD_COLUMNS, recordOf, texts } from './job-tables.ts';
import type { JobRecord, ShownNode } from './job-types.ts';

/** What clients of the gateway are told about their prompts, so that a restart keeps it. The runs are in the journal. */

export class JobStore {
  readonly #database: Database;
  readonly finished: FinishedJobs;

  private constructor(
    database: Database,
    /** Words about what was mended on opening; empty when all was well. */
    readonly problems: readonly string[],
  ) {
    this.#database = database;
    this.finished = new FinishedJobs(database);
  }

  /** A file that cannot be read is set aside. @throws SqliteError when there can be none here */
  static open(file: string, clock: Clock): JobStore {
    try {
      return new JobStore(openTables(file), []);
    } catch (error) {
      if (!existsSync(file)) throw error;
      const aside = `${file}.broken-${clock.now()}`;
      for (const end of ['', '-wal', '-shm']) if (existsSync(file + end)) renameSync(file + end, aside + end);
      const problem = `The history of the fleet’s ComfyUI address could not be read. It was set aside as ${aside}.`;
      return new JobStore(openTables(file), [problem]);
    }
  }

  /** Grows with each call, over restarts too. */
  nextNumber(): number {
    return this.#database.transaction('crash', () => {
      const row = this.#database.get('SELECT value FROM counters WHERE name = ?', 'number');
      const number = Number(row?.['value'] ?? 0);
      this.#database.run('INSERT OR REPLACE INTO counters (name, value) VALUES (?, ?)', 'number', number + 1);
      return number;
    });
  }

  add(job: JobRecord): void {
    const { runId, promptId, number, clientId, caller, createdAt, prompt, extraData, outputs } = job;
    const sql = `INSERT INTO jobs (run_id, prompt_id, number, client_id, caller, created_at, prompt, extra_data, outputs)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
    this.#database.transaction('power-cut', () =>
      this.#database.run(
        sql,
        ...[runId, promptId, number, clientId, caller, createdAt, prompt, extraData, outputs],
      ),
    );
  }

  unfinished(): readonly JobRecord[] {
    return this.#database
      .all(`SELECT ${RECORD_COLUMNS} FROM jobs WHERE finished IS NULL ORDER BY place`)
      .map(recordOf);
  }

  /** What the nodes of one shard show; a second computation of it replaces the first. */
  show(runId: RunId, stage: 1 | 2, shard: number, nodes: readonly ShownNode[]): void {
    const sql = 'INSERT OR REPLACE INTO shown (run_id, stage, shard, nodes) VALUES (?, ?, ?, ?)';
    this.#database.transaction('crash', () =>
      this.#database.run(sql, runId, stage, shard, JSON.stringify(nodes)),
    );
  }

  shown(
    runId: RunId,
  ): readonly { readonly stage: number; readonly shard: number; readonly nodes: readonly ShownNode[] }[] {
    const sql = `SELECT stage, shard, ${texts('nodes')} FROM shown WHERE run_id = ? ORDER BY stage, shard`;
    return this.#database.all(sql, runId).map((row) => ({
      stage: numberIn(row, 'stage'),
      shard: numberIn(row, 'shard'),
      nodes: JSON.parse(textOf(row, 'nodes')),
    }));
  }

  close(): void {
    this.#database.close();
  }
}
