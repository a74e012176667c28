import { BenchHost } from '../support/host.ts';
import type { Report } from '../support/report.ts';
import { allReady } from './boot.ts';

const SETTLE_MS = 10_000;
const MEASURED_MS = 30_000;

/** What a night without work costs: 8 workers watched, telemetry once a second. */
export async function measureIdle(report: Report, data: string): Promise<void> {
  const host = await BenchHost.start(data, ['--demo=9']);
  try {
    await host.until((fleet) => fleet.instances.length === 9 && allReady(fleet), 60_000);
    await pause(SETTLE_MS);
    const before = host.cpuSeconds();
    await pause(MEASURED_MS);
    const share = (host.cpuSeconds() - before) / (MEASURED_MS / 1000);
    report.atMost('idle control center, 8 workers, 1 Hz', share * 100, 1, '% of a core');
    report.atMost('its resident memory', host.rssBytes() / 2 ** 20, 150, 'MiB');
  } finally {
    await host.stop();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
