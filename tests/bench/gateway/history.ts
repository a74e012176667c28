import type { Report } from '../support/report.ts';
import { quantile } from '../support/report.ts';
import type { GatewayProcess } from './gateway-process.ts';
import { Requests } from './requests.ts';

const ROUNDS = 15;

/** How long a page waits for its lists, to the last byte, when the gateway remembers all that it may. */
export async function measureHistory(
  report: Report,
  gateway: GatewayProcess,
  entries: number,
): Promise<void> {
  const lists = [
    { what: `/history, ${entries} entries`, path: '/history' },
    { what: '/history?max_items=64 of them', path: '/history?max_items=64' },
    { what: `/api/jobs, ${entries} lines`, path: '/api/jobs' },
    {
      what: '/api/jobs?limit=200 of them',
      path: '/api/jobs?status=completed,failed,cancelled&limit=200&offset=0',
    },
  ];
  const requests = new Requests(gateway.url);
  for (const { what, path } of lists) {
    const times: number[] = [];
    let size = 0;
    await requests.time(path);
    const before = await gateway.usage();
    for (let round = 0; round < ROUNDS; round += 1) {
      const { ms, bytes } = await requests.time(path);
      times.push(ms);
      size = bytes;
    }
    // What other programs on the machine take does not count in this one.
    const cpu = ((await gateway.usage()).cpuMs - before.cpuMs) / ROUNDS;
    report.tell(`${what}: size`, size / 1e6, 'MB');
    report.tell(`${what}: processor time of the gateway`, cpu, 'ms');
    report.atMost(`${what}: p50`, quantile(times, 0.5), 50, 'ms');
  }
  await requests.close();
}
