import { closeSync, existsSync, openSync, renameSync } from 'node:fs';
import type { RunId } from '../../../../shared/runs.ts';
import type { Clock } from '../../ports.ts';
import { Database, type Row } from '../../runs/journal/database.ts';
import { maybeNumber, maybeText, numberIn, textOf } from '../../runs/journal/rows.ts';
import type { JobEnding, JobRecord, ShownNode } from './job-types.ts';

/** What clients of the gateway are told about their prompts, so that a restart keeps it. The runs are in the journal. */

/** As many as ComfyUI remembers. */
const MOST_FINISHED = 10_000;
/** A larger one is a file of a later version. */
const VERSION = 1;

const TABLES = `
CREATE TABLE IF NOT EXISTS jobs (
  place INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  prompt_id TEXT NOT NULL,
  number REAL NOT NULL,
  client_id TEXT,
  caller TEXT NOT NULL,
  created_at REAL NOT NULL,
  prompt TEXT NOT NULL,
  extra_data TEXT NOT NULL,
  outputs TEXT NOT NULL,
  ended_at REAL,
  finished INTEGER,
  ending TEXT,
  summary TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS jobs_by_prompt ON jobs (prompt_id);
CREATE INDEX IF NOT EXISTS jobs_by_end ON jobs (finished);
CREATE TABLE IF NOT EXISTS shown (
  run_id TEXT NOT NULL REFERENCES jobs (run_id) ON DELETE CASCADE,
  stage INTEGER NOT NULL,
  shard INTEGER NOT NULL,
  nodes TEXT NOT NULL,
  PRIMARY KEY (run_id, stage, shard)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY NOT NULL, value INTEGER NOT NULL) STRICT;
`;

/** Texts come as bytes: see readable() of the journal. */
const texts = (names: string): string =>
  names
    .split(' ')
    .map((name) => `CAST(${name} AS BLOB) AS ${name}_utf8`)
    .join(', ');
const RECORD = `SELECT number, created_at, ${texts('run_id prompt_id client_id caller prompt extra_data outputs')} FROM jobs`;
const FINISHED = `SELECT number, ended_at, created_at, ${texts('run_id prompt_id client_id caller prompt extra_data outputs ending summary')} FROM jobs`;

export interface FinishedJob extends JobRecord, JobEnding {}

export class JobStore {
  readonly #database: Database;

  private constructor(
    database: Database,
    /** Words about what was mended on opening; empty when all was well. */
    readonly problems: readonly string[],
  ) {
    this.#database = database;
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

  /** Another one of the same prompt id that has ended is forgotten, as ComfyUI does. */
  end(runId: RunId, promptId: string, ending: JobEnding): void {
    const last = `coalesce((SELECT max(finished) FROM jobs), 0)`;
    this.#database.transaction('crash', () => {
      this.#database.run(
        'DELETE FROM jobs WHERE prompt_id = ? AND finished IS NOT NULL AND run_id <> ?',
        promptId,
        runId,
      );
      this.#database.run(
        `UPDATE jobs SET ended_at = ?, ending = ?, summary = ?, finished = ${last} + 1 WHERE run_id = ?`,
        ending.endedAt,
        ending.ending,
        ending.summary,
        runId,
      );
      this.#database.run(
        `DELETE FROM jobs WHERE finished IS NOT NULL AND finished <= ${last} - ${MOST_FINISHED}`,
      );
    });
  }

  remove(runId: RunId): void {
    this.#database.transaction('crash', () => this.#database.run('DELETE FROM jobs WHERE run_id = ?', runId));
  }

  removeFinished(promptId: string | null): void {
    const one = promptId === null ? '' : ' AND prompt_id = ?';
    this.#database.transaction('crash', () =>
      this.#database.run(
        `DELETE FROM jobs WHERE finished IS NOT NULL${one}`,
        ...(promptId === null ? [] : [promptId]),
      ),
    );
  }

  unfinished(): readonly JobRecord[] {
    return this.#database.all(`${RECORD} WHERE finished IS NULL ORDER BY place`).map(recordOf);
  }

  /** In the order in which they ended. @param offset negative = from the end */
  finished(offset: number, limit: number): readonly FinishedJob[] {
    const from = offset >= 0 ? offset : Math.max(0, this.finishedCount() + offset);
    const sql = `${FINISHED} WHERE finished IS NOT NULL ORDER BY finished LIMIT ? OFFSET ?`;
    return this.#database.all(sql, limit, from).map(finishedOf);
  }

  /** For lists of jobs, without prompts. */
  summaries(): readonly string[] {
    const sql = `SELECT ${texts('summary')} FROM jobs WHERE finished IS NOT NULL ORDER BY finished`;
    return this.#database.all(sql).map((row) => textOf(row, 'summary'));
  }

  finishedCount(): number {
    const row = this.#database.get('SELECT count(*) AS count FROM jobs WHERE finished IS NOT NULL');
    return Number(row?.['count'] ?? 0);
  }

  find(promptId: string): FinishedJob | null {
    const row = this.#database.get(`${FINISHED} WHERE prompt_id = ? AND finished IS NOT NULL`, promptId);
    return row === null ? null : finishedOf(row);
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

function openTables(file: string): Database {
  // Made here because SQLite's own would be readable for everyone; what it puts beside it gets the same rights.
  closeSync(openSync(file, 'a', 0o600));
  const database = new Database(file);
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON');
    const version = Number(database.get('PRAGMA user_version')?.['user_version'] ?? 0);
    if (version > VERSION) throw new Error('written by a newer Comfy Ensemble');
    database.exec(`${TABLES} PRAGMA user_version = ${VERSION}`);
    return database;
  } catch (error) {
    database.abandon();
    throw error;
  }
}

function recordOf(row: Row): JobRecord {
  return {
    runId: textOf(row, 'run_id'),
    promptId: textOf(row, 'prompt_id'),
    number: numberIn(row, 'number'),
    clientId: maybeText(row, 'client_id'),
    caller: textOf(row, 'caller'),
    createdAt: numberIn(row, 'created_at'),
    prompt: textOf(row, 'prompt'),
    extraData: textOf(row, 'extra_data'),
    outputs: textOf(row, 'outputs'),
  };
}

function finishedOf(row: Row): FinishedJob {
  return {
    ...recordOf(row),
    endedAt: maybeNumber(row, 'ended_at') ?? 0,
    ending: textOf(row, 'ending'),
    summary: textOf(row, 'summary'),
  };
}
