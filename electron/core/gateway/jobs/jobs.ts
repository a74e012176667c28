import { randomUUID } from 'node:crypto';
import { messageOf } from '../../../../shared/errors.ts';
import { isFinished, type RunId, type RunsChange } from '../../../../shared/runs.ts';
import { shardOutputs } from '../../graph/compile.ts';
import type { Clock, Logger } from '../../ports.ts';
import type { ActiveRun } from '../../runs/active-run.ts';
import type { AttemptResult } from '../../runs/attempt/run-attempt.ts';
import type { AttemptObserver } from '../../runs/attempt-observer.ts';
import type { OpenAttempt } from '../../runs/attempts.ts';
import type { Journal } from '../../runs/records.ts';
import type { RunBook } from '../../runs/run-book.ts';
import type { RunServer } from '../../runs/run-fleet.ts';
import type { Audience } from '../sockets/audience.ts';
import { Listening } from '../sockets/listening.ts';
import { endingOf } from './ending.ts';
import { foreignRecord, isForeign } from './foreign.ts';
import { Job, type Voice } from './job.ts';
import type { JobStore } from './job-store.ts';
import type { JobMessage } from './job-types.ts';
import { mergeShown, type Shown, shownByUser } from './shown.ts';

export interface JobsDeps {
  readonly store: JobStore;
  readonly audience: Audience;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The runs behind the prompts. */
export interface JobSources {
  readonly journal: Pick<Journal, 'run' | 'shards' | 'artifactsOf'>;
  readonly book: Pick<RunBook, 'find' | 'all'>;
}

/**
 * The unfinished prompts of all clients, and the runs that others have begun: follows them, and tells and keeps what becomes
 * of them.
 */
export class Jobs implements AttemptObserver {
  readonly #byRun = new Map<RunId, Job>();
  #sources: JobSources | null = null;

  constructor(private readonly deps: JobsDeps) {
    for (const record of deps.store.unfinished()) this.#byRun.set(record.runId, new Job(record));
  }

  /** Unfinished ones in the order in which they were posted. */
  get all(): readonly Job[] {
    return [...this.#byRun.values()];
  }

  /** The latest of that id. */
  find(promptId: string): Job | null {
    return this.all.findLast((job) => job.promptId === promptId) ?? null;
  }

  /** Of an unfinished prompt; null when there is none of that id. */
  runOf(promptId: string): RunId | null {
    return this.find(promptId)?.record.runId ?? null;
  }

  /** The runs are open: what ended while nobody looked on is caught up with. */
  attach(sources: JobSources): void {
    this.#sources = sources;
    for (const { record } of this.all) {
      const run = sources.journal.run(record.runId);
      // Never journaled, so never accepted; or forgotten since.
      if (run === null) this.forget(record.runId);
      else if (isFinished(run.status)) this.#end(record.runId);
    }
    for (const run of sources.book.all) this.#adopt(run);
  }

  add(job: Job): void {
    this.deps.store.add(job.record);
    this.#byRun.set(job.record.runId, job);
    this.deps.audience.counted();
  }

  /** It was taken out of the queue, or never got there. */
  forget(runId: RunId): void {
    if (!this.#byRun.delete(runId)) return;
    this.deps.store.finished.remove(runId);
    this.deps.audience.counted();
  }

  /** To be called with every change of runs. */
  onRuns({ runs, removed }: Pick<RunsChange, 'runs' | 'removed'>): void {
    for (const { id, status } of runs) {
      const run = isFinished(status) ? null : this.#sources?.book.find(id);
      if (isFinished(status)) this.#end(id);
      else if (run !== null && run !== undefined) this.#adopt(run);
    }
    for (const id of removed) if (!this.#byRun.has(id)) this.deps.store.finished.remove(id);
  }

  // ── What the attempts tell ──

  begin(attempt: OpenAttempt, server: RunServer): () => void {
    this.#adopt(attempt.shard.run);
    const job = this.#byRun.get(attempt.shard.run.id);
    if (job === undefined) return () => {};
    const voice: Voice = {
      attemptId: attempt.id,
      outputs: outputsOf(attempt),
      ...{ started: false, executing: null, progress: null },
    };
    job.voices.set(attempt.id, voice);
    const now = (): number => this.deps.clock.now();
    const listening = new Listening(job, voice, attempt, server, this.deps.audience, now);
    return () => {
      listening.stop();
      if (job.forget(attempt.id)) this.deps.audience.turn(job);
    };
  }

  started(attempt: OpenAttempt): void {
    const job = this.#byRun.get(attempt.shard.run.id);
    const voice = job?.voices.get(attempt.id);
    if (job === undefined || voice === undefined) return;
    voice.started = true;
    job.leader ??= voice;
    if (job.isRunning) return;
    job.startedAt = attempt.startedAt ?? this.deps.clock.now();
    job.messages.push(['execution_start', { prompt_id: job.promptId, timestamp: job.startedAt }]);
    this.deps.audience.counted();
    this.deps.audience.started(job);
  }

  computed(attempt: OpenAttempt, { shown }: AttemptResult): void {
    const { stage, index, run } = attempt.shard;
    const job = this.#byRun.get(run.id);
    if (job === undefined || attempt.shard.isOver) return;
    const nodes = shownByUser(shown, outputsOf(attempt), (id) => job.classes.has(id));
    this.#safely(() => this.deps.store.show(run.id, stage, index, nodes));
    if (job.forget(attempt.id)) this.deps.audience.turn(job);
  }

  done({ shard }: OpenAttempt): void {
    const job = this.#byRun.get(shard.run.id);
    if (job === undefined || shard.isOver || !isLast(shard)) return;
    this.#safely(() => this.#tellResults(job, this.shownOf(job, shard.run)));
  }

  extraData(id: RunId): Readonly<Record<string, unknown>> {
    const job = this.#byRun.get(id);
    if (job === undefined || isForeign(job.record)) return {};
    const { client_id: _, create_time: __, ensemble: ___, ...rest } = job.extraData;
    const { preview_method: method, ...others } = rest;
    // "default" is what the server was started with: ours asks for previews.
    const wanted = method === undefined || method === 'default' ? others : rest;
    return { ...wanted, ...job.secrets };
  }

  /** What its nodes show by now. */
  shownOf({ record }: Job, run: Pick<ActiveRun, 'artifacts'> | null = null): Shown {
    const artifacts =
      run?.artifacts ??
      this.#sources?.book.find(record.runId)?.artifacts ??
      this.#sources?.journal.artifactsOf(record.runId) ??
      [];
    return mergeShown(this.deps.store.shown(record.runId), artifacts);
  }

  /** Of the app or the command line, or one that has ended and is tried again. */
  #adopt(run: ActiveRun): void {
    // What was taken out of the queue is not to come back to it.
    if (this.#byRun.has(run.id) || run.isCancelled) return;
    this.#safely(() => {
      const { store, clock, audience } = this.deps;
      const again = store.finished.reopen(run.id);
      const record = again ?? foreignRecord(run, randomUUID(), store.nextNumber(), clock.now());
      if (again === null) store.add(record);
      this.#byRun.set(run.id, new Job(record));
      audience.counted();
    });
  }

  #tellResults(job: Job, shown: Shown): void {
    for (const [node, output] of Object.entries(shown)) {
      const told = JSON.stringify(output);
      if (job.executed.has(`${node} ${told}`)) continue;
      job.executed.add(`${node} ${told}`);
      const message: JobMessage = ['executed', { node, display_node: node, output, prompt_id: job.promptId }];
      this.deps.audience.executed(job, message);
    }
  }

  #end(runId: RunId): void {
    const job = this.#byRun.get(runId);
    const { journal } = this.#sources ?? {};
    const run = journal?.run(runId) ?? null;
    if (job === undefined || journal === undefined || run === null) return;
    this.#byRun.delete(runId);
    const { audience, clock, store } = this.deps;
    const shown = this.shownOf(job, { artifacts: [...journal.artifactsOf(runId)] });
    if (job.startedAt === null && run.startedAt !== null) {
      job.startedAt = run.startedAt;
      job.messages.push(['execution_start', { prompt_id: job.promptId, timestamp: run.startedAt }]);
    }
    const ending = endingOf(job, run, journal.shards(runId, 2_000), shown, clock.now());
    this.#safely(() => store.finished.end(runId, job.promptId, ending));
    this.#tellResults(job, shown);
    const done: JobMessage = ['executing', { node: null, prompt_id: job.promptId }];
    audience.ended(job, [...ending.last, done]);
    audience.counted();
  }

  /** Whatever becomes of what clients are told, runs go on. */
  #safely(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.deps.logger.error('a prompt’s history could not be kept', { reason: messageOf(error) });
    }
  }
}

/**
 * A node tells once what it has made, as in ComfyUI: clients take the first that they hear for all there is. What no shard
 * tells as the last one is told when the run ends.
 */
function isLast({ run, stage }: OpenAttempt['shard']): boolean {
  const { done, failed, cancelled } = run.counts;
  return stage === 2 || done + failed + cancelled + 1 === run.shards.length;
}

function outputsOf({ shard }: OpenAttempt): Voice['outputs'] {
  const { run, stage, index } = shard;
  return stage === 2 ? (run.secondPass?.outputs ?? []) : shardOutputs(run.plan, index);
}
