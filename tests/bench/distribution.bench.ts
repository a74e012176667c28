import { measureController } from './distribution/controller/controller.ts';
import { playRole } from './distribution/controller/roles.ts';
import { measureFanOut } from './distribution/policy/fan-out.ts';
import { measureMixed } from './distribution/policy/mixed.ts';
import { measureScale } from './distribution/policy/scale.ts';
import { measureStraggling } from './distribution/policy/straggling.ts';
import { describeMachine, Report } from './support/report.ts';

/** Seeds that no constant was chosen on: those were 5000 to 5005. */
const SEEDS = Array.from({ length: 30 }, (_, index) => 12_000 + index);
const MANY_SEEDS = Array.from({ length: 100 }, (_, index) => 12_000 + index);

/** `npm run bench -- distribution`: every figure with its limit, measured in this very run. */
async function main(): Promise<void> {
  const machine = describeMachine();
  const policy = new Report('distribution, policy', `${machine}; workers and time are simulated`);
  measureFanOut(policy, MANY_SEEDS);
  measureStraggling(policy, MANY_SEEDS);
  measureMixed(policy, SEEDS);
  measureScale(policy, 12_000);
  policy.print();
  const circumstances = `${machine}; real sockets, files and journal, the workers are simulated`;
  const controller = new Report('distribution, controller', circumstances);
  await measureController(controller);
  controller.print();
  process.exit(policy.failed || controller.failed ? 1 : 0);
}

// The same bundle is started again for each process that is measured or simulated.
if (!playRole(process.argv.slice(2))) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
}
