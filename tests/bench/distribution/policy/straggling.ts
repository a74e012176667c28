import type { Report } from '../../support/report.ts';
import { quantile } from '../../support/report.ts';
import { Pull } from './baselines.ts';
import { mean } from './chance.ts';
import { EnsemblePolicy } from './ensemble.ts';
import { optimum } from './fan-out.ts';
import type { Job, ServerKind } from './server.ts';
import { type Scenario, simulate } from './simulate.ts';

const TILES = 48;
const TILE_SECONDS = 5;
const SPEEDS = [1, 0.55, 0.36, 0.25];

/** 48 tiles on 4 unlike GPUs, 5 % of the copies five times slower. The same works with backup copies forbidden: paid workers. */
export function measureStraggling(report: Report, seeds: readonly number[]): void {
  const best = optimum(SPEEDS, TILES, TILE_SECONDS);
  const play = (seed: number, how: 'backups' | 'none' | 'pull'): { ratio: number; extra: number } => {
    const scenario = tiles(seed);
    const ids = scenario.servers.map(({ id }) => id);
    const policy =
      how === 'pull' ? new Pull(ids) : new EnsemblePolicy(ids, { oneRun: true, paid: how === 'none' });
    const outcome = simulate(scenario, policy);
    return { ratio: outcome.makespan / best, extra: outcome.backups / TILES };
  };
  const all = (how: 'backups' | 'none' | 'pull'): readonly number[] =>
    seeds.map((seed) => play(seed, how).ratio);
  const [backups, none, pull] = [all('backups'), all('none'), all('pull')];
  const extra = mean(seeds.map((seed) => play(seed, 'backups').extra));
  const words = Object.entries({ 'with backups': backups, without: none, pull }).map(
    ([name, values]) => `${name} ${mean(values).toFixed(3)} (${quantile(values, 0.95).toFixed(3)})`,
  );
  process.stdout.write(
    `\n48 tiles, 5 % stragglers × 5, ${seeds.length} seeds: makespan ÷ optimum without stragglers, mean (p95)\n`,
  );
  process.stdout.write(`  ${words.join(', ')}; ${(extra * 100).toFixed(1)} % of the tiles twice\n`);
  const gain = mean(none.map((value, index) => value / (backups[index] ?? Number.NaN)));
  report.atLeast('48 tiles with stragglers: makespan without ÷ with backups, mean', gain, 1, '×');
  report.atMost('48 tiles with stragglers: tiles computed twice', extra * 100, 10, '%');
}

function tiles(seed: number): Scenario {
  const jobs = Array.from({ length: TILES }, (_, index): Job => {
    return { id: `tile-${index}`, index, model: null, workflow: 'tiles', seconds: TILE_SECONDS, arrival: 0 };
  });
  const servers = SPEEDS.map((speed, index): ServerKind => ({ id: `worker-${index}`, speed, keeps: 1 }));
  const physics = { loadSeconds: () => 0, steps: 20, latencyMs: 2.5 };
  return {
    servers,
    jobs,
    physics,
    sigma: 0.05,
    stragglers: 0.05,
    stragglerSlowness: 5,
    failures: null,
    seed,
  };
}
