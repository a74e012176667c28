import type { Database } from './database.ts';
import { textOf } from './rows.ts';

/** "CoEn": tells our files from other programs' (PRAGMA application_id). */
export const APPLICATION_ID = 0x436f_456e;

/**
 * Step n brings a file from version n to n + 1 (PRAGMA user_version). Steps that were released never change: mend them with
 * a further step. Times are ms since the epoch, kept as REAL because clocks may give fractions.
 */
export const MIGRATIONS: readonly string[] = [
  `
CREATE TABLE runs (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  options TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('whole', 'copies', 'distributed', 'batch-split', 'tiles')),
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'done', 'partial', 'failed', 'cancelled')),
  mode TEXT NOT NULL CHECK (mode IN ('participating', 'orchestrator-only', 'fallback')),
  mode_reason TEXT NOT NULL,
  participants TEXT NOT NULL,
  candidates TEXT NOT NULL,
  created_at REAL NOT NULL,
  started_at REAL,
  ended_at REAL,
  queue_order REAL NOT NULL,
  error TEXT,
  warnings TEXT NOT NULL
) STRICT;
CREATE INDEX runs_open ON runs (queue_order) WHERE status IN ('queued', 'running');
CREATE INDEX runs_by_time ON runs (created_at, id);

CREATE TABLE run_texts (
  run_id TEXT PRIMARY KEY NOT NULL REFERENCES runs ON DELETE CASCADE,
  workflow TEXT NOT NULL,
  plan TEXT NOT NULL
) STRICT;

CREATE TABLE shards (
  run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  stage INTEGER NOT NULL CHECK (stage IN (1, 2)),
  shard INTEGER NOT NULL,
  status TEXT NOT NULL
    CHECK (status IN ('queued', 'dispatched', 'running', 'fetching', 'done', 'failed', 'cancelled')),
  seed TEXT,
  error TEXT,
  PRIMARY KEY (run_id, stage, shard)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempts (
  id TEXT PRIMARY KEY NOT NULL,
  run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  stage INTEGER NOT NULL CHECK (stage IN (1, 2)),
  shard INTEGER NOT NULL,
  number INTEGER NOT NULL,
  instance_id TEXT NOT NULL,
  instance_name TEXT NOT NULL,
  backup INTEGER NOT NULL,
  dispatched_at REAL NOT NULL,
  started_at REAL,
  sampled_at REAL,
  fetched_at REAL,
  ended_at REAL,
  outcome TEXT NOT NULL
    CHECK (outcome IN ('running', 'done', 'lost', 'failed', 'cancelled', 'superseded')),
  reason TEXT
) STRICT;
CREATE INDEX attempts_by_run ON attempts (run_id, stage, shard, number);

-- No reference to runs: an artifact outlives the record of its run. "temporary" is null once the file has its final name.
CREATE TABLE artifacts (
  id TEXT PRIMARY KEY NOT NULL,
  run_id TEXT NOT NULL,
  run_name TEXT NOT NULL,
  run_name_lower TEXT NOT NULL,
  stage INTEGER NOT NULL CHECK (stage IN (1, 2)),
  shard INTEGER NOT NULL,
  output_key TEXT NOT NULL,
  node_id TEXT NOT NULL,
  node TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('image', 'video', 'audio', 'latent', 'model', 'text', 'file')),
  preview INTEGER NOT NULL,
  name TEXT NOT NULL,
  path TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  width INTEGER,
  height INTEGER,
  seed TEXT,
  instance_id TEXT NOT NULL,
  instance_name TEXT NOT NULL,
  seconds REAL,
  at REAL NOT NULL,
  url TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  temporary TEXT,
  UNIQUE (run_id, stage, shard, output_key)
) STRICT;
CREATE INDEX artifacts_placing ON artifacts (id) WHERE temporary IS NOT NULL;
-- The gallery's orders. The name is in them so that a search by it reads the index alone.
CREATE INDEX artifacts_all ON artifacts (at, id, run_name_lower) WHERE temporary IS NULL;
CREATE INDEX artifacts_kept ON artifacts (at, id, run_name_lower) WHERE temporary IS NULL AND preview = 0;
CREATE INDEX artifacts_by_run ON artifacts (run_id, at, id) WHERE temporary IS NULL;
CREATE INDEX artifacts_by_instance ON artifacts (instance_id, at, id, run_name_lower) WHERE temporary IS NULL;

CREATE TABLE speeds (
  instance_id TEXT NOT NULL,
  workflow TEXT NOT NULL,
  seconds_per_unit REAL NOT NULL,
  samples INTEGER NOT NULL,
  updated_at REAL NOT NULL,
  PRIMARY KEY (instance_id, workflow)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
  key TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`,
];

/**
 * Brings a file (or a new, empty one) to the newest version, each step whole or not at all.
 * @throws SqliteError; the file is then at the last version that was reached
 */
export function migrate(database: Database, migrations: readonly string[] = MIGRATIONS): void {
  const from = numberOf(database.get('PRAGMA user_version'), 'user_version');
  for (const [version, step] of migrations.entries()) {
    if (version < from) continue;
    database.transaction('power-cut', () => {
      database.exec(step);
      database.exec(`PRAGMA user_version = ${version + 1}; PRAGMA application_id = ${APPLICATION_ID}`);
    });
  }
}

/** What makes two databases the same to us: the definitions of all tables and indices. */
export function definitionsOf(database: Database): string {
  const rows = database.all(
    "SELECT CAST(name || ': ' || sql AS BLOB) AS definition_utf8 FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name",
  );
  return rows.map((row) => textOf(row, 'definition')).join('\n');
}

export function numberOf(row: Readonly<Record<string, unknown>> | null, column: string): number {
  return Number(row?.[column] ?? 0);
}
