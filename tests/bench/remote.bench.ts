import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { playElsewhere } from './remote/elsewhere-process.ts';
import { measureFresh } from './remote/fresh.ts';
import { describeMachine, Report } from './support/report.ts';

const SIZE = { workers: 500, processes: 2, calmSeconds: 20, cutSeconds: 20, adds: 50 };

/** `npm run bench -- remote`: hundreds of workers on other machines, looked after by one control center. */
async function main(): Promise<void> {
  const circumstances = `${describeMachine()}; real sockets over loopback, the servers are simulated`;
  const report = new Report('remote', circumstances);
  const directory = await mkdtemp(path.join(tmpdir(), 'ensemble-bench-'));
  try {
    await measureFresh(report, path.join(directory, 'data'), SIZE);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  report.print();
  process.exit(report.failed ? 1 : 0);
}

// The same bundle is started again for the processes of the servers.
if (!playElsewhere(process.argv.slice(2))) {
  main().catch((error: unknown) => {
    process.stderr.write(
      `${error instanceof Error ? `${error.stack} ${String(error.cause ?? '')}` : String(error)}\n`,
    );
    process.exit(1);
  });
}
