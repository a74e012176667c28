import { randomBytes } from 'node:crypto';
import { EnsembleError } from '../../../shared/errors.ts';
import type { PlanPreview } from '../../../shared/plans.ts';
import {
  type GalleryFilter,
  type GalleryPage,
  isFinished,
  type RunDetail,
  type RunId,
  type RunOptions,
  type RunsPage,
} from '../../../shared/runs.ts';
import { stringifyExact } from '../exact-json.ts';
import type { Clock } from '../ports.ts';
import { ActiveRun } from './active-run.ts';
import type { BeforeAccepting } from './attempt-observer.ts';
import { nextSeeds } from './next-seeds.ts';
import { previewOf } from './plan-preview.ts';
import type { Journal, RunRecord } from './records.ts';
import { reopened } from './recovery.ts';
import type { RunBook } from './run-book.ts';
import type { RunEngine } from './run-engine.ts';
import type { RunFeed } from './run-feed.ts';
import type { RunLibrary } from './run-library.ts';
import { prepare, type Submission, type SubmissionDeps } from './submission.ts';

export interface RunServiceDeps {
  readonly journal: Journal;
  readonly book: RunBook;
  readonly engine: RunEngine;
  readonly library: RunLibrary;
  readonly feed: RunFeed;
  readonly submission: SubmissionDeps;
  readonly clock: Clock;
  readonly settle: (run: ActiveRun) => void;
}

/** What people do with runs. */
export class RunService {
  constructor(private readonly deps: RunServiceDeps) {}

  async plan(workflow: string, options: RunOptions): Promise<PlanPreview> {
    return previewOf(await prepare(workflow, options, this.deps.submission));
  }

  /**
   * Resolves once the run is journaled.
   * @throws EnsembleError('bad-argument') for a workflow that cannot run, 'not-ready' when nobody can run it now
   */
  async submit(
    name: string,
    workflow: string,
    options: RunOptions,
    beforeAccepting: BeforeAccepting = () => {},
  ): Promise<RunId> {
    const submission = await prepare(workflow, options, this.deps.submission);
    refuseProblems(submission);
    const run = this.#record(name, workflow, options, submission);
    run.inputs = submission.sizes;
    beforeAccepting(run);
    this.deps.journal.addRun(
      run.record,
      run.shards.map((shard) => shard.record()),
    );
    this.deps.book.add(run);
    this.deps.engine.submit(run.shards);
    return run.id;
  }

  list(before: number | null, limit: number): RunsPage {
    return this.deps.library.page(before, limit);
  }

  get(id: RunId): RunDetail {
    return this.deps.library.detail(id);
  }

  workflow(id: RunId): { readonly workflow: string; readonly options: RunOptions } {
    const { workflow, options } = this.deps.library.record(id);
    return { workflow, options };
  }

  /** A run that has ended stays as it is. */
  cancel(id: RunId): void {
    const { book, engine, library } = this.deps;
    const run = book.find(id);
    if (run === null) {
      library.record(id);
      return;
    }
    run.isCancelled = true;
    engine.cancel(run);
  }

  retry(id: RunId): void {
    const { library, journal, book, engine, settle } = this.deps;
    const record = library.finishedRecord(id, 'retried');
    if (record.status === 'done') {
      throw new EnsembleError(
        'conflict',
        `${record.name} is done: nothing of it failed.`,
        'Run it again instead.',
      );
    }
    const run = reopened(record, journal);
    book.add(run);
    engine.submit(run.allShards.filter(({ status }) => status === 'queued'));
    // Where only the second pass failed, no shard's end will begin it again.
    settle(run);
  }

  async again(id: RunId): Promise<RunId> {
    const { name, workflow, options, plan } = this.deps.library.record(id);
    return this.submit(name, workflow, { ...options, front: false, set: nextSeeds(options.set, plan) });
  }

  /** @param before null = at the end */
  move(id: RunId, before: RunId | null): void {
    const { book, engine } = this.deps;
    const run = this.#waiting(id);
    if (before === id) return;
    const others = book.all.filter((one) => one !== run).map(({ record }) => record);
    const order = orderBefore(others, before === null ? null : this.#waiting(before).record);
    book.changeRun(run, { order });
    engine.move(run);
  }

  remove(id: RunId): void {
    const { journal, library, feed, book } = this.deps;
    library.finishedRecord(id, 'forgotten');
    journal.removeRun(id);
    feed.removed([id]);
    feed.flush(book);
  }

  pause(): void {
    this.deps.engine.pause();
  }

  resume(): void {
    this.deps.engine.resume();
  }

  gallery(cursor: string | null, limit: number, filter: GalleryFilter): GalleryPage {
    return this.deps.journal.artifacts({ filter, cursor, limit });
  }

  #record(name: string, workflow: string, options: RunOptions, submission: Submission): ActiveRun {
    const { clock, book } = this.deps;
    const { plan, selection, warnings, pngInfo } = submission;
    const others = book.all.map(({ record }) => record);
    const record: RunRecord = {
      id: newRunId(clock.now()),
      name,
      workflow,
      options,
      plan: stringifyExact(plan),
      kind: plan.kind,
      status: 'queued',
      mode: selection.mode,
      modeReason: selection.modeReason,
      participants: selection.participants.map(({ id, name: called }) => ({ id, name: called })),
      candidates: selection.candidates,
      createdAt: clock.now(),
      startedAt: null,
      endedAt: null,
      order: orderBefore(others, options.front ? (firstOf(others) ?? null) : null),
      error: null,
      warnings,
    };
    return new ActiveRun(record, plan, pngInfo);
  }

  #waiting(id: RunId): ActiveRun {
    const run = this.deps.book.find(id);
    if (run !== null) return run;
    const { name, status } = this.deps.library.record(id);
    const words = isFinished(status) ? 'has ended' : 'is not in the queue';
    throw new EnsembleError('conflict', `${name} ${words} and cannot be moved.`, null);
  }
}

/** Sorts by time, and no two are alike. */
function newRunId(now: number): RunId {
  return `run-${now.toString(36)}-${randomBytes(4).toString('hex')}`;
}

function firstOf(records: readonly RunRecord[]): RunRecord | undefined {
  return [...records].sort((a, b) => a.order - b.order)[0];
}

/** @param before null = behind all others */
function orderBefore(others: readonly RunRecord[], before: RunRecord | null): number {
  const orders = others.map(({ order }) => order).sort((a, b) => a - b);
  if (before === null) return Math.floor(orders.at(-1) ?? 0) + 1;
  const previous = orders.findLast((order) => order < before.order);
  return previous === undefined ? Math.ceil(before.order) - 1 : (previous + before.order) / 2;
}

function refuseProblems({ problems, selection }: Submission): void {
  const [first] = problems;
  if (first === undefined) return;
  const { participants, lacking } = selection;
  const listed = problems.map((message) => ({ field: 'workflow', message }));
  if (participants.length > 0) {
    const hint = 'Put the file into the input folder of the master.';
    throw new EnsembleError('bad-argument', first, hint, listed);
  }
  // Servers that are up and lack something will not get it by waiting: it is the workflow that does not fit them.
  const [code, hint] = lacking
    ? (['bad-argument', 'Install on one of them what it lacks, or change the workflow.'] as const)
    : (['not-ready', 'Start the master or a worker.'] as const);
  throw new EnsembleError(code, first, hint, listed);
}
