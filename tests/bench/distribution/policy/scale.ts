import { Scheduler } from '../../../../electron/core/scheduler/scheduler.ts';
import type { Report } from '../../support/report.ts';
import { lognormal, stream } from './chance.ts';
import { type Call, EnsemblePolicy } from './ensemble.ts';
import type { Job, ServerKind } from './server.ts';
import { type Scenario, simulate } from './simulate.ts';

const JOBS = 100_000;
const WORKERS = 1_000;

/** One run of 100,000 shards on 1,000 unlike workers that die and come back. */
export function measureScale(report: Report, seed: number): void {
  const scenario = bulkScenario(JOBS, WORKERS, seed);
  const policy = new EnsemblePolicy(
    scenario.servers.map(({ id }) => id),
    { oneRun: true, record: true },
  );
  const outcome = simulate(scenario, policy);
  const { dispatches, backups, deaths, lost, duplicated, makespan } = outcome;
  const words = `${dispatches} dispatches, ${backups} backups, ${deaths} deaths, makespan ${makespan.toFixed(0)} s`;
  process.stdout.write(`\n${JOBS} shards on ${WORKERS} workers with failures: ${words}\n`);
  report.atMost('100,000 shards on 1,000 workers: lost', lost, 0, '');
  report.atMost('100,000 shards on 1,000 workers: duplicated', duplicated, 0, '');
  const spent = replay(policy.calls) / JOBS;
  report.atMost('100,000 shards on 1,000 workers: processor time to place each', spent, 50, 'µs');
}

/** The same calls on a scheduler of its own, without the simulation around them. @returns µs of processor time */
function replay(calls: readonly Call[]): number {
  const scheduler = new Scheduler();
  const before = process.cpuUsage();
  for (const call of calls) call(scheduler);
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

export function bulkScenario(jobCount: number, workerCount: number, seed: number): Scenario {
  const uniform = stream(seed, 5);
  const servers = Array.from({ length: workerCount }, (_, index): ServerKind => {
    return { id: `worker-${index}`, speed: 0.25 + 1.2 * uniform(), keeps: 1 };
  });
  const sizes = stream(seed, 2);
  const jobs = Array.from({ length: jobCount }, (_, index): Job => {
    const seconds = 10 * lognormal(sizes, 0.02);
    return { id: `shard-${index}`, index, model: 'sdxl', workflow: 'bulk', seconds, arrival: 0 };
  });
  return {
    servers,
    jobs,
    physics: { loadSeconds: () => 12, steps: 3, latencyMs: 2.5 },
    sigma: 0.05,
    stragglers: 0.01,
    stragglerSlowness: 4,
    failures: { meanBetweenSeconds: 7200, noticeSeconds: 5.4, backSeconds: 60 },
    seed,
  };
}
