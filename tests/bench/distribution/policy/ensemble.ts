import { Scheduler } from '../../../../electron/core/scheduler/scheduler.ts';
import type { WorkerView } from '../../../../electron/core/scheduler/scheduler-types.ts';
import type { Placement } from '../../../../electron/core/scheduler/state.ts';
import type { Command, Policy } from './policy.ts';
import type { Job } from './server.ts';

export interface EnsembleOptions {
  /** All jobs are shards of one run, or each is a run of its own. */
  readonly oneRun: boolean;
  /** Told to the scheduler; by default the truth is hidden and every job counts as one unit. */
  readonly units?: (job: Job) => number;
  /** Workers that are paid for make no backup copies. */
  readonly paid?: boolean;
  readonly record?: boolean;
}

export type Call = (scheduler: Scheduler) => unknown;

/** The product's own scheduler, asked the way the product asks it. */
export class EnsemblePolicy implements Policy {
  readonly name = 'Comfy Ensemble';
  readonly scheduler = new Scheduler();
  /** Every call that was made, to be made again on a scheduler of its own when only that is to be measured. */
  readonly calls: Call[] = [];
  readonly #jobs = new Map<string, Job>();
  readonly #done = new Set<string>();
  #losers: Placement[] = [];
  #submitted = 0;

  constructor(
    private readonly workers: readonly string[],
    private readonly options: EnsembleOptions,
  ) {
    this.#call((scheduler) => scheduler.setWorkers(workers.map((id) => this.#view(id, true))));
  }

  workerDied(worker: string, works: readonly Job[], now: number): void {
    this.#call((scheduler) => {
      scheduler.setWorker(this.#view(worker, false));
      for (const job of works) scheduler.lost(job.id, worker, now);
    });
  }

  workerBack(worker: string): void {
    this.#call((scheduler) => {
      scheduler.restarted(worker);
      scheduler.setWorker(this.#view(worker, true));
    });
  }

  arrived(jobs: readonly Job[], now: number): void {
    const works = jobs.map((job) => {
      this.#jobs.set(job.id, job);
      this.#submitted += 1;
      return {
        id: job.id,
        runId: this.options.oneRun ? 'run' : job.id,
        order: this.#submitted,
        workflow: job.workflow,
        units: this.options.units?.(job) ?? 1,
        model: job.model,
        eligible: this.workers,
        preferred: null,
        inputs: [],
      };
    });
    this.#call((scheduler) => scheduler.submit(works, now));
  }

  started(job: Job, worker: string, now: number): void {
    this.#call((scheduler) => scheduler.started(job.id, worker, now));
  }

  progress(job: Job, worker: string, fraction: number, now: number): void {
    this.#call((scheduler) => scheduler.progress(job.id, worker, fraction, now));
  }

  finished(job: Job, worker: string, now: number, seconds: number, loadSeconds: number): boolean {
    if (this.#done.has(job.id)) {
      this.#call((scheduler) => scheduler.released(job.id, worker));
      return false;
    }
    this.#done.add(job.id);
    this.#call((scheduler) => {
      this.#losers.push(...scheduler.finished(job.id, worker, now, { seconds, loadSeconds }));
    });
    return true;
  }

  revoked(job: Job, worker: string): void {
    this.#call((scheduler) => scheduler.revoked(job.id, worker));
  }

  released(job: Job, worker: string): void {
    this.#call((scheduler) => scheduler.released(job.id, worker));
  }

  decide(now: number): readonly Command[] {
    const decisions = this.#call((scheduler) => scheduler.decide(now));
    const losers = this.#losers.map(
      ({ work, worker }): Command => ({ kind: 'interrupt', job: this.#job(work), worker, backup: false }),
    );
    this.#losers = [];
    return [
      ...losers,
      ...decisions.map((decision): Command => {
        const { kind, work, worker } = decision;
        return { kind, job: this.#job(work), worker, backup: kind === 'dispatch' && decision.backup };
      }),
    ];
  }

  nextWakeUp(now: number): number | null {
    return this.#call((scheduler) => scheduler.nextWakeUp(now));
  }

  #call<T>(call: (scheduler: Scheduler) => T): T {
    if (this.options.record) this.calls.push(call);
    return call(this.scheduler);
  }

  #view(id: string, usable: boolean): WorkerView {
    return {
      id,
      usable,
      paid: this.options.paid ?? false,
      foreignQueue: 0,
      uploadRate: null,
      downloadRate: null,
    };
  }

  #job(id: string): Job {
    const job = this.#jobs.get(id);
    if (job === undefined) throw new Error(`The scheduler made up the work ${id}`);
    return job;
  }
}
