import { lognormal, stream } from './chance.ts';
import type { Policy } from './policy.ts';
import { type Job, type Physics, type ServerKind, SimulatedServer } from './server.ts';
import { Timeline } from './timeline.ts';

export interface Scenario {
  readonly servers: readonly ServerKind[];
  readonly jobs: readonly Job[];
  readonly physics: Physics;
  readonly sigma: number;
  /** Share of copies that take `stragglerSlowness` times as long. */
  readonly stragglers: number;
  readonly stragglerSlowness: number;
  readonly seed: number;
}

export interface Outcome {
  /** Seconds from the first arrival to the last result. */
  readonly makespan: number;
  /** Mean seconds from arrival to result. */
  readonly flow: number;
  readonly dispatches: number;
  readonly backups: number;
  /** Seconds that servers were busy with what came to an end there. */
  readonly busySeconds: number;
}

const MOST_EVENTS = 20_000_000;

/** Plays a scenario under a policy. Copy n of a job is as noisy on every worker and under every policy. */
export function simulate(scenario: Scenario, policy: Policy): Outcome {
  const { jobs, physics } = scenario;
  const timeline = new Timeline();
  const start = Math.min(...jobs.map((job) => job.arrival));
  const copies = new Map<Job, number>();
  const done = new Map<Job, number>();
  let dispatches = 0;
  let backups = 0;
  let wakeAt: number | null = null;

  const events = {
    started: (job: Job, server: SimulatedServer) => {
      policy.started(job, server.id, timeline.now);
      act();
    },
    progress: (job: Job, server: SimulatedServer, fraction: number) => {
      policy.progress(job, server.id, fraction, timeline.now);
      act();
    },
    finished: (job: Job, server: SimulatedServer, seconds: number, load: number) => {
      if (policy.finished(job, server.id, timeline.now, seconds, load)) done.set(job, timeline.now);
      act();
    },
  };
  const servers = new Map(
    scenario.servers.map((kind) => [kind.id, new SimulatedServer(kind, timeline, physics, events)]),
  );

  const act = (): void => {
    for (const { kind, job, worker, backup } of policy.decide(timeline.now)) {
      const server = servers.get(worker);
      if (server === undefined) throw new Error(`There is no worker ${worker}`);
      if (kind === 'revoke') server.takeBack(job, (waited) => waited && (policy.revoked(job, worker), act()));
      else if (kind === 'interrupt') server.interrupt(job, () => (policy.released(job, worker), act()));
      else {
        dispatches += 1;
        if (backup) backups += 1;
        const copy = copies.get(job) ?? 0;
        copies.set(job, copy + 1);
        server.post(job, slowness(scenario, job, copy));
      }
    }
    const wake = policy.nextWakeUp(timeline.now);
    if (wake === null || (wakeAt !== null && wakeAt <= wake && wakeAt > timeline.now)) return;
    wakeAt = wake;
    timeline.at(wake, () => {
      if (done.size < jobs.length) act();
    });
  };

  for (const [arrival, batch] of byArrival(jobs)) {
    timeline.at(arrival, () => {
      policy.arrived(batch, timeline.now);
      act();
    });
  }
  for (let event = 0; done.size < jobs.length; event += 1) {
    if (event > MOST_EVENTS || !timeline.step()) throw new Error(`${policy.name} left works undone`);
  }
  const flows = jobs.map((job) => ((done.get(job) ?? Number.NaN) - job.arrival) / 1000);
  return {
    makespan: (timeline.now - start) / 1000,
    flow: flows.reduce((sum, value) => sum + value, 0) / flows.length,
    dispatches,
    backups,
    busySeconds: [...servers.values()].reduce((sum, server) => sum + server.busySeconds, 0),
  };
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
