import { isAlive } from '../../../shared/lifecycle.ts';
import { BenchHost } from '../support/host.ts';
import type { Report } from '../support/report.ts';

const WORKERS = 8;

/** A start-all must cost the time of the slowest server, not the sum. */
export async function measureBoot(report: Report, data: string): Promise<void> {
  const host = await BenchHost.start(data, [`--demo=${WORKERS + 1}`], {
    ENSEMBLE_SIM: JSON.stringify({ bootMs: 2_500 }),
  });
  try {
    await host.until((fleet) => fleet.instances.length === WORKERS + 1 && allReady(fleet), 60_000);
    await host.invoke('fleet.stopAll', {});
    await host.until((fleet) => fleet.instances.every(({ process }) => !isAlive(process)), 30_000);
    const begun = performance.now();
    await host.invoke('fleet.startAll', {});
    const fleet = await host.until(allReady, 60_000);
    const seconds = (performance.now() - begun) / 1000;
    const slowest = Math.max(
      ...fleet.instances.map(({ process }) => (process.status === 'ready' ? (process.bootMs ?? 0) : 0)),
    );
    report.atMost(`start ${WORKERS} workers and the master`, seconds, slowest / 1000 + 1, 's');
  } finally {
    await host.stop();
  }
}

export function allReady(fleet: Awaited<ReturnType<BenchHost['until']>>): boolean {
  return fleet.instances.length > 0 && fleet.instances.every(({ process }) => process.status === 'ready');
}
