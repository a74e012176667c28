import type { Artifact, Attempt, RunId } from '../../../../shared/runs.ts';
import type { Clock, Logger } from '../../ports.ts';
import type {
  ArtifactQuery,
  Durability,
  Journal,
  OpenRun,
  OutputKey,
  PlacingArtifact,
  RunDigest,
  RunHead,
  RunRecord,
  ShardRecord,
  SpeedRecord,
} from '../records.ts';
import { ArtifactTable } from './artifact-table.ts';
import type { Database } from './database.ts';
import { codeOf, isCorrupt, journalError, UnusableFile } from './journal-errors.ts';
import { openDatabase, suspect } from './open-database.ts';
import { maybeText, SPEED_COLUMNS, speedOf } from './rows.ts';
import { RunTable } from './run-table.ts';
import { ShardTable } from './shard-table.ts';
import { readable } from './sql-text.ts';

/** Nobody shows more of one run. */
const MOST_ARTIFACTS = 100_000;

/**
 * Opens the record of runs, or begins it. A file that cannot be read is set aside with a sentence in `problems`.
 * @throws EnsembleError('disk-full' | 'settings-unwritable' | 'internal') when there can be no database here
 */
export function openJournal(file: string, deps: { readonly clock: Clock; readonly logger: Logger }): Journal {
  const { database, problems } = openDatabase(file, deps.clock, readOpenRuns);
  for (const problem of problems) deps.logger.error(problem, { file });
  return new SqliteJournal(database, problems);
}

/** What the next start depends on must be readable now, while the file can still be set aside. */
function readOpenRuns(database: Database): void {
  const journal = new SqliteJournal(database, []);
  try {
    journal.readOpenRuns();
  } catch (error) {
    if (error instanceof SyntaxError) throw new UnusableFile(`is damaged (${error.message})`);
    throw error;
  }
}

class SqliteJournal implements Journal {
  readonly #runs: RunTable;
  readonly #shards: ShardTable;
  readonly #artifacts: ArtifactTable;

  constructor(
    private readonly database: Database,
    readonly problems: readonly string[],
  ) {
    this.#runs = new RunTable(database);
    this.#shards = new ShardTable(database);
    this.#artifacts = new ArtifactTable(database);
  }

  together<T>(work: () => T, survives: Durability = 'power-cut'): T {
    try {
      return this.database.transaction(survives, work);
    } catch (error) {
      // What the caller's own work throws is its own affair.
      throw codeOf(error).startsWith('SQLITE_') ? journalError(error, this.database.file) : error;
    }
  }

  addRun(run: RunRecord, shards: readonly ShardRecord[]): void {
    this.#write('power-cut', () => {
      this.#runs.add(run);
      this.#shards.add(shards);
    });
  }

  updateRun(id: RunId, change: Parameters<Journal['updateRun']>[1]): void {
    this.#write('crash', () => this.#runs.update(id, change));
  }

  addShards(shards: readonly ShardRecord[]): void {
    this.#write('power-cut', () => this.#shards.add(shards));
  }

  updateShard(...[key, change]: Parameters<Journal['updateShard']>): void {
    this.#write('crash', () => this.#shards.update(key, change));
  }

  addAttempt(attempt: Attempt): void {
    this.#write('power-cut', () => this.#shards.addAttempt(attempt));
  }

  updateAttempt(...[id, change]: Parameters<Journal['updateAttempt']>): void {
    this.#write('crash', () => this.#shards.updateAttempt(id, change));
  }

  hasOutput(key: OutputKey): boolean {
    return this.#read(() => this.#artifacts.has(key));
  }

  beginPlacing(artifact: PlacingArtifact): boolean {
    return this.#write('power-cut', () => this.#artifacts.begin(artifact));
  }

  movePlacing(id: string, path: string, name: string): void {
    // Before the file gets this name: after a power cut it would be found under a name that nobody knows.
    this.#write('power-cut', () => this.#artifacts.move(id, path, name));
  }

  endPlacing(id: string): void {
    this.#write('crash', () => this.#artifacts.end(id));
  }

  dropPlacing(id: string): void {
    this.#write('crash', () => this.#artifacts.drop(id));
  }

  placing(): readonly PlacingArtifact[] {
    return this.#read(() => this.#artifacts.placing());
  }

  openRuns(): readonly OpenRun[] {
    return this.#read(() => this.readOpenRuns());
  }

  /** The same with the errors as they come. */
  readOpenRuns(): readonly OpenRun[] {
    return this.#runs.open().map((run) => ({
      run,
      shards: this.#shards.of(run.id, Number.MAX_SAFE_INTEGER),
      attempts: this.#shards.attemptsOf(run.id),
    }));
  }

  run(id: RunId): RunRecord | null {
    return this.#read(() => this.#runs.get(id));
  }

  shards(id: RunId, limit: number): readonly ShardRecord[] {
    return this.#read(() => this.#shards.of(id, limit));
  }

  attempts(id: RunId): readonly Attempt[] {
    return this.#read(() => this.#shards.attemptsOf(id));
  }

  openAttempts(): readonly Attempt[] {
    return this.#read(() => this.#shards.openAttempts());
  }

  artifactsOf(id: RunId): readonly Artifact[] {
    return this.#read(() => this.#artifacts.ofRun(id, MOST_ARTIFACTS));
  }

  artifact(id: string): Artifact | null {
    return this.#read(() => this.#artifacts.get(id));
  }

  artifacts(query: ArtifactQuery): ReturnType<Journal['artifacts']> {
    return this.#read(() => this.#artifacts.page(query));
  }

  finishedRuns(before: number | null, limit: number): readonly RunHead[] {
    return this.#read(() => this.#runs.finished(before, limit));
  }

  digest(id: RunId, pictures: number): RunDigest {
    return this.#read(() => ({
      ...this.#shards.digest(id),
      artifactCount: this.#artifacts.countOf(id),
      firstArtifacts: this.#artifacts.ofRun(id, pictures),
    }));
  }

  removeRun(id: RunId): void {
    this.#write('power-cut', () => this.#runs.remove(id));
  }

  speeds(): readonly SpeedRecord[] {
    return this.#read(() => this.database.all(`SELECT ${readable(SPEED_COLUMNS)} FROM speeds`).map(speedOf));
  }

  saveSpeed(speed: SpeedRecord): void {
    const sql = `INSERT OR REPLACE INTO speeds (instance_id, workflow, seconds_per_unit, samples, updated_at)
      VALUES (?, ?, ?, ?, ?)`;
    const { instanceId, workflow, secondsPerUnit, samples, updatedAt } = speed;
    this.#write('crash', () =>
      this.database.run(sql, instanceId, workflow, secondsPerUnit, samples, updatedAt),
    );
  }

  setting(key: string): string | null {
    const row = this.#read(() =>
      this.database.get(`SELECT ${readable('value')} FROM settings WHERE key = ?`, key),
    );
    return row && maybeText(row, 'value');
  }

  setSetting(key: string, value: string): void {
    const sql = 'INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)';
    this.#write('power-cut', () => this.database.run(sql, key, value));
  }

  prune(limits: Parameters<Journal['prune']>[0]): readonly RunId[] {
    const gone = this.#write('power-cut', () => {
      const ids = this.#runs.beyond(limits);
      for (const id of ids) this.#runs.remove(id);
      return ids;
    });
    // Gives the space back to the disk.
    if (gone.length > 0) this.#read(() => this.database.exec('PRAGMA incremental_vacuum'));
    return gone;
  }

  close(): void {
    this.database.close();
  }

  #write<T>(durability: Durability, work: () => T): T {
    return this.#read(() => this.database.transaction(durability, work));
  }

  #read<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (isCorrupt(error)) suspect(this.database.file);
      throw journalError(error, this.database.file);
    }
  }
}
