import { measureFanOut } from './distribution/policy/fan-out.ts';
import { measureMixed } from './distribution/policy/mixed.ts';
import { measureScale } from './distribution/policy/scale.ts';
import { measureStraggling } from './distribution/policy/straggling.ts';
import { describeMachine, Report } from './support/report.ts';

/** Seeds that no constant was chosen on: those were 5000 to 5005. */
const SEEDS = Array.from({ length: 30 }, (_, index) => 12_000 + index);
const MANY_SEEDS = Array.from({ length: 100 }, (_, index) => 12_000 + index);

/** `npm run bench -- distribution`: every figure with its limit, measured in this very run. */
function main(): void {
  const report = new Report('distribution', `${describeMachine()}; the workers are simulated`);
  measureFanOut(report, MANY_SEEDS);
  measureStraggling(report, MANY_SEEDS);
  measureMixed(report, SEEDS);
  measureScale(report, 12_000);
  report.print();
  process.exit(report.failed ? 1 : 0);
}

main();
