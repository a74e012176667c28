import { EnsembleError } from '../../../../shared/errors.ts';
import type { Artifact, GalleryFilter, RunId } from '../../../../shared/runs.ts';
import type { ArtifactQuery, OutputKey, PlacingArtifact } from '../records.ts';
import type { Database, SqlValue } from './database.ts';
import { ARTIFACT_COLUMNS, artifactOf, numberIn, PLACING_COLUMNS, placingOf, placingValues } from './rows.ts';
import { marks, readable } from './sql-text.ts';

const KEPT = `SELECT ${readable(ARTIFACT_COLUMNS)} FROM artifacts WHERE temporary IS NULL`;
const ADDED_COLUMNS = `${PLACING_COLUMNS}, run_name_lower`;
const CURSOR = /^(\d+(?:\.\d+)?)~(.+)$/s;

/** Files that came home, or are about to get their final name. */
export class ArtifactTable {
  constructor(private readonly database: Database) {}

  has(key: OutputKey): boolean {
    const sql = 'SELECT 1 FROM artifacts WHERE run_id = ? AND stage = ? AND shard = ? AND output_key = ?';
    return this.database.get(sql, key.runId, key.stage, key.shard, key.outputKey) !== null;
  }

  begin(artifact: PlacingArtifact): boolean {
    const sql = `INSERT INTO artifacts (${ADDED_COLUMNS}) VALUES (${marks(ADDED_COLUMNS)})
      ON CONFLICT (run_id, stage, shard, output_key) DO NOTHING`;
    return this.database.run(sql, ...placingValues(artifact)) === 1;
  }

  move(id: string, path: string, name: string): void {
    const sql = 'UPDATE artifacts SET path = ?, name = ? WHERE id = ? AND temporary IS NOT NULL';
    this.database.run(sql, path, name, id);
  }

  end(id: string): void {
    this.database.run('UPDATE artifacts SET temporary = NULL WHERE id = ?', id);
  }

  drop(id: string): void {
    this.database.run('DELETE FROM artifacts WHERE id = ? AND temporary IS NOT NULL', id);
  }

  placing(): readonly PlacingArtifact[] {
    const sql = `SELECT ${readable(PLACING_COLUMNS)} FROM artifacts WHERE temporary IS NOT NULL ORDER BY at, id`;
    return this.database.all(sql).map(placingOf);
  }

  get(id: string): Artifact | null {
    const row = this.database.get(`${KEPT} AND id = ?`, id);
    return row && artifactOf(row);
  }

  /** In the order of shards. */
  ofRun(id: RunId, limit: number): readonly Artifact[] {
    const sql = `${KEPT} AND run_id = ? ORDER BY stage, shard, at, id LIMIT ?`;
    return this.database.all(sql, id, limit).map(artifactOf);
  }

  countOf(id: RunId): number {
    const sql = 'SELECT count(*) AS artifacts FROM artifacts WHERE temporary IS NULL AND run_id = ?';
    const row = this.database.get(sql, id);
    return row === null ? 0 : numberIn(row, 'artifacts');
  }

  /** @throws EnsembleError('bad-argument') for a cursor that is none of ours */
  page(query: ArtifactQuery): { readonly artifacts: readonly Artifact[]; readonly next: string | null } {
    const conditions = [...conditionsOf(query.filter), ...afterCursor(query.cursor)];
    const where = conditions.map(({ sql }) => ` AND ${sql}`).join('');
    const values = conditions.flatMap((condition) => condition.values);
    // One more than asked for tells whether there is a next page.
    const sql = `${KEPT}${where} ORDER BY at DESC, id DESC LIMIT ?`;
    const found = this.database.all(sql, ...values, query.limit + 1).map(artifactOf);
    const artifacts = found.slice(0, query.limit);
    const last = artifacts.at(-1);
    return {
      artifacts,
      next: found.length > query.limit && last !== undefined ? `${last.at}~${last.id}` : null,
    };
  }
}

interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

function conditionsOf(filter: GalleryFilter): readonly Condition[] {
  const conditions: Condition[] = [];
  if (!filter.previews) conditions.push({ sql: 'preview = 0', values: [] });
  if (filter.runId !== null) conditions.push({ sql: 'run_id = ?', values: [filter.runId] });
  if (filter.instanceId !== null) conditions.push({ sql: 'instance_id = ?', values: [filter.instanceId] });
  if (filter.since !== null) conditions.push({ sql: 'at >= ?', values: [filter.since] });
  if (filter.until !== null) conditions.push({ sql: 'at <= ?', values: [filter.until] });
  if (filter.name !== null && filter.name !== '') {
    conditions.push({ sql: 'instr(run_name_lower, ?) > 0', values: [filter.name.toLowerCase()] });
  }
  return conditions;
}

function afterCursor(cursor: string | null): readonly Condition[] {
  if (cursor === null) return [];
  const [, at, id] = CURSOR.exec(cursor) ?? [];
  if (at === undefined || id === undefined) {
    throw EnsembleError.badArgument('cursor', 'This is no place in the gallery.', 'Begin at the first page.');
  }
  return [{ sql: '(at, id) < (?, ?)', values: [Number(at), id] }];
}
