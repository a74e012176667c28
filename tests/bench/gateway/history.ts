import type { Report } from '../support/report.ts';
import { quantile } from '../support/report.ts';
import { Requests } from './requests.ts';

const ROUNDS = 15;

/** How long a page waits for its lists, to the last byte, when the gateway remembers all that it may. */
export async function measureHistory(report: Report, gateway: string, entries: number): Promise<void> {
  const lists = [
    { what: `/history, ${entries} entries`, path: '/history' },
    { what: '/history?max_items=64 of them', path: '/history?max_items=64' },
    { what: `/api/jobs, ${entries} lines`, path: '/api/jobs' },
    {
      what: '/api/jobs?limit=200 of them',
      path: '/api/jobs?status=completed,failed,cancelled&limit=200&offset=0',
    },
  ];
  const requests = new Requests(gateway);
  for (const { what, path } of lists) {
    const times: number[] = [];
    let size = 0;
    await requests.time(path);
    for (let round = 0; round < ROUNDS; round += 1) {
      const { ms, bytes } = await requests.time(path);
      times.push(ms);
      size = bytes;
    }
    report.tell(`${what}: size`, size / 1e6, 'MB');
    report.atMost(`${what}: p50`, quantile(times, 0.5), 50, 'ms');
  }
  await requests.close();
}
