import type { Report } from '../support/report.ts';
import { quantile } from '../support/report.ts';
import { PICTURE } from './gateway-process.ts';
import { PICTURE_BYTES } from './plain-master.ts';
import { Requests } from './requests.ts';

const ROUNDS = 9;
const DOWNLOADS = 40;
const AT_ONCE = 4;

/** Pictures of 4 MB: those on this disk, and those that only a master elsewhere has, where the network is the limit. */
export async function measureFiles(report: Report, gateway: string, master: string): Promise<void> {
  const kinds = [
    { what: 'at home', query: `${new URLSearchParams({ ...PICTURE, type: 'output' })}`, limit: 0.7 },
    { what: 'passed on', query: 'filename=preview.png&type=temp', limit: null },
  ];
  for (const { what, query, limit } of kinds) {
    const path = `/view?${query}`;
    const [ours, theirs] = [connections(gateway), connections(master)];
    await rate(ours, path);
    await rate(theirs, path);
    const ratios: number[] = [];
    const direct: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const first = round % 2 === 0 ? await rate(ours, path) : null;
      const plain = await rate(theirs, path);
      ratios.push((first ?? (await rate(ours, path))) / plain);
      direct.push(plain);
    }
    report.tell(`/view of 4 MB files ${what}, direct`, quantile(direct, 0.5), 'MB/s');
    const ratio = quantile(ratios, 0.5);
    if (limit === null) report.tell(`/view of 4 MB files ${what} ÷ direct`, ratio, '');
    else report.atLeast(`/view of 4 MB files ${what} ÷ direct`, ratio, limit, '');
    await Promise.all([...ours, ...theirs].map((one) => one.close()));
  }
}

function connections(url: string): readonly Requests[] {
  return Array.from({ length: AT_ONCE }, () => new Requests(url));
}

/** MB/s over all connections. */
async function rate(all: readonly Requests[], path: string): Promise<number> {
  const begun = performance.now();
  const loads = all.map(async (one) => {
    for (let index = 0; index < DOWNLOADS / AT_ONCE; index += 1) {
      const { bytes } = await one.time(path);
      if (bytes !== PICTURE_BYTES) throw new Error(`${bytes} bytes came`);
    }
  });
  await Promise.all(loads);
  return (DOWNLOADS * PICTURE_BYTES) / 1000 / (performance.now() - begun);
}
