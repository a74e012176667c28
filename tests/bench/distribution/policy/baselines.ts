import type { Command, Policy } from './policy.ts';
import type { Job } from './server.ts';

/** Other ways to place jobs. None of them knows speeds, as their models do not. */
abstract class Baseline implements Policy {
  abstract readonly name: string;
  protected readonly waiting: Job[] = [];
  /** Jobs that are at each worker, running or queued there. */
  protected readonly load: Map<string, number>;
  protected commands: Command[] = [];

  constructor(protected readonly workers: readonly string[]) {
    this.load = new Map(workers.map((id) => [id, 0]));
  }

  arrived(jobs: readonly Job[], now: number): void {
    for (const job of jobs) this.arrivedOne(job, now);
  }

  protected arrivedOne(job: Job, _now: number): void {
    this.waiting.push(job);
  }

  started(): void {}
  progress(): void {}
  revoked(): void {}
  released(): void {}

  finished(_job: Job, worker: string, now: number): boolean {
    this.load.set(worker, (this.load.get(worker) ?? 0) - 1);
    this.freed(worker, now);
    return true;
  }

  protected freed(_worker: string, _now: number): void {}

  abstract decide(now: number): readonly Command[];

  nextWakeUp(_now: number): number | null {
    return null;
  }

  protected send(job: Job, worker: string): void {
    this.load.set(worker, (this.load.get(worker) ?? 0) + 1);
    this.commands.push({ kind: 'dispatch', job, worker, backup: false });
  }

  protected flush(): readonly Command[] {
    const { commands } = this;
    this.commands = [];
    return commands;
  }

  protected free(): readonly string[] {
    return this.workers.filter((id) => this.load.get(id) === 0);
  }
}

/** Each job to the next worker, whatever it does. */
export class RoundRobin extends Baseline {
  readonly name = 'round-robin';
  #next = 0;

  protected override arrivedOne(job: Job): void {
    this.send(job, this.workers[this.#next % this.workers.length] as string);
    this.#next += 1;
  }

  decide(): readonly Command[] {
    return this.flush();
  }
}

/** Each job to the worker with the fewest jobs, as it arrives. */
export class LeastQueue extends Baseline {
  readonly name = 'least queue';

  protected override arrivedOne(job: Job): void {
    const least = Math.min(...this.load.values());
    this.send(job, this.workers.find((id) => this.load.get(id) === least) as string);
  }

  decide(): readonly Command[] {
    return this.flush();
  }
}

/** Whoever is free takes the oldest job. */
export class Pull extends Baseline {
  readonly name = 'pull';

  decide(): readonly Command[] {
    for (const worker of this.free()) {
      const job = this.waiting.shift();
      if (job === undefined) break;
      this.send(job, worker);
    }
    return this.flush();
  }
}

const MANY_FREE_WAIT_MS = 1_500;

/**
 * SwarmUI's rule: a free backend that holds the model takes the job; else the model with the greatest count × 10 + seconds
 * waited is loaded onto the backend that was used longest ago, at once when one is free, after 1.5 s when several are.
 */
export class SwarmRule extends Baseline {
  readonly name = 'SwarmUI';
  readonly #model = new Map<string, string>();
  readonly #released = new Map<string, number>();

  protected override freed(worker: string, now: number): void {
    this.#released.set(worker, now);
  }

  decide(now: number): readonly Command[] {
    this.#giveWarm();
    for (;;) {
      const free = this.free();
      const job = this.#mostWanted(now);
      if (free.length === 0 || job === null) break;
      if (free.length > 1 && now - job.arrival < MANY_FREE_WAIT_MS) break;
      const since = (id: string): number => this.#released.get(id) ?? 0;
      const worker = [...free].sort((a, b) => since(a) - since(b))[0] as string;
      this.#take(job, worker);
      this.#giveWarm();
    }
    return this.flush();
  }

  override nextWakeUp(now: number): number | null {
    return this.waiting.length > 0 && this.free().length > 0 ? now + 100 : null;
  }

  #giveWarm(): void {
    for (const job of [...this.waiting]) {
      const worker = this.free().find((id) => this.#model.get(id) === job.model);
      if (worker !== undefined) this.#take(job, worker);
    }
  }

  #take(job: Job, worker: string): void {
    this.waiting.splice(this.waiting.indexOf(job), 1);
    if (job.model !== null) this.#model.set(worker, job.model);
    this.send(job, worker);
  }

  /** The oldest job of the model under the greatest pressure. */
  #mostWanted(now: number): Job | null {
    const pressure = new Map<string | null, { count: number; oldest: Job }>();
    for (const job of this.waiting) {
      const known = pressure.get(job.model);
      if (known === undefined) pressure.set(job.model, { count: 1, oldest: job });
      else known.count += 1;
    }
    let best: { value: number; job: Job } | null = null;
    for (const { count, oldest } of pressure.values()) {
      const value = count * 10 + (now - oldest.arrival) / 1000;
      if (best === null || value > best.value) best = { value, job: oldest };
    }
    return best?.job ?? null;
  }
}
