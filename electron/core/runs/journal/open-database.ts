import { closeSync, existsSync, mkdirSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../../../shared/errors.ts';
import type { Clock } from '../../ports.ts';
import { Database } from './database.ts';
import { damageOf, isUnfit, journalError, UnusableFile, unwritable } from './journal-errors.ts';
import { APPLICATION_ID, definitionsOf, MIGRATIONS, migrate, numberOf } from './schema.ts';

const MAGIC = 'SQLite format 3\0';
/** The page size follows the magic, big-endian; 1 stands for 65,536. */
const HEAD_BYTES = MAGIC.length + 2;
/** Beside the database; both belong to it. */
const COMPANIONS = ['-wal', '-shm'] as const;
/** Checked on every start. The texts of runs are left out: they are by far the most, and each is read alone. */
const CHECKED_TABLES = ['runs', 'shards', 'attempts', 'artifacts', 'speeds', 'settings'];

/** Asks the next start to look closely: a quick look does not see every damage. */
export function suspect(file: string): void {
  try {
    closeSync(openSync(suspicionOf(file), 'a', 0o600));
  } catch {
    // Then the next start looks as quickly as ever.
  }
}

function suspicionOf(file: string): string {
  return `${file}.suspect`;
}

export interface OpenedDatabase {
  readonly database: Database;
  /** A sentence for each file that was set aside. */
  readonly problems: readonly string[];
}

/**
 * Opens the file, or begins it. One that is damaged, another program's or from a newer version is renamed beside itself.
 * @param verify reads what the caller relies on; when it throws for damage the file counts as damaged
 * @throws EnsembleError('disk-full' | 'settings-unwritable' | 'internal')
 */
export function openDatabase(
  file: string,
  clock: Clock,
  verify: (database: Database) => void,
): OpenedDatabase {
  const problems: string[] = [];
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const strange = strangeness(file);
    if (strange !== null) problems.push(setAside(file, strange, clock));
    // Made here because SQLite's own would be readable for everyone; what it puts beside it gets the same rights.
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw unwritable(error, file);
  }
  try {
    return { database: openChecked(file, verify), problems };
  } catch (error) {
    if (!isUnfit(error)) throw unwritable(error, file);
    problems.push(setAside(file, damageOf(error), clock));
  }
  try {
    closeSync(openSync(file, 'a', 0o600));
    return { database: openChecked(file, verify), problems };
  } catch (error) {
    throw unwritable(error, file);
  }
}

/** What can be seen without SQLite, so that a file that is none of its own is never opened: words, or null. */
function strangeness(file: string): string | null {
  if (!existsSync(file) || statSync(file).size === 0) {
    // SQLite would delete a log without its database.
    return sizeOf(`${file}-wal`) > 0 ? 'has lost its main file' : null;
  }
  const head = Buffer.alloc(HEAD_BYTES);
  const handle = openSync(file, 'r');
  try {
    readSync(handle, head, 0, head.length, 0);
  } finally {
    closeSync(handle);
  }
  if (head.toString('latin1', 0, MAGIC.length) !== MAGIC) return 'is not a database';
  const pageSize = head.readUInt16BE(MAGIC.length) === 1 ? 65_536 : head.readUInt16BE(MAGIC.length);
  // SQLite takes what is missing of the last page for zeros. A log may still hold the whole page.
  const isCut = pageSize > 0 && statSync(file).size % pageSize !== 0 && sizeOf(`${file}-wal`) === 0;
  return isCut ? 'is cut off' : null;
}

function openChecked(file: string, verify: (database: Database) => void): Database {
  const database = new Database(file);
  try {
    checkOwner(database);
    // auto_vacuum can only be chosen while there are no tables.
    database.exec('PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL');
    database.exec('PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = 16777216');
    migrate(database);
    if (definitionsOf(database) !== expectedDefinitions())
      throw new UnusableFile('has other tables than ours');
    const check = existsSync(suspicionOf(file)) ? 'integrity_check' : 'quick_check';
    for (const table of CHECKED_TABLES) checkTable(database, check, table);
    verify(database);
    rmSync(suspicionOf(file), { force: true });
    return database;
  } catch (error) {
    database.abandon();
    throw error;
  }
}

function checkOwner(database: Database): void {
  const version = numberOf(database.get('PRAGMA user_version'), 'user_version');
  const owner = numberOf(database.get('PRAGMA application_id'), 'application_id');
  const tables = numberOf(database.get('SELECT count(*) AS tables FROM sqlite_master'), 'tables');
  if (owner !== APPLICATION_ID && (owner !== 0 || tables > 0 || version > 0)) {
    throw new UnusableFile('belongs to another program');
  }
  if (version > MIGRATIONS.length) throw new UnusableFile('was written by a newer Comfy Ensemble');
}

function checkTable(database: Database, check: 'quick_check' | 'integrity_check', table: string): void {
  const found = database.get(`PRAGMA ${check}(${table})`)?.[check];
  if (found !== 'ok') throw new UnusableFile(`is damaged (${String(found)})`);
}

function expectedDefinitions(): string {
  const fresh = new Database(':memory:');
  try {
    migrate(fresh);
    return definitionsOf(fresh);
  } finally {
    fresh.close();
  }
}

/** The main file goes first: a crash in between leaves a log without it, which the next start sets aside as well. */
function setAside(file: string, why: string, clock: Clock): string {
  const time = new Date(clock.now()).toISOString().replace(/[-:]|\.\d+/g, '');
  let aside = `${file}.broken-${time}`;
  for (let n = 2; ['', ...COMPANIONS].some((end) => existsSync(aside + end)); n += 1) {
    aside = `${file}.broken-${time}-${n}`;
  }
  try {
    for (const end of ['', ...COMPANIONS]) if (existsSync(file + end)) renameSync(file + end, aside + end);
  } catch (error) {
    throw journalError(new UnusableFile(`${why} and could not be set aside: ${messageOf(error)}`), file);
  }
  const name = path.basename(aside);
  return `The record of runs ${why}. It was set aside as ${name} and a new one was begun; files of earlier runs stay where they are.`;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
