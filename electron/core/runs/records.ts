import type { InstanceId, MasterMode } from '../../../shared/model.ts';
import type {
  Artifact,
  Attempt,
  GalleryFilter,
  PlanKind,
  RunId,
  RunOptions,
  RunStatus,
  ShardError,
  ShardStatus,
} from '../../../shared/runs.ts';

/** What the journal keeps. */

export interface RunRecord {
  readonly id: RunId;
  readonly name: string;
  /** The text that was submitted, unchanged. */
  readonly workflow: string;
  readonly options: RunOptions;
  /** Exact JSON of the compiled plan: after a restart the same shards go on, whatever the servers then offer. */
  readonly plan: string;
  readonly kind: PlanKind;
  readonly status: RunStatus;
  readonly mode: MasterMode;
  readonly modeReason: string;
  /** Instances that were chosen at submit, in order. */
  readonly participants: readonly { readonly id: InstanceId; readonly name: string }[];
  /** Everyone who may compute a shard, those who were not up at submit included. */
  readonly candidates: readonly InstanceId[];
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly order: number;
  readonly error: string | null;
  readonly warnings: readonly string[];
}

/** A run without its two large texts, for lists. */
export type RunHead = Omit<RunRecord, 'workflow' | 'plan'>;

export interface ShardRecord {
  readonly runId: RunId;
  readonly stage: 1 | 2;
  readonly index: number;
  readonly status: ShardStatus;
  readonly seed: string | null;
  readonly error: ShardError | null;
}

/** Learned seconds per unit of one instance on one workflow. */
export interface SpeedRecord {
  readonly instanceId: InstanceId;
  readonly workflow: string;
  readonly secondsPerUnit: number;
  readonly samples: number;
  readonly updatedAt: number;
}

/** A file on its way into the output folder: written aside and journaled before it gets its final name. */
export interface PlacingArtifact extends Artifact {
  readonly sha256: string;
  /** The file aside, to be moved to `path`. */
  readonly temporary: string;
  /** Of one shard's output: makes a second placing of the same file impossible. */
  readonly outputKey: string;
}

/** One output of one shard: no two artifacts have the same. */
export type OutputKey = Pick<PlacingArtifact, 'runId' | 'stage' | 'shard' | 'outputKey'>;

/** What a list shows of a run beside its record. */
export interface RunDigest {
  readonly shards: Readonly<Record<ShardStatus, number>>;
  readonly shardCount: number;
  readonly secondStage: boolean;
  /** Of the first and the last shard of the first stage. */
  readonly seedFirst: string | null;
  readonly seedLast: string | null;
  readonly artifactCount: number;
  /** The first ones in the order of shards. */
  readonly firstArtifacts: readonly Artifact[];
}

/** What a commit survives: the end of this process at any moment, or the end of the whole machine too. */
export type Durability = 'crash' | 'power-cut';

/** An unfinished run as it was left. */
export interface OpenRun {
  readonly run: RunRecord;
  readonly shards: readonly ShardRecord[];
  readonly attempts: readonly Attempt[];
}

export interface ArtifactQuery {
  readonly filter: GalleryFilter;
  readonly cursor: string | null;
  readonly limit: number;
}

/**
 * The durable memory of all runs. Every method commits before it returns, so that nothing is lost when this process is
 * killed. What recovery cannot find out again (new runs, shards, attempts and placings, removals) also survives a power cut;
 * later states of those may then be the ones before. Throws EnsembleError('disk-full' | 'internal') with words; a corrupted
 * database is set aside on open, never deleted.
 */
export interface Journal {
  /** Words about what was mended on opening; empty when all was well. */
  readonly problems: readonly string[];

  /**
   * Commits everything that `work` writes at once, or none of it when it throws. `work` must not wait.
   * @param survives 'crash' where recovery can find all of it out again: it spares waiting for the disk
   */
  together<T>(work: () => T, survives?: Durability): T;

  addRun(run: RunRecord, shards: readonly ShardRecord[]): void;
  updateRun(
    id: RunId,
    change: Partial<
      Pick<
        RunRecord,
        'status' | 'mode' | 'modeReason' | 'startedAt' | 'endedAt' | 'order' | 'error' | 'warnings'
      >
    >,
  ): void;
  /** Adds shards of a second stage. */
  addShards(shards: readonly ShardRecord[]): void;
  updateShard(
    key: Pick<ShardRecord, 'runId' | 'stage' | 'index'>,
    change: Partial<Pick<ShardRecord, 'status' | 'error'>>,
  ): void;
  addAttempt(attempt: Attempt): void;
  updateAttempt(
    id: string,
    change: Partial<
      Pick<Attempt, 'startedAt' | 'sampledAt' | 'fetchedAt' | 'endedAt' | 'outcome' | 'reason'>
    >,
  ): void;

  /** This output is here already, or on its way. */
  hasOutput(key: OutputKey): boolean;
  /** @returns false when this output is already kept or being placed: it must not be placed again */
  beginPlacing(artifact: PlacingArtifact): boolean;
  /** Final name chosen (again, after a collision). */
  movePlacing(id: string, path: string, name: string): void;
  endPlacing(id: string): void;
  dropPlacing(id: string): void;
  /** Left by a crash. */
  placing(): readonly PlacingArtifact[];

  openRuns(): readonly OpenRun[];
  run(id: RunId): RunRecord | null;
  shards(id: RunId, limit: number): readonly ShardRecord[];
  attempts(id: RunId): readonly Attempt[];
  /** Of all runs, finished ones too: an earlier life did not see their end. */
  openAttempts(): readonly Attempt[];
  artifactsOf(id: RunId): readonly Artifact[];
  artifact(id: string): Artifact | null;
  artifacts(query: ArtifactQuery): { readonly artifacts: readonly Artifact[]; readonly next: string | null };
  /** Finished runs that were created before this time, newest first. */
  finishedRuns(before: number | null, limit: number): readonly RunHead[];
  /** @param pictures how many of the first artifacts are wanted */
  digest(id: RunId, pictures: number): RunDigest;
  /** Its artifacts stay: they are in the gallery as long as their files are. */
  removeRun(id: RunId): void;

  speeds(): readonly SpeedRecord[];
  saveSpeed(speed: SpeedRecord): void;
  /** Small settings of the queue, e.g. "paused". */
  setting(key: string): string | null;
  setSetting(key: string, value: string): void;

  /** Forgets finished runs beyond these limits; files stay. @returns the ids that are gone */
  prune(limits: { readonly maxRuns: number; readonly olderThan: number }): readonly RunId[];
  close(): void;
}
