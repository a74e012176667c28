-- A database as version 1 wrote it. Never to be changed.
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
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

PRAGMA user_version = 1;
PRAGMA application_id = 1131365742;

INSERT INTO runs VALUES (
  'old', 'Dunes', '{"copies":null,"splitBatch":false,"mode":"auto","on":null,"set":[],"front":false}', 'whole', 'running',
  'participating', 'The master renders too.', '[{"id":"master","name":"Master"}]', '["master"]',
  1000.0, 1001.0, NULL, 1.0, NULL, '[]'
);
INSERT INTO run_texts VALUES ('old', '{}', '{}');
INSERT INTO shards VALUES ('old', 1, 0, 'running', '18446744073709551615', NULL);
INSERT INTO attempts VALUES (
  'a1', 'old', 1, 0, 1, 'master', 'Master', 0, 1000.0, 1001.0, NULL, NULL, NULL, 'running', NULL
);
INSERT INTO artifacts VALUES (
  'picture', 'old', 'Dunes', 'dunes', 1, 0, '9/0', '9', 'Save Image', 'image', 0, 'Dunes_00001_.png',
  '/output/Dunes_00001_.png', 1234, 64, 64, '18446744073709551615', 'master', 'Master', 1.5, 1002.0,
  '/files/artifacts/picture.png', '00', NULL
);
INSERT INTO speeds VALUES ('master', 'abc', 0.5, 2, 1003.0);
INSERT INTO settings VALUES ('paused', 'false');
