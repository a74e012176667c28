import type { Timeline } from './timeline.ts';

/** A job of the simulation. Sizes are seconds on a worker of speed 1. */
export interface Job {
  readonly id: string;
  readonly index: number;
  readonly model: string | null;
  readonly workflow: string;
  readonly seconds: number;
  readonly arrival: number;
}

export interface ServerKind {
  readonly id: string;
  readonly speed: number;
  /** Models that stay loaded. */
  readonly keeps: number;
}

export interface ServerEvents {
  started(job: Job, server: SimulatedServer): void;
  progress(job: Job, server: SimulatedServer, fraction: number): void;
  finished(job: Job, server: SimulatedServer, seconds: number, loadSeconds: number): void;
}

interface Prompt {
  readonly job: Job;
  /** Multiplies the time of this very copy: noise and straggling. */
  readonly slowness: number;
}

export interface Physics {
  readonly loadSeconds: (model: string) => number;
  /** Progress messages per job. */
  readonly steps: number;
  /** Half a round trip, ms. */
  readonly latencyMs: number;
}

/** A ComfyUI server as far as placement can see it: a queue of its own, one prompt at a time, models that come and go. */
export class SimulatedServer {
  readonly id: string;
  readonly #queue: Prompt[] = [];
  #current: Prompt | null = null;
  #resident: string[] = [];
  /** Late events of what was interrupted or died must not count. */
  #generation = 0;
  #alive = true;
  busySeconds = 0;

  constructor(
    readonly kind: ServerKind,
    private readonly timeline: Timeline,
    private readonly physics: Physics,
    private readonly events: ServerEvents,
  ) {
    this.id = kind.id;
  }

  post(job: Job, slowness: number): void {
    this.#later(() => {
      if (!this.#alive) return;
      this.#queue.push({ job, slowness });
      this.#next();
    });
  }

  /** @param answer whether it was still waiting; told after a round trip */
  takeBack(job: Job, answer: (waited: boolean) => void): void {
    this.#later(() => {
      const index = this.#queue.findIndex((prompt) => prompt.job === job);
      if (index >= 0) this.#queue.splice(index, 1);
      this.#later(() => answer(index >= 0));
    });
  }

  /** Ends a job there, waiting or running; told after a round trip. */
  interrupt(job: Job, answer: () => void): void {
    this.#later(() => {
      const index = this.#queue.findIndex((prompt) => prompt.job === job);
      if (index >= 0) this.#queue.splice(index, 1);
      if (this.#current?.job === job) {
        this.#generation += 1;
        this.#current = null;
        this.#next();
      }
      this.#later(answer);
    });
  }

  /** Forgets everything, at once and silently. */
  die(): void {
    this.#alive = false;
    this.#generation += 1;
    this.#current = null;
    this.#queue.length = 0;
    this.#resident = [];
  }

  live(): void {
    this.#alive = true;
  }

  #next(): void {
    if (this.#current !== null) return;
    const prompt = this.#queue.shift();
    if (prompt === undefined) return;
    this.#current = prompt;
    const { job, slowness } = prompt;
    const load = this.#load(job.model);
    const seconds = (job.seconds / this.kind.speed) * slowness;
    this.#later(() => this.events.started(job, this));
    const { steps } = this.physics;
    for (let step = 0; step < steps; step += 1) {
      this.#during(load + (seconds * step) / steps, () =>
        this.#later(() => this.events.progress(job, this, step / steps)),
      );
    }
    this.#during(load + seconds, () => {
      this.busySeconds += load + seconds;
      this.#current = null;
      this.#later(() => this.events.finished(job, this, seconds, load));
      this.#next();
    });
  }

  /** Seconds that it takes now. */
  #load(model: string | null): number {
    if (model === null) return 0;
    const warm = this.#resident.includes(model);
    this.#resident = [...this.#resident.filter((other) => other !== model), model].slice(-this.kind.keeps);
    return warm ? 0 : this.physics.loadSeconds(model);
  }

  #during(seconds: number, run: () => void): void {
    const generation = this.#generation;
    this.timeline.after(seconds * 1000, () => {
      if (generation === this.#generation) run();
    });
  }

  #later(run: () => void): void {
    this.timeline.after(this.physics.latencyMs, run);
  }
}
