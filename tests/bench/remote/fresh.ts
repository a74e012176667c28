import { HttpClient } from '../../../electron/transports/http-client.ts';
import type { FleetSnapshot, InstanceSnapshot } from '../../../shared/model.ts';
import type { RemoteDraft } from '../../../shared/remote.ts';
import { BenchHost } from '../support/host.ts';
import { quantile, type Report } from '../support/report.ts';
import { ElsewhereProcess } from './elsewhere-process.ts';
import { prepareRemotes } from './fleet-of-remotes.ts';

export interface FreshSize {
  readonly workers: number;
  readonly processes: number;
  readonly calmSeconds: number;
  readonly cutSeconds: number;
  readonly adds: number;
}

const WINDOW_MS = 100;
/** Bursts: a socket and a question for each of 500 workers in one beat would be 1,000 and more. */
const LIMITS = { corePercent: 15, calmProbes: 30, burstProbes: 200, firstRungMs: 300 } as const;

/** Workers on other machines, watched by a control center in a process of its own: what it costs, and what they are asked. */
export async function measureFresh(report: Report, data: string, size: FreshSize): Promise<void> {
  const each = size.workers / size.processes;
  const elsewhere = await Promise.all(
    Array.from({ length: size.processes }, () => ElsewhereProcess.start(each)),
  );
  const fresh = await ElsewhereProcess.start(size.adds);
  await prepareRemotes(
    data,
    elsewhere.flatMap(({ ports }) => ports),
  );
  const host = await BenchHost.start(data, ['--demo=1']);
  try {
    await measureWatching(report, host, elsewhere, size);
    await measureAdding(report, host, fresh.ports);
  } finally {
    await host.stop();
    for (const process of [...elsewhere, fresh]) await process.stop();
  }
}

async function measureWatching(
  report: Report,
  host: BenchHost,
  elsewhere: readonly ElsewhereProcess[],
  { workers, calmSeconds, cutSeconds }: FreshSize,
): Promise<void> {
  const probes = async (): Promise<readonly number[]> =>
    (await Promise.all(elsewhere.map((process) => process.probes()))).flat();
  const order = (what: 'cut' | 'restore'): void => {
    for (const process of elsewhere) process.order(what);
  };
  const burst = async (when: string): Promise<void> => {
    const moments = await probes();
    // A machine that is short of time hands over in one lump what was sent apart: the second tells that from a storm.
    report.tell(`${when}: probes in the busiest second`, most(moments, 1_000), '');
    const worst = most(moments, WINDOW_MS);
    report.atMost(`${when}: probes within ${WINDOW_MS} ms, at most`, worst, LIMITS.burstProbes, '');
  };
  const begun = performance.now();
  await until(host, (fleet) => remotes(fleet).length === workers && remotes(fleet).every(isClimbed));
  report.tell(`${workers} workers: all ladders climbed after the start`, seconds(begun), 's');
  await burst('start');
  await pause(5_000);
  await probes();
  const cpu = host.cpuSeconds();
  await pause(calmSeconds * 1000);
  const share = (host.cpuSeconds() - cpu) / calmSeconds;
  report.atMost('kept fresh: control center', share * 100, LIMITS.corePercent, '% of a core');
  const calm = await probes();
  report.tell('kept fresh: probes', calm.length / calmSeconds, '/s');
  report.atMost(
    `kept fresh: probes within ${WINDOW_MS} ms, at most`,
    most(calm, WINDOW_MS),
    LIMITS.calmProbes,
    '',
  );
  report.tell('its resident memory', host.rssBytes() / 2 ** 20, 'MiB');
  const cut = performance.now();
  order('cut');
  await until(host, (fleet) => remotes(fleet).every(({ link }) => link.status === 'down'));
  report.tell('all cut off at once: every card says so', seconds(cut), 's');
  await pause(Math.max(0, cutSeconds * 1000 - (performance.now() - cut)));
  await burst('while all are cut off');
  const back = performance.now();
  const wall = Date.now();
  order('restore');
  await until(host, (fleet) => remotes(fleet).every(({ link }) => link.status === 'up'));
  report.tell('all come back at once: every link is up', seconds(back), 's');
  await until(host, (fleet) => remotes(fleet).every((one) => isClimbed(one) && climbedAt(one) > wall));
  report.tell('all come back at once: every ladder is climbed anew', seconds(back), 's');
  await burst('when all come back at once');
}

/** From the command to the first rung on the card. */
async function measureAdding(report: Report, host: BenchHost, ports: readonly number[]): Promise<void> {
  const client = new HttpClient({ url: new URL(host.url).origin, token: host.token });
  const rungs = new Map<string, () => void>();
  const seen = new Set<string>();
  client.subscribe('fleet', ({ instances }) => {
    for (const { name, remote } of instances) {
      if (remote?.readiness?.rungs.reachable.status !== 'passed') continue;
      seen.add(name);
      rungs.get(name)?.();
    }
  });
  await new Promise<void>((resolve) => client.onConnection((connected) => connected && resolve()));
  const took: number[] = [];
  const cpu = host.cpuSeconds();
  for (const [index, port] of ports.entries()) {
    const name = `New ${index}`;
    const shown = new Promise<void>((resolve) => rungs.set(name, resolve));
    const draft: RemoteDraft = {
      ...{ type: 'remote', name, host: '127.0.0.1', port, secure: false, path: '' },
      ...{ certificate: null, access: { kind: 'none' } },
    };
    const begun = performance.now();
    await client.invoke('remote.add', { draft });
    await shown;
    took.push(performance.now() - begun);
    await pause(200);
  }
  client.close();
  const spent = (host.cpuSeconds() - cpu) / ports.length;
  report.tell('adding one: processor time, what is kept fresh meanwhile included', spent * 1000, 'ms');
  report.tell('adding one: first rung on its card, p50', quantile(took, 0.5), 'ms');
  report.atMost('adding one: first rung on its card, p95', quantile(took, 0.95), LIMITS.firstRungMs, 'ms');
}

function remotes({ instances }: FleetSnapshot): readonly InstanceSnapshot[] {
  return instances.filter(({ type }) => type === 'remote');
}

function isClimbed({ remote }: InstanceSnapshot): boolean {
  return remote?.readiness?.done === true && remote.readiness.rungs.files.status === 'passed';
}

function climbedAt({ remote }: InstanceSnapshot): number {
  return remote?.readiness?.at ?? 0;
}

/** The most of these moments that lie within one window. */
function most(moments: readonly number[], windowMs: number): number {
  const sorted = [...moments].sort((a, b) => a - b);
  let [first, best] = [0, 0];
  for (const [index, moment] of sorted.entries()) {
    while (moment - (sorted[first] ?? moment) >= windowMs) first += 1;
    best = Math.max(best, index - first + 1);
  }
  return best;
}

/** Looked at rarely: a snapshot of hundreds is large, and its cost would be measured too. */
async function until(host: BenchHost, wanted: (fleet: FleetSnapshot) => boolean): Promise<void> {
  let last: FleetSnapshot | null = null;
  for (const end = Date.now() + 180_000; Date.now() < end; await pause(500)) {
    // A connection that was kept may end at the very moment that it is used again.
    last = await host.invoke('fleet.snapshot', {}).catch(() => null);
    if (last !== null && wanted(last)) return;
  }
  const all = last === null ? [] : remotes(last);
  const up = all.filter(({ link }) => link.status === 'up').length;
  const climbed = all.filter(isClimbed).length;
  throw new Error(`not within 180 s: ${all.length} workers, ${up} up, ${climbed} climbed`);
}

function seconds(since: number): number {
  return (performance.now() - since) / 1000;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
