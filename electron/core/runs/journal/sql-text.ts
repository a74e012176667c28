import type { SqlValue } from './database.ts';

/** "?, ?, ?" for a list of columns. */
export function marks(columns: string): string {
  return columns.replace(/[^,]+/g, ' ?').trim();
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
