import Libsql from 'libsql';
import type { Durability } from '../records.ts';

export type SqlValue = string | number | bigint | null;
export type Row = Readonly<Record<string, unknown>>;

/** How long another process may hold the file, ms. */
const BUSY_MS = 5_000;

type Statement = ReturnType<Libsql.Database['prepare']>;

/** One SQLite file. Statements are prepared once per text; texts must come from a small, fixed set. */
export class Database {
  readonly #native: Libsql.Database;
  readonly #statements = new Map<string, Statement>();
  #durability: Durability | null = null;
  #inTransaction = false;
  #isOpen = true;

  /** @throws SqliteError, or an Error without a code when the file cannot be opened at all */
  constructor(readonly file: string) {
    this.#native = new Libsql(file, { timeout: BUSY_MS });
  }

  /** @returns the number of rows that it changed */
  run(sql: string, ...values: readonly SqlValue[]): number {
    return this.#prepared(sql).run(bindable(values)).changes;
  }

  get(sql: string, ...values: readonly SqlValue[]): Row | null {
    const row: unknown = this.#prepared(sql).get(bindable(values));
    return isRow(row) ? row : null;
  }

  all(sql: string, ...values: readonly SqlValue[]): readonly Row[] {
    return this.#prepared(sql).all(bindable(values)).filter(isRow);
  }

  exec(sql: string): void {
    this.#native.exec(sql);
  }

  /** Commits what `work` writes when it returns, and nothing of it when it throws. Inside another one it is part of that. */
  transaction<T>(durability: Durability, work: () => T): T {
    if (this.#inTransaction) return work();
    this.#require(durability);
    this.exec('BEGIN IMMEDIATE');
    this.#inTransaction = true;
    try {
      const result = work();
      this.exec('COMMIT');
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    } finally {
      this.#inTransaction = false;
    }
  }

  /** Idempotent. Folds the log into the file, so that one file holds everything. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#statements.clear();
    try {
      this.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // A full or broken disk: what is in the log stays there and is found on the next start.
    }
    this.#native.close();
  }

  /** Closes a file that is not ours or damaged, leaving it as it is. */
  abandon(): void {
    this.#isOpen = false;
    this.#statements.clear();
    this.#native.close();
  }

  #require(durability: Durability): void {
    if (this.#durability === durability) return;
    this.exec(`PRAGMA synchronous = ${durability === 'power-cut' ? 'FULL' : 'NORMAL'}`);
    this.#durability = durability;
  }

  #rollBack(): void {
    try {
      this.exec('ROLLBACK');
    } catch {
      // SQLite rolls back by itself on a full disk; the first error is the one to tell.
    }
  }

  #prepared(sql: string): Statement {
    if (!this.#isOpen) throw new Error('The database is closed');
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#native.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** The native module ends the process over a value of another type, and reads texts only up to a NUL. */
function bindable(values: readonly SqlValue[]): SqlValue[] {
  return values.map((value) => {
    if (typeof value === 'string') return value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value;
    if (value === null || typeof value === 'bigint' || Number.isFinite(value)) return value;
    throw new TypeError(`A database cannot hold ${String(value)}`);
  });
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}
