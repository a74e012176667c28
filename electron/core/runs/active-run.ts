import type { InstanceId } from '../../../shared/model.ts';
import type { Artifact, Attempt, RunSummary, Shard, ShardError, ShardStatus } from '../../../shared/runs.ts';
import type { ApiPrompt } from '../comfy/prompt.ts';
import type { Plan, ShardOutput } from '../graph/plan.ts';
import type { RunRecord, ShardRecord } from './records.ts';
import type { RunInputs } from './run-inputs.ts';
import { countsOf, summaryOf, THUMBNAILS, thumbnailsOf } from './run-summary.ts';

const ATTEMPTS_SHOWN = 10;

/** Where a running shard is, as its server tells; not journaled. */
export interface ShardProgress {
  readonly node: string | null;
  readonly step: number | null;
  readonly steps: number | null;
  readonly preview: number;
}

const NO_PROGRESS: ShardProgress = { node: null, step: null, steps: null, preview: 0 };

/** One shard of an unfinished run in memory. */
export class ActiveShard {
  #status: ShardStatus;
  error: ShardError | null;
  attempts: Attempt[] = [];
  progress: ShardProgress = NO_PROGRESS;
  /** How often its server went down while it ran there: a prompt that takes every server with it must end. */
  fatalLosses = 0;
  /** How often it was tried elsewhere after an error that was the worker's. */
  retries = 0;
  /** Attempts before a person said to try again. */
  #forgiven = 0;
  /** How often its files have to be saved under another name, past the cache of a server that lost them. */
  saves = 0;

  constructor(
    readonly run: ActiveRun,
    readonly stage: 1 | 2,
    readonly index: number,
    readonly seed: string | null,
    record: Pick<ShardRecord, 'status' | 'error'> | null = null,
  ) {
    this.#status = record?.status ?? 'queued';
    this.error = record?.error ?? null;
  }

  get status(): ShardStatus {
    return this.#status;
  }

  set status(status: ShardStatus) {
    this.run.recount(this.#status, status);
    this.#status = status;
  }

  get key(): Pick<ShardRecord, 'runId' | 'stage' | 'index'> {
    return { runId: this.run.id, stage: this.stage, index: this.index };
  }

  get workId(): string {
    return `${this.run.id}/${this.stage}/${this.index}`;
  }

  get isOver(): boolean {
    return this.status === 'done' || this.status === 'failed' || this.status === 'cancelled';
  }

  record(): ShardRecord {
    return { ...this.key, status: this.status, seed: this.seed, error: this.error };
  }

  snapshot(): Shard {
    return {
      ...this.record(),
      ...this.progress,
      instanceId: this.currentInstance(),
      attempts: this.attempts.slice(-ATTEMPTS_SHOWN),
    };
  }

  /** Where it computes now, or who made it in the end. */
  currentInstance(): InstanceId | null {
    const open = this.attempts.findLast(({ endedAt }) => endedAt === null);
    return (open ?? this.attempts.findLast(({ outcome }) => outcome === 'done'))?.instanceId ?? null;
  }

  /** An attempt out of the journal. */
  recall(attempt: Attempt): void {
    this.attempts.push(attempt);
    const { outcome, startedAt, fetchedAt } = attempt;
    // What was lost on its way home had left its server in good health.
    if (outcome === 'lost' && startedAt !== null && fetchedAt === null) this.fatalLosses += 1;
  }

  /** A person wants it tried again, as often as a new one. */
  forgive(): void {
    this.fatalLosses = 0;
    this.#forgiven = this.attempts.length;
  }

  get tries(): number {
    return this.attempts.length - this.#forgiven;
  }

  changeAttempt(id: string, change: Partial<Attempt>): Attempt | null {
    const index = this.attempts.findIndex((attempt) => attempt.id === id);
    const before = this.attempts[index];
    if (before === undefined) return null;
    const after = { ...before, ...change };
    this.attempts[index] = after;
    return after;
  }

  clearProgress(): void {
    this.progress = NO_PROGRESS;
  }
}

/** One unfinished run in memory: what is journaled of it, and what is only shown. */
export class ActiveRun {
  readonly shards: readonly ActiveShard[];
  secondStage: ActiveShard | null = null;
  readonly artifacts: Artifact[];
  readonly #counts: Record<ShardStatus, number>;
  #record: RunRecord;
  #thumbnails: RunSummary['thumbnails'] = [];
  /** Instances that may compute its shards; one array for all of them. */
  eligible: readonly InstanceId[];
  /** What its shards load; empty while nobody has looked. */
  inputs: RunInputs = new Map();
  /** What the second pass runs, once everything is gathered. */
  secondPass: {
    readonly prompt: ApiPrompt;
    readonly outputs: readonly ShardOutput[];
    readonly digest: string;
  } | null = null;
  secondStageJournaled = false;
  isCancelled = false;
  /** Why the next of its waiting shards is on no GPU yet; null while nothing is known. */
  waits: string | null = null;
  /** What instances are known to lack for it, in words. */
  readonly unable = new Map<InstanceId, string>();

  constructor(
    record: RunRecord,
    readonly plan: Plan,
    /** UI-format graph for the pictures' metadata; null for API prompts. */
    readonly pngInfo: unknown,
    known: {
      readonly shards: readonly ShardRecord[];
      readonly attempts: readonly Attempt[];
      readonly artifacts: readonly Artifact[];
    } = { shards: [], attempts: [], artifacts: [] },
  ) {
    this.#record = record;
    this.eligible = record.candidates;
    const first = new Map(known.shards.filter(({ stage }) => stage === 1).map((one) => [one.index, one]));
    this.shards = plan.shards.map(
      ({ index, seed }) =>
        new ActiveShard(this, 1, index, seed?.toString() ?? null, first.get(index) ?? null),
    );
    const second = known.shards.find(({ stage }) => stage === 2);
    if (second !== undefined) this.secondStage = new ActiveShard(this, 2, 0, null, second);
    this.secondStageJournaled = second !== undefined;
    for (const attempt of known.attempts) this.shard(attempt.stage, attempt.shard)?.recall(attempt);
    this.artifacts = [...known.artifacts];
    this.#counts = countsOf(this.allShards);
    this.#chooseThumbnails();
  }

  get id(): string {
    return this.#record.id;
  }

  get record(): RunRecord {
    return this.#record;
  }

  get allShards(): readonly ActiveShard[] {
    return this.secondStage === null ? this.shards : [...this.shards, this.secondStage];
  }

  shard(stage: 1 | 2, index: number): ActiveShard | null {
    return (stage === 1 ? this.shards[index] : this.secondStage) ?? null;
  }

  change(change: Partial<RunRecord>): void {
    this.#record = { ...this.#record, ...change };
  }

  addArtifact(artifact: Artifact): void {
    this.artifacts.push(artifact);
    const full = this.#thumbnails.length === THUMBNAILS;
    if (!full || artifact.stage === 2 || artifact.shard < (this.#thumbnails.at(-1)?.shard ?? 0)) {
      this.#chooseThumbnails();
    }
  }

  /** The second pass, once everything is gathered. */
  addSecondStage(): ActiveShard {
    const shard = new ActiveShard(this, 2, 0, null);
    this.secondStage = shard;
    this.#counts.queued += 1;
    return shard;
  }

  recount(from: ShardStatus, to: ShardStatus): void {
    this.#counts[from] -= 1;
    this.#counts[to] += 1;
  }

  /** Every shard of the first stage. */
  get isGathered(): boolean {
    const { done, failed, cancelled } = this.#counts;
    const second = this.secondStage?.isOver === true ? 1 : 0;
    return done + failed + cancelled - second === this.shards.length;
  }

  get counts(): RunSummary['shards'] {
    return this.#counts;
  }

  /** What a person calls a node of the workflow. */
  titleOf(nodeId: string): string {
    return Object.hasOwn(this.plan.titles, nodeId) ? (this.plan.titles[nodeId] ?? nodeId) : 'Collected';
  }

  /**
   * @param revision larger than that of every summary before
   * @param expectedEnd ms since the epoch; null while nothing is known
   */
  summary(revision: number, expectedEnd: number | null): RunSummary {
    return summaryOf(this.#record, {
      revision,
      shards: { ...this.#counts },
      secondStage: this.plan.secondStage !== null,
      shardCount: this.shards.length,
      seedFirst: this.shards[0]?.seed ?? null,
      seedLast: this.shards.at(-1)?.seed ?? null,
      expectedEnd,
      waits: this.#counts.queued === 0 ? null : this.waits,
      artifactCount: this.artifacts.length,
      thumbnails: this.#thumbnails,
    });
  }

  #chooseThumbnails(): void {
    this.#thumbnails = thumbnailsOf(this.artifacts);
  }
}
