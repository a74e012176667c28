import type { Report } from '../../support/report.ts';
import { quantile } from '../../support/report.ts';
import { Pull, RoundRobin } from './baselines.ts';
import { mean } from './chance.ts';
import { EnsemblePolicy } from './ensemble.ts';
import type { Policy } from './policy.ts';
import type { Job, Physics, ServerKind } from './server.ts';
import { type Scenario, simulate } from './simulate.ts';

const JOB_SECONDS = 10;
const PHYSICS: Physics = { loadSeconds: () => 12, steps: 20, latencyMs: 2.5 };
const UNLIKE = [1, 0.55, 0.36, 0.25];
const EQUAL = [1, 1, 1, 1];

interface Setting {
  readonly name: string;
  readonly speeds: readonly number[];
  readonly jobs: number;
  readonly limit: number;
}

const SETTINGS: readonly Setting[] = [
  { name: '4 equal, N = 8', speeds: EQUAL, jobs: 8, limit: 1.05 },
  { name: '4 equal, N = 32', speeds: EQUAL, jobs: 32, limit: 1.05 },
  { name: '4 unlike, N = 8', speeds: UNLIKE, jobs: 8, limit: 1.08 },
  { name: '4 unlike, N = 32', speeds: UNLIKE, jobs: 32, limit: 1.08 },
];

/** Smallest T with Σ⌊s·T/p⌋ ≥ N: nobody can be done sooner with whole jobs. Seconds. */
export function optimum(speeds: readonly number[], jobs: number, seconds: number): number {
  const ends = speeds.flatMap((speed) => Array.from({ length: jobs }, (_, k) => ((k + 1) * seconds) / speed));
  return ends.sort((a, b) => a - b)[jobs - 1] as number;
}

/** Identical shards of one run, models loaded. Cold: the first run ever; learned: after three runs like it. */
export function measureFanOut(report: Report, seeds: readonly number[]): void {
  process.stdout.write(`\nfan-out: makespan ÷ optimum, noise σ 0.05, ${seeds.length} seeds: mean (p95)\n`);
  for (const setting of SETTINGS) {
    const learned = seeds.map((seed) => ratio(setting, seed, 'learned'));
    const cold = seeds.map((seed) => ratio(setting, seed, 'cold'));
    const pull = seeds.map((seed) => ratio(setting, seed, 'pull'));
    const split = seeds.map((seed) => ratio(setting, seed, 'split'));
    report.atMost(`fan-out, ${setting.name}, learned: mean ÷ optimum`, mean(learned), setting.limit, '×');
    report.atMost(`fan-out, ${setting.name}, first run ever: mean ÷ optimum`, mean(cold), setting.limit, '×');
    const figures = Object.entries({ learned, cold, pull, 'equal split': split });
    const words = figures.map(
      ([name, values]) => `${name} ${mean(values).toFixed(3)} (${quantile(values, 0.95).toFixed(3)})`,
    );
    process.stdout.write(`  ${setting.name}: ${words.join(', ')}\n`);
  }
}

function ratio({ speeds, jobs }: Setting, seed: number, how: 'learned' | 'cold' | 'pull' | 'split'): number {
  const servers = speeds.map((speed, index): ServerKind => ({ id: `worker-${index}`, speed, keeps: 1 }));
  const ids = servers.map(({ id }) => id);
  const scenario = (round: number): Scenario => ({
    servers,
    jobs: shards(jobs, round),
    physics: PHYSICS,
    sigma: 0.05,
    stragglers: 0,
    stragglerSlowness: 1,
    failures: null,
    seed: seed * 10 + round,
  });
  let policy: Policy = how === 'pull' ? new Pull(ids) : new RoundRobin(ids);
  if (how === 'cold' || how === 'learned') {
    let ensemble = new EnsemblePolicy(ids, { oneRun: true });
    for (let round = 1; how === 'learned' && round <= 3; round += 1) {
      simulate(scenario(round), ensemble);
      const speedsKnown = ensemble.scheduler.exportSpeeds();
      ensemble = new EnsemblePolicy(ids, { oneRun: true });
      ensemble.scheduler.loadSpeeds(speedsKnown);
    }
    policy = ensemble;
  }
  return simulate(scenario(0), policy).makespan / optimum(speeds, jobs, JOB_SECONDS);
}

function shards(count: number, round: number): readonly Job[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${round}/${index}`,
    index,
    model: null,
    workflow: 'fan-out',
    seconds: JOB_SECONDS,
    arrival: 0,
  }));
}
