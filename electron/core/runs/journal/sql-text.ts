import type { SqlValue } from './database.ts';

/** "?, ?, ?" for a list of columns. */
export function marks(columns: string): string {
  return columns.replace(/[^,]+/g, ' ?').trim();
}

/** Columns that hold no text. */
const NUMBERS = new Set(
  (
    'stage shard number backup preview bytes width height seconds at queue_order samples seconds_per_unit ' +
    'created_at started_at ended_at dispatched_at sampled_at fetched_at updated_at'
  ).split(' '),
);

/**
 * Columns for a SELECT. Texts come as bytes, as "name_utf8": a text that is not UTF-8, as a damaged file may have, makes
 * the native module end the process. The other name keeps ORDER BY on the column and its index.
 */
export function readable(columns: string): string {
  const each = columns
    .split(', ')
    .map((name) => (NUMBERS.has(name) ? name : `CAST(${name} AS BLOB) AS ${name}_utf8`));
  return each.join(', ');
}

export interface Assignments {
  /** "status = ?, ended_at = ?"; empty when nothing changes. */
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/**
 * The SET part for what a change names.
 * @param columns property → column; properties that it lacks are left out
 */
export function assignments(
  change: Readonly<Record<string, SqlValue | undefined>>,
  columns: Readonly<Record<string, string>>,
): Assignments {
  const parts: string[] = [];
  const values: SqlValue[] = [];
  for (const [property, column] of Object.entries(columns)) {
    const value = change[property];
    if (value === undefined) continue;
    parts.push(`${column} = ?`);
    values.push(value);
  }
  return { sql: parts.join(', '), values };
}
