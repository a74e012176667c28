import type { Report } from '../support/report.ts';
import { quantile } from '../support/report.ts';
import { Requests } from './requests.ts';

const ROUNDS = 9;
const REQUESTS = 400;

/** What asking the gateway takes longer than asking its master, request by request in turn. */
export async function measureSmallRequests(report: Report, gateway: string, master: string): Promise<void> {
  const kinds = [
    { what: 'passed on to the master', path: '/embeddings' },
    { what: 'answered by the gateway', path: '/queue' },
  ];
  for (const { what, path } of kinds) {
    const [ours, theirs] = [new Requests(gateway), new Requests(master)];
    await roundOf(ours, theirs, path);
    const p50: number[] = [];
    const p99: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const { added, direct } = await roundOf(ours, theirs, path);
      p50.push(added[0]);
      p99.push(added[1]);
      if (round === ROUNDS - 1) report.tell(`small request, direct, p50 (${path})`, direct, 'ms');
    }
    report.atMost(`small request ${what}: added p50`, quantile(p50, 0.5), 0.5, 'ms');
    report.atMost(`small request ${what}: added p99`, quantile(p99, 0.5), 3, 'ms');
    await Promise.all([ours.close(), theirs.close()]);
  }
}

async function roundOf(
  ours: Requests,
  theirs: Requests,
  path: string,
): Promise<{ readonly added: readonly [number, number]; readonly direct: number }> {
  const via: number[] = [];
  const direct: number[] = [];
  for (let index = 0; index < REQUESTS; index += 1) {
    // ABBA: whatever drifts meets both alike.
    const first = index % 2 === 0;
    if (first) via.push((await ours.time(path)).ms);
    direct.push((await theirs.time(path)).ms);
    if (!first) via.push((await ours.time(path)).ms);
  }
  const at = (share: number): number => quantile(via, share) - quantile(direct, share);
  return { added: [at(0.5), at(0.99)], direct: quantile(direct, 0.5) };
}
