import type { Artifact, QueueState, RunId, RunSummary, RunsChange, Shard } from '../../../shared/runs.ts';
import { paceAfter } from '../feed-pace.ts';
import { type Clock, Emitter } from '../ports.ts';

/** Changes within this many ms become one message: a hundred shards that step must not become a thousand events. */
export const FEED_INTERVAL_MS = 80;

export interface FeedSource {
  readonly runs: () => readonly RunSummary[];
  readonly shards: () => readonly Shard[];
  readonly queue: () => QueueState;
}

/** Tells the interfaces what changed in runs; outlives the fleets whose services feed it. */
export class RunFeed {
  readonly #runs = new Emitter<RunsChange>();
  readonly #shards = new Emitter<readonly Shard[]>();
  readonly #artifacts = new Emitter<Artifact>();
  #removed: RunId[] = [];
  #cancel: (() => void) | null = null;
  #lastQueue = '';
  #interval = FEED_INTERVAL_MS;

  constructor(private readonly clock: Clock) {}

  onRuns(listener: (change: RunsChange) => void): () => void {
    return this.#runs.on(listener);
  }

  onShards(listener: (shards: readonly Shard[]) => void): () => void {
    return this.#shards.on(listener);
  }

  onArtifact(listener: (artifact: Artifact) => void): () => void {
    return this.#artifacts.on(listener);
  }

  artifact(artifact: Artifact): void {
    this.#artifacts.emit(artifact);
  }

  removed(ids: readonly RunId[]): void {
    this.#removed.push(...ids);
  }

  /** Asks `source` for what changed, soon and once. */
  schedule(source: FeedSource): void {
    this.#cancel ??= this.clock.after(this.#interval, () => this.flush(source));
  }

  /** At once, so that nobody hears of a run's end after its files. */
  flush(source: FeedSource): void {
    this.#cancel?.();
    this.#cancel = null;
    const shards = source.shards();
    if (shards.length > 0) this.#shards.emit(shards);
    this.#interval = paceAfter(shards.length, FEED_INTERVAL_MS);
    const runs = source.runs();
    const queue = source.queue();
    const removed = this.#removed;
    this.#removed = [];
    const queueText = JSON.stringify(queue);
    if (runs.length === 0 && removed.length === 0 && queueText === this.#lastQueue) return;
    this.#lastQueue = queueText;
    this.#runs.emit({ runs, removed, queue });
  }

  /** A fleet closes: its source must not be asked any more. */
  cancel(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
