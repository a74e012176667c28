import { closeSync, openSync } from 'node:fs';
import { Database, type Row } from '../../runs/journal/database.ts';
import { maybeText, numberIn, textOf } from '../../runs/journal/rows.ts';
import type { JobRecord } from './job-types.ts';

/** The file behind the prompts of clients. */

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

/** @throws SqliteError when there can be none here, Error when it is no file of ours */
export function openTables(file: string): Database {
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

/** Texts come as bytes: see readable() of the journal. */
export function texts(names: string): string {
  return names
    .split(' ')
    .map((name) => `CAST(${name} AS BLOB) AS ${name}_utf8`)
    .join(', ');
}

export const RECORD_COLUMNS = `number, created_at, ${texts('run_id prompt_id client_id caller prompt extra_data outputs')}`;

export function recordOf(row: Row): JobRecord {
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
