import { fork } from 'node:child_process';
import { once } from 'node:events';
import { measureClients } from './gateway/clients.ts';
import { measureFiles } from './gateway/files.ts';
import { GatewayProcess } from './gateway/gateway-process.ts';
import { measureHistory } from './gateway/history.ts';
import { playRole } from './gateway/roles.ts';
import { measureSmallRequests } from './gateway/small-requests.ts';
import { describeMachine, Report } from './support/report.ts';

const ENTRIES = 10_000;

/** `npm run bench -- gateway`: the gateway beside its master, asked in turn in this very run. */
async function main(): Promise<void> {
  const circumstances = `${describeMachine()}; real sockets, files and journal, the servers are simulated`;
  const report = new Report('gateway', circumstances);
  const child = fork(process.argv[1] ?? '', ['plain-master']);
  const [{ url: master }] = (await once(child, 'message')) as [{ readonly url: string }];
  const gateway = await GatewayProcess.start({ urls: [master], history: ENTRIES });
  await measureSmallRequests(report, gateway.url, master);
  await measureFiles(report, gateway.url, master);
  await measureHistory(report, gateway, ENTRIES);
  await gateway.stop();
  child.kill();
  await measureClients(report);
  report.print();
  process.exit(report.failed ? 1 : 0);
}

// The same bundle is started again for each process that is measured or simulated.
if (!playRole(process.argv.slice(2))) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
}
