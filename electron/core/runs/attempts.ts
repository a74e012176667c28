import { randomUUID } from 'node:crypto';
import type { InstanceId } from '../../../shared/model.ts';
import type { Artifact, Attempt } from '../../../shared/runs.ts';
import { shardOutputs, shardPrompt } from '../graph/compile.ts';
import type { InputCourier, InputProgress } from '../media/input-courier.ts';
import type { Clock } from '../ports.ts';
import type { ActiveShard } from './active-run.ts';
import type { ArtifactStore } from './artifacts/artifact-store.ts';
import { AttemptFailure } from './attempt/attempt-failure.ts';
import { Detached } from './attempt/detached.ts';
import type { AttemptEvent, AttemptResult } from './attempt/run-attempt.ts';
import type { AttemptObserver } from './attempt-observer.ts';
import type { Catalogs } from './catalogs.ts';
import type { RunBook } from './run-book.ts';
import type { RunServer } from './run-fleet.ts';
import { savedAnew } from './saved-anew.ts';
import { attemptShard } from './shard-attempt.ts';

export interface OpenAttempt {
  readonly id: string;
  readonly shard: ActiveShard;
  readonly instanceId: InstanceId;
  readonly instanceName: string;
  /** The life of the server that it was sent to. */
  readonly monitor: RunServer['monitor'];
  readonly controller: AbortController;
  /** Looked up after a restart of ours: the scheduler does not know of it. */
  readonly adopted: boolean;
  /** What it brought home. */
  readonly artifacts: Artifact[];
  startedAt: number | null;
  /** Bytes that came over the line. */
  fetchedBytes: number;
  /** The server is done with it; its files are on their way. */
  computed: boolean;
  /** It still waited there and was removed again, for a worker that is sooner done. */
  takenBack: boolean;
}

/** What the engine makes of an attempt's life. */
export interface AttemptListener {
  /** What it loads is there, and its server has it. */
  onQueued(attempt: OpenAttempt): void;
  onStarted(attempt: OpenAttempt): void;
  onProgress(attempt: OpenAttempt, fraction: number): void;
  /**
   * @param seconds on the GPU, loading included
   * @param loadSeconds of them until the first step; null when none was seen
   */
  onComputed(attempt: OpenAttempt, seconds: number, loadSeconds: number | null): void;
  onFetched(attempt: OpenAttempt, bytes: number, seconds: number): void;
  onDone(attempt: OpenAttempt): void;
  onFailed(attempt: OpenAttempt, failure: unknown): void;
}

export interface AttemptsDeps {
  readonly catalogs: Catalogs;
  readonly book: RunBook;
  readonly courier: InputCourier;
  readonly store: ArtifactStore;
  readonly clock: Clock;
  readonly observer: AttemptObserver | null;
}

/** The attempts that are under way. */
export class Attempts {
  readonly #open = new Map<string, OpenAttempt>();
  readonly #running = new Set<Promise<void>>();
  /** Kept rather than counted: the engine asks for every instance in each of its rounds. */
  readonly #counts = new Map<InstanceId, number>();

  constructor(
    private readonly deps: AttemptsDeps,
    private readonly listener: AttemptListener,
  ) {}

  get all(): readonly OpenAttempt[] {
    return [...this.#open.values()];
  }

  of(shard: ActiveShard): readonly OpenAttempt[] {
    return shard.attempts.flatMap(({ id }) => this.#open.get(id) ?? []);
  }

  /** One that is being given up does not count: it brings nothing home any more. */
  isWorkedOn(shard: ActiveShard): boolean {
    return this.of(shard).some(({ controller }) => !controller.signal.aborted);
  }

  /** Prompts that the scheduler placed on an instance and that are not computed yet; adopted ones are strangers to it. */
  countOn(instanceId: InstanceId): number {
    return this.#counts.get(instanceId) ?? 0;
  }

  /** Journaled before it is sent. @throws EnsembleError('disk-full') */
  begin(shard: ActiveShard, server: RunServer, backup: boolean): void {
    const attempt: Attempt = {
      id: randomUUID(),
      ...{ runId: shard.run.id, stage: shard.stage, shard: shard.index },
      number: shard.attempts.length + 1,
      instanceId: server.id,
      instanceName: server.name,
      backup,
      dispatchedAt: this.deps.clock.now(),
      ...{ startedAt: null, sampledAt: null, fetchedAt: null, endedAt: null },
      outcome: 'running',
      reason: null,
    };
    this.deps.book.addAttempt(shard, attempt);
    this.#run(this.#follow(shard, server, attempt, false));
  }

  /** Goes on with an attempt of an earlier life of the control center. */
  reattach(shard: ActiveShard, server: RunServer, attempt: Attempt): void {
    this.#run(this.#follow(shard, server, attempt, true));
  }

  /** Its prompt has just been removed from the server. */
  takeBack(attempt: OpenAttempt): void {
    attempt.takenBack = true;
    attempt.controller.abort(new Detached('Taken back: another worker is sooner done.'));
  }

  /** Lets go of everything without touching the prompts. */
  detach(): void {
    for (const { controller } of this.all) controller.abort(new Detached('The control center is closing.'));
  }

  /** Resolves when nothing of them writes any more. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  #run(following: Promise<void>): void {
    this.#running.add(following);
    void following.finally(() => this.#running.delete(following));
  }

  async #follow(shard: ActiveShard, server: RunServer, attempt: Attempt, adopted: boolean): Promise<void> {
    const open: OpenAttempt = {
      id: attempt.id,
      shard,
      instanceId: server.id,
      instanceName: server.name,
      monitor: server.monitor,
      controller: new AbortController(),
      adopted,
      artifacts: [],
      startedAt: attempt.startedAt,
      fetchedBytes: 0,
      computed: false,
      takenBack: false,
    };
    this.#open.set(open.id, open);
    this.#count(open, 1);
    const unobserve = this.deps.observer?.begin(open, server);
    try {
      await this.#attempt(open, server);
      this.#close(open);
      this.deps.observer?.done(open);
      this.listener.onDone(open);
    } catch (error) {
      this.#close(open);
      const letGo = open.controller.signal.reason instanceof Detached && !open.takenBack;
      if (!letGo) this.listener.onFailed(open, error);
    } finally {
      unobserve?.();
    }
  }

  #close(open: OpenAttempt): void {
    this.#open.delete(open.id);
    if (!open.computed) this.#count(open, -1);
  }

  #count({ instanceId, adopted }: OpenAttempt, change: 1 | -1): void {
    if (!adopted) this.#counts.set(instanceId, this.countOn(instanceId) + change);
  }

  async #attempt(open: OpenAttempt, server: RunServer): Promise<void> {
    const { shard, controller } = open;
    const { run, stage, index } = shard;
    const { clock, courier, store, catalogs, book } = this.deps;
    const second = stage === 2 ? run.secondPass : null;
    await attemptShard(
      {
        shard,
        promptId: open.id,
        prompt: savedAnew(second?.prompt ?? shardPrompt(run.plan, index), shard.saves),
        outputs: second?.outputs ?? shardOutputs(run.plan, index),
        server,
        reattach: open.adopted,
        extraData: this.deps.observer?.extraData(run.id) ?? {},
      },
      {
        clock,
        courier,
        store,
        catalog: catalogs.last(server.id),
        signal: controller.signal,
        onEvent: (event) => this.#onEvent(open, event),
        onInput: (progress) => this.#onInput(shard, progress),
        onComputed: (result) => this.#onComputed(open, result),
        onArtifact: (artifact) => {
          open.artifacts.push(artifact);
          book.addArtifact(run, artifact);
        },
        onFetched: (bytes, seconds) => {
          open.fetchedBytes += bytes;
          this.listener.onFetched(open, bytes, seconds);
        },
      },
    );
  }

  /** In whole percents: pieces of a file come by the thousand. */
  #onInput(shard: ActiveShard, { file, sentBytes, totalBytes }: InputProgress): void {
    const percent = totalBytes === 0 ? 100 : Math.floor((100 * sentBytes) / totalBytes);
    const node = `Sending ${file} (${percent} %)`;
    if (shard.progress.node !== node) {
      this.deps.book.progress(shard, { node, step: null, steps: null, preview: 0 });
    }
  }

  #onEvent(open: OpenAttempt, event: AttemptEvent): void {
    const { shard } = open;
    const { book } = this.deps;
    switch (event.kind) {
      case 'queued':
        this.listener.onQueued(open);
        break;
      case 'started':
        open.startedAt = event.at;
        book.noteAttempt(shard, open.id, { startedAt: event.at });
        if (shard.status === 'dispatched') book.changeShard(shard, 'running');
        this.deps.observer?.started(open);
        this.listener.onStarted(open);
        break;
      case 'sampling':
        book.noteAttempt(shard, open.id, { sampledAt: event.at });
        break;
      case 'step': {
        const preview = open.monitor.value.preview;
        book.progress(shard, { node: event.node, step: event.step, steps: event.steps, preview });
        if (event.steps !== null && event.step !== null && event.steps > 0) {
          this.listener.onProgress(open, Math.min(1, event.step / event.steps));
        }
        break;
      }
      default:
        break;
    }
  }

  #onComputed(open: OpenAttempt, result: AttemptResult): void {
    const { clock, book, observer } = this.deps;
    const now = clock.now();
    open.computed = true;
    observer?.computed(open, result);
    this.#count(open, -1);
    book.noteAttempt(open.shard, open.id, { fetchedAt: now });
    // Another copy may have brought everything home at this very moment.
    if (!open.shard.isOver) book.changeShard(open.shard, 'fetching');
    const attempt = open.shard.attempts.find(({ id }) => id === open.id);
    const startedAt = attempt?.startedAt ?? now;
    const seconds = Math.max(0, now - startedAt) / 1000;
    const loadSeconds = attempt?.sampledAt == null ? null : Math.max(0, attempt.sampledAt - startedAt) / 1000;
    this.listener.onComputed(open, seconds, loadSeconds);
  }
}

/** Ends one attempt and its prompt. */
export function abandon(attempt: OpenAttempt, why: string): void {
  attempt.controller.abort(new AttemptFailure('cancelled', why));
}
