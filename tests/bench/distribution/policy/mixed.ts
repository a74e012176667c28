import type { Report } from '../../support/report.ts';
import { LeastQueue, Pull, RoundRobin, SwarmRule } from './baselines.ts';
import { bootstrap, exponential, lognormal, mean, shuffled, stream } from './chance.ts';
import { EnsemblePolicy } from './ensemble.ts';
import type { Policy } from './policy.ts';
import type { Job, ServerKind } from './server.ts';
import { type Outcome, type Scenario, simulate } from './simulate.ts';

/** 4090 = 1; performance §4. */
const SPEEDS = [1.41, 0.95, 1, 1, 0.55, 0.55, 0.37, 0.37, 0.36, 0.36, 0.25, 0.25];
/** Seconds on speed 1, and how often each model is asked for. */
const MODELS = [
  { name: 'sd15', seconds: 3, share: 0.2 },
  { name: 'sdxl', seconds: 7, share: 0.3 },
  { name: 'pony', seconds: 7, share: 0.2 },
  { name: 'flux', seconds: 15, share: 0.2 },
  { name: 'video', seconds: 30, share: 0.1 },
];

export interface MixedSetting {
  readonly name: string;
  /** Seconds, of the smallest and the largest model. */
  readonly load: readonly [number, number];
  readonly utilization: number;
  readonly keeps: number;
  readonly gated: boolean;
}

export const MIXED_SETTINGS: readonly MixedSetting[] = [
  { name: 'cold loads 12–40 s, 80 % load', load: [12, 40], utilization: 0.8, keeps: 1, gated: true },
  { name: 'loads from RAM 3–10 s, 80 % load', load: [3, 10], utilization: 0.8, keeps: 1, gated: false },
];

const JOBS = 1_500;

export function mixedScenario(setting: MixedSetting, seed: number): Scenario {
  const arrivals = stream(seed, 1);
  const sizes = stream(seed, 2);
  const meanSeconds = MODELS.reduce((sum, { seconds, share }) => sum + seconds * share, 0);
  const capacity = SPEEDS.reduce((sum, speed) => sum + speed, 0);
  const gap = (meanSeconds / (capacity * setting.utilization)) * 1000;
  let arrival = 0;
  const jobs = Array.from({ length: JOBS }, (_, index): Job => {
    arrival += exponential(arrivals, gap);
    const { name, seconds } = pick(sizes());
    return {
      id: `job-${index}`,
      index,
      model: name,
      workflow: name,
      seconds: seconds * lognormal(sizes, 0.25),
      arrival,
    };
  });
  const [least, most] = setting.load;
  const loadSeconds = (model: string): number =>
    least + ((most - least) * MODELS.findIndex(({ name }) => name === model)) / (MODELS.length - 1);
  // No policy but ours knows who is fast: their lists must not say so by their order.
  const speeds = shuffled(SPEEDS, stream(seed, 5));
  const servers = speeds.map(
    (speed, index): ServerKind => ({ id: `worker-${index}`, speed, keeps: setting.keeps }),
  );
  const physics = { loadSeconds, steps: 5, latencyMs: 2.5 };
  return { servers, jobs, physics, sigma: 0.05, stragglers: 0, stragglerSlowness: 1, failures: null, seed };
}

function pick(uniform: number): (typeof MODELS)[number] {
  let left = uniform;
  for (const model of MODELS) {
    left -= model.share;
    if (left < 0) return model;
  }
  return MODELS[0] as (typeof MODELS)[number];
}

/** Runs of one job each, arriving by themselves. Sizes are hidden from every policy: each job counts as one unit. */
export function measureMixed(report: Report, seeds: readonly number[]): void {
  for (const setting of MIXED_SETTINGS) {
    process.stdout.write(
      `\nmixed queue, 5 models, 12 unlike GPUs, ${setting.name}, ${JOBS} jobs, ${seeds.length} seeds\n`,
    );
    const outcomes = playAll(setting, seeds);
    const ours = outcomes.get('Comfy Ensemble') ?? [];
    for (const [name, theirs] of outcomes) {
      const ratios = theirs.map((outcome, index) => outcome.flow / (ours[index]?.flow ?? Number.NaN));
      const [low, high] = bootstrap(ratios, 1);
      const flow = mean(theirs.map((outcome) => outcome.flow)).toFixed(1);
      const makespan = mean(theirs.map((outcome) => outcome.makespan)).toFixed(0);
      const times = `${mean(ratios).toFixed(2)} × ours [${low.toFixed(2)}, ${high.toFixed(2)}]`;
      process.stdout.write(`  ${name.padEnd(16)} mean flow ${flow} s, makespan ${makespan} s, ${times}\n`);
      if (setting.gated && theirs !== ours && name !== 'pull') {
        report.atLeast(`mixed queue, ${setting.name}: mean flow of ${name} ÷ ours`, mean(ratios), 1.5, '×');
      }
    }
  }
}

export function playAll(
  setting: MixedSetting,
  seeds: readonly number[],
): ReadonlyMap<string, readonly Outcome[]> {
  const outcomes = new Map<string, Outcome[]>();
  for (const seed of seeds) {
    const scenario = mixedScenario(setting, seed);
    const ids = scenario.servers.map(({ id }) => id);
    const policies: readonly Policy[] = [
      new EnsemblePolicy(ids, { oneRun: false }),
      new RoundRobin(ids),
      new LeastQueue(ids),
      new Pull(ids),
      new SwarmRule(ids),
    ];
    for (const policy of policies) {
      const list = outcomes.get(policy.name) ?? [];
      outcomes.set(policy.name, list);
      list.push(simulate(scenario, policy));
    }
  }
  return outcomes;
}
