import type { Job } from '../jobs/job.ts';
import type { JobMessage } from '../jobs/job-types.ts';

/**
 * One client's canvas. ComfyUI's page shows one prompt at a time: each execution_start turns to another, and any
 * executing{node:null} clears it. Of several that run at once only one is shown; how each ends is told in any case.
 */
export class Canvas {
  readonly #running: Job[] = [];

  constructor(private readonly send: (message: JobMessage) => void) {}

  get isIdle(): boolean {
    return this.#running.length === 0;
  }

  /** The first that runs is shown until it ends. */
  shows(job: Job): boolean {
    return this.#running[0] === job;
  }

  started(job: Job): void {
    this.#running.push(job);
    if (this.shows(job)) this.#announce(job);
  }

  /** Progress of a job: told while it is shown. */
  tell(job: Job, message: JobMessage): void {
    if (this.shows(job)) this.send(message);
  }

  /** Another shard of it leads: what it said last. */
  turn(job: Job): void {
    if (this.shows(job)) for (const message of stateOf(job)) this.send(message);
  }

  /** @param last what tells of its end */
  ended(job: Job, last: readonly JobMessage[]): void {
    const wasShown = this.shows(job);
    const place = this.#running.indexOf(job);
    if (place >= 0) this.#running.splice(place, 1);
    if (job.isRunning && !job.announced) this.#announce(job);
    for (const message of last) this.send(message);
    const [next] = this.#running;
    if (next === undefined) return;
    // The end of another one has cleared the canvas.
    if (!wasShown) this.send(startOf(next));
    else this.#announce(next);
    this.turn(next);
  }

  /** For a page that was loaded again in the middle. */
  recall(send: (message: JobMessage) => void): void {
    const [job] = this.#running;
    if (job === undefined) return;
    for (const message of [startOf(job), ...stateOf(job)]) send(message);
  }

  #announce(job: Job): void {
    job.announced = true;
    for (const message of job.messages) this.send(message);
  }
}

function startOf({ promptId, startedAt }: Job): JobMessage {
  return ['execution_start', { prompt_id: promptId, timestamp: startedAt ?? 0 }];
}

function stateOf({ leader }: Job): readonly JobMessage[] {
  return [leader?.executing, leader?.progress].filter((message) => message !== null && message !== undefined);
}
