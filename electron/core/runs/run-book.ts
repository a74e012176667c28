import type {
  Artifact,
  Attempt,
  QueueState,
  RunId,
  RunSummary,
  Shard,
  ShardError,
  ShardStatus,
} from '../../../shared/runs.ts';
import type { ActiveRun, ActiveShard } from './active-run.ts';
import type { Durability, Journal } from './records.ts';
import type { FeedSource, RunFeed } from './run-feed.ts';

export interface RunBookDeps {
  readonly journal: Journal;
  readonly feed: RunFeed;
  readonly queue: () => QueueState;
  readonly expectedEnd: (id: RunId) => number | null;
  /** Grows with every call, over restarts too. */
  readonly nextRevision: () => number;
}

/**
 * The unfinished runs. Every change goes through here: to the journal first, then to memory, then to whoever looks on.
 */
export class RunBook implements FeedSource {
  readonly #runs = new Map<RunId, ActiveRun>();
  readonly #dirtyRuns = new Set<ActiveRun>();
  readonly #dirtyShards = new Set<ActiveShard>();

  constructor(private readonly deps: RunBookDeps) {}

  get all(): readonly ActiveRun[] {
    return [...this.#runs.values()];
  }

  find(id: RunId): ActiveRun | null {
    return this.#runs.get(id) ?? null;
  }

  /** Already journaled: from here on it is followed. */
  add(run: ActiveRun): void {
    this.#runs.set(run.id, run);
    this.#touchRun(run);
  }

  /** It is finished: the journal has it all. */
  drop(run: ActiveRun): void {
    this.#runs.delete(run.id);
    this.deps.feed.flush(this);
  }

  /** All of it in one commit, or none of it: then the shards are where they were. */
  together(shards: readonly ActiveShard[], write: () => void, survives?: Durability): void {
    const before = shards.map(({ status }) => status);
    try {
      this.deps.journal.together(write, survives);
    } catch (error) {
      for (const [index, shard] of shards.entries()) shard.status = before[index] ?? shard.status;
      throw error;
    }
  }

  changeRun(run: ActiveRun, change: Parameters<Journal['updateRun']>[1]): void {
    this.deps.journal.updateRun(run.id, change);
    run.change(change);
    this.#touchRun(run);
  }

  warn(run: ActiveRun, sentence: string): void {
    const { warnings } = run.record;
    if (!warnings.includes(sentence)) this.changeRun(run, { warnings: [...warnings, sentence] });
  }

  /** Only shown: why its next shard waits. */
  tellWait(run: ActiveRun, sentence: string | null): void {
    if (run.waits === sentence) return;
    run.waits = sentence;
    this.#touchRun(run);
  }

  addSecondStage(run: ActiveRun): ActiveShard {
    const shard = run.secondStage ?? run.addSecondStage();
    if (!run.secondStageJournaled) {
      this.deps.journal.addShards([shard.record()]);
      run.secondStageJournaled = true;
    }
    this.#touchShard(shard);
    return shard;
  }

  /** `dispatched`, `running` and `fetching` are not journaled: the open attempt says as much. */
  changeShard(shard: ActiveShard, status: ShardStatus, error: ShardError | null = null): void {
    const lasting = status === 'queued' || shard.isOver ? shard.status !== status : isOver(status);
    if (lasting) this.deps.journal.updateShard(shard.key, { status, error });
    shard.status = status;
    shard.error = error;
    if (status === 'queued' || isOver(status)) shard.clearProgress();
    this.#touchShard(shard);
  }

  progress(shard: ActiveShard, progress: ActiveShard['progress']): void {
    shard.progress = progress;
    if (this.#current(shard.run) !== shard.run) return;
    this.#dirtyShards.add(shard);
    this.deps.feed.schedule(this);
  }

  addAttempt(shard: ActiveShard, attempt: Attempt): void {
    this.deps.journal.addAttempt(attempt);
    shard.attempts.push(attempt);
    this.#touchShard(shard);
  }

  /** Times are only shown until the attempt ends; then all of them are journaled at once. */
  noteAttempt(shard: ActiveShard, id: string, change: Partial<Attempt>): void {
    shard.changeAttempt(id, change);
    this.#touchShard(shard);
  }

  endAttempt(
    shard: ActiveShard,
    id: string,
    end: Pick<Attempt, 'endedAt' | 'outcome' | 'reason'>,
  ): Attempt | null {
    const attempt = shard.changeAttempt(id, end);
    if (attempt === null) return null;
    const { startedAt, sampledAt, fetchedAt } = attempt;
    this.deps.journal.updateAttempt(id, { startedAt, sampledAt, fetchedAt, ...end });
    const current = this.#current(shard.run).shard(shard.stage, shard.index);
    if (current !== null && current !== shard) {
      current.changeAttempt(id, attempt);
      this.#touchShard(current);
    }
    this.#touchShard(shard);
    return attempt;
  }

  addArtifact(run: ActiveRun, artifact: Artifact): void {
    const current = this.#current(run);
    const isKnown = current !== run && current.artifacts.some(({ id }) => id === artifact.id);
    if (!isKnown) current.addArtifact(artifact);
    this.deps.feed.artifact(artifact);
    this.#touchRun(current);
  }

  /** What an attempt of the run's cancelled life brought home after this life had been read is in the journal alone. */
  catchUp(run: ActiveRun): void {
    const known = new Set(run.artifacts.map(({ id }) => id));
    for (const artifact of this.deps.journal.artifactsOf(run.id)) {
      if (!known.has(artifact.id)) run.addArtifact(artifact);
    }
  }

  touchQueue(): void {
    this.deps.feed.schedule(this);
  }

  // ── What the feed asks ──

  runs(): readonly RunSummary[] {
    const changed = [...this.#dirtyRuns].map((run) => this.summary(run));
    this.#dirtyRuns.clear();
    return changed;
  }

  shards(): readonly Shard[] {
    const changed = [...this.#dirtyShards].map((shard) => shard.snapshot());
    this.#dirtyShards.clear();
    return changed;
  }

  queue(): QueueState {
    return this.deps.queue();
  }

  summary(run: ActiveRun): RunSummary {
    return run.summary(this.deps.nextRevision(), this.deps.expectedEnd(run.id));
  }

  /** Attempts of a run that was cancelled may still end when a person has begun it anew already. */
  #current(run: ActiveRun): ActiveRun {
    return this.#runs.get(run.id) ?? run;
  }

  #touchShard(shard: ActiveShard): void {
    if (this.#current(shard.run) !== shard.run) return;
    this.#dirtyShards.add(shard);
    this.#touchRun(shard.run);
  }

  #touchRun(run: ActiveRun): void {
    this.#dirtyRuns.add(run);
    this.deps.feed.schedule(this);
  }
}

function isOver(status: ShardStatus): boolean {
  return status === 'done' || status === 'failed' || status === 'cancelled';
}
