import { EnsembleError } from '../../../shared/errors.ts';
import type { RunService } from '../runs/run-service.ts';
import type { Job } from './jobs/job.ts';
import type { Jobs } from './jobs/jobs.ts';
import { inQueueOrder } from './jobs/queue-order.ts';

export interface ControlsDeps {
  readonly jobs: Jobs;
  readonly service: () => Pick<RunService, 'cancel'>;
}

/** Takes prompts out of the queue and stops those that run; never anything that is not a prompt of the gateway. */
export class Controls {
  constructor(private readonly deps: ControlsDeps) {}

  /** Waiting ones alone; leaves no history, as in ComfyUI. @returns whether there was one */
  dequeue(promptId: string): boolean {
    const { jobs } = this.deps;
    const job = jobs.all.find((one) => one.promptId === promptId && !one.isRunning);
    if (job === undefined) return false;
    this.#drop(job);
    return true;
  }

  clear(): void {
    for (const job of this.deps.jobs.all) if (!job.isRunning) this.#drop(job);
  }

  /** @returns whether it runs */
  interrupt(promptId: string): boolean {
    const job = this.deps.jobs.all.find((one) => one.promptId === promptId && one.isRunning);
    if (job !== undefined) this.#cancel(job);
    return job !== undefined;
  }

  /**
   * ComfyUI stops whatever runs. Here that could be anybody's: of the caller's own prompts the first one that runs is
   * stopped, and nothing when it has none.
   * @param clientId null when the caller does not tell
   */
  interruptOf(caller: string, clientId: string | null): void {
    const running = inQueueOrder(this.deps.jobs.all.filter(({ isRunning }) => isRunning));
    const mine = running.find((job) =>
      clientId === null ? job.record.caller === caller : job.clientId === clientId,
    );
    if (mine !== undefined) this.#cancel(mine);
  }

  cancel(promptId: string): boolean {
    return this.dequeue(promptId) || this.interrupt(promptId);
  }

  #drop(job: Job): void {
    this.deps.jobs.forget(job.record.runId);
    this.#cancel(job);
  }

  #cancel({ record }: Job): void {
    try {
      this.deps.service().cancel(record.runId);
    } catch (error) {
      // Its run is gone already.
      if (!(error instanceof EnsembleError && error.code === 'not-found')) throw error;
    }
  }
}
