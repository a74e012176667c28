import { exponential, lognormal, stream, type Uniform } from './chance.ts';
import type { Command, Policy } from './policy.ts';
import { type Job, type Physics, type ServerKind, SimulatedServer } from './server.ts';
import { Timeline } from './timeline.ts';

export interface Failures {
  /** Mean seconds between two deaths of one server. */
  readonly meanBetweenSeconds: number;
  /** Until a death is noticed, and until the server is back. Seconds. */
  readonly noticeSeconds: number;
  readonly backSeconds: number;
}

export interface Scenario {
  readonly servers: readonly ServerKind[];
  readonly jobs: readonly Job[];
  readonly physics: Physics;
  readonly sigma: number;
  /** Share of copies that take `stragglerSlowness` times as long. */
  readonly stragglers: number;
  readonly stragglerSlowness: number;
  readonly failures: Failures | null;
  readonly seed: number;
}

export interface Outcome {
  /** Seconds from the first arrival to the last result. */
  readonly makespan: number;
  /** Mean seconds from arrival to result. */
  readonly flow: number;
  readonly dispatches: number;
  readonly backups: number;
  readonly deaths: number;
  /** Works that were dispatched again although their result was there, or twice at once without being a backup. */
  readonly duplicated: number;
  /** Works without a result. */
  readonly lost: number;
  /** Seconds that servers computed what came to an end there. */
  readonly busySeconds: number;
}

const MOST_EVENTS = 20_000_000;

/** Plays a scenario under a policy. Copy n of a job is as noisy on every worker and under every policy. */
export function simulate(scenario: Scenario, policy: Policy): Outcome {
  return new Simulation(scenario, policy).play();
}

class Simulation {
  readonly #timeline = new Timeline();
  readonly #servers: ReadonlyMap<string, SimulatedServer>;
  readonly #copies = new Map<Job, number>();
  /** Where each job is, as far as the owner knows. */
  readonly #placed = new Map<Job, Set<string>>();
  readonly #done = new Map<Job, number>();
  readonly #count = { dispatches: 0, backups: 0, deaths: 0, duplicated: 0 };
  #wakeAt: number | null = null;

  constructor(
    private readonly scenario: Scenario,
    private readonly policy: Policy,
  ) {
    const events = {
      started: (job: Job, { id }: SimulatedServer) => this.#tell(() => policy.started(job, id, this.#now)),
      progress: (job: Job, { id }: SimulatedServer, fraction: number) =>
        this.#tell(() => policy.progress(job, id, fraction, this.#now)),
      finished: (job: Job, server: SimulatedServer, seconds: number, load: number) =>
        this.#tell(() => this.#finished(job, server.id, seconds, load)),
    };
    this.#servers = new Map(
      scenario.servers.map((kind) => [
        kind.id,
        new SimulatedServer(kind, this.#timeline, scenario.physics, events),
      ]),
    );
  }

  get #now(): number {
    return this.#timeline.now;
  }

  play(): Outcome {
    const { jobs } = this.scenario;
    for (const [arrival, batch] of byArrival(jobs)) {
      this.#timeline.at(arrival, () => this.#tell(() => this.policy.arrived(batch, this.#now)));
    }
    this.#setUpDeaths();
    for (let event = 0; this.#done.size < jobs.length; event += 1) {
      if (event > MOST_EVENTS || !this.#timeline.step()) break;
    }
    const finished = jobs.filter((job) => this.#done.has(job));
    const flows = finished.map((job) => ((this.#done.get(job) ?? 0) - job.arrival) / 1000);
    const servers = [...this.#servers.values()];
    return {
      ...this.#count,
      makespan: (this.#now - Math.min(...byArrival(jobs).keys())) / 1000,
      flow: flows.reduce((sum, value) => sum + value, 0) / flows.length,
      lost: jobs.length - finished.length,
      busySeconds: servers.reduce((sum, server) => sum + server.busySeconds, 0),
    };
  }

  #tell(event: () => void): void {
    event();
    for (const command of this.policy.decide(this.#now)) this.#obey(command);
    const wake = this.policy.nextWakeUp(this.#now);
    if (wake === null || (this.#wakeAt !== null && this.#wakeAt <= wake && this.#wakeAt > this.#now)) return;
    this.#wakeAt = wake;
    this.#timeline.at(wake, () => this.#tell(() => undefined));
  }

  #obey({ kind, job, worker, backup }: Command): void {
    const server = this.#servers.get(worker);
    if (server === undefined) throw new Error(`There is no worker ${worker}`);
    if (kind === 'dispatch') this.#post(job, server, backup);
    else if (kind === 'revoke') {
      server.takeBack(
        job,
        (waited) => waited && this.#gone(job, worker, () => this.policy.revoked(job, worker)),
      );
    } else server.interrupt(job, () => this.#gone(job, worker, () => this.policy.released(job, worker)));
  }

  #gone(job: Job, worker: string, tell: () => void): void {
    // What ended or died in the meantime was told already.
    if (!this.#placed.get(job)?.delete(worker)) return;
    this.#tell(tell);
  }

  #post(job: Job, server: SimulatedServer, backup: boolean): void {
    const places = this.#placed.get(job) ?? new Set<string>();
    if (this.#done.has(job) || (places.size > 0 && !backup)) this.#count.duplicated += 1;
    this.#placed.set(job, places.add(server.id));
    this.#count.dispatches += 1;
    if (backup) this.#count.backups += 1;
    const copy = this.#copies.get(job) ?? 0;
    this.#copies.set(job, copy + 1);
    server.post(job, slowness(this.scenario, job, copy));
  }

  #finished(job: Job, worker: string, seconds: number, load: number): void {
    if (!this.#placed.get(job)?.delete(worker)) return;
    if (!this.policy.finished(job, worker, this.#now, seconds, load)) return;
    if (this.#done.has(job)) this.#count.duplicated += 1;
    this.#done.set(job, this.#now);
    // Nothing can be dispatched of what is done, but a backup copy may still be somewhere.
    if (this.#placed.get(job)?.size === 0) this.#placed.delete(job);
  }

  #setUpDeaths(): void {
    const { failures, seed } = this.scenario;
    if (failures === null) return;
    [...this.#servers.values()].forEach((server, index) => {
      this.#dieLater(server, stream(seed, 4, index), failures);
    });
  }

  #dieLater(server: SimulatedServer, uniform: Uniform, failures: Failures): void {
    this.#timeline.after(exponential(uniform, failures.meanBetweenSeconds) * 1000, () => {
      this.#count.deaths += 1;
      server.die();
      this.#timeline.after(failures.noticeSeconds * 1000, () => this.#notice(server));
      this.#timeline.after(failures.backSeconds * 1000, () => {
        server.live();
        this.#tell(() => this.policy.workerBack?.(server.id));
        this.#dieLater(server, uniform, failures);
      });
    });
  }

  #notice({ id }: SimulatedServer): void {
    const works: Job[] = [];
    for (const [job, places] of this.#placed) if (places.delete(id)) works.push(job);
    this.#tell(() => this.policy.workerDied?.(id, works, this.#now));
  }
}

function byArrival(jobs: readonly Job[]): ReadonlyMap<number, readonly Job[]> {
  const batches = new Map<number, Job[]>();
  for (const job of jobs) {
    const batch = batches.get(job.arrival);
    if (batch === undefined) batches.set(job.arrival, [job]);
    else batch.push(job);
  }
  return batches;
}

function slowness({ seed, sigma, stragglers, stragglerSlowness }: Scenario, job: Job, copy: number): number {
  const uniform = stream(seed, 3, job.index, copy);
  const noise = lognormal(uniform, sigma);
  return uniform() < stragglers ? noise * stragglerSlowness : noise;
}
