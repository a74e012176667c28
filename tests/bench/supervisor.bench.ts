import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { measureBoot } from './supervisor/boot.ts';
import { measureIdle } from './supervisor/idle.ts';
import { measureList } from './supervisor/list.ts';
import { measurePage } from './supervisor/page.ts';
import { measureSpam } from './supervisor/spam.ts';
import { describeMachine, Report } from './support/report.ts';

/** `npm run bench -- supervisor`: every figure with its limit, measured in this very run on simulated servers. */
async function main(): Promise<void> {
  const report = new Report('supervisor', `${describeMachine()}; ComfyUI servers and GPUs are simulated`);
  const directory = await mkdtemp(path.join(tmpdir(), 'ensemble-bench-'));
  try {
    await measureBoot(report, path.join(directory, 'boot'));
    await measureIdle(report, path.join(directory, 'idle'));
    await measureSpam(report, path.join(directory, 'spam'));
    await measurePage(report, path.join(directory, 'page'));
    await measureList(report);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  report.print();
  process.exit(report.failed ? 1 : 0);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
