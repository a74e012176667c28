import { describe, expect, it } from 'vitest';
import { Telemetry } from '../../../electron/core/telemetry.ts';
import type { HostSample, TelemetrySample } from '../../../shared/model.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const host: HostSample = { cpu: 0.5, memoryUsed: 1, memoryTotal: 2, diskFree: 3, diskTotal: 4 };

describe('Telemetry', () => {
  it('ticks at the interval in force and keeps the last minute', () => {
    const clock = new ManualClock();
    let intervalMs = 1_000;
    const telemetry = new Telemetry({
      clock,
      intervalMs: () => intervalMs,
      gpus: () => [],
      host: () => host,
    });
    const seen: TelemetrySample[] = [];
    telemetry.onSample((sample) => seen.push(sample));
    telemetry.start();
    telemetry.start();
    clock.advance(100_000);
    expect(seen).toHaveLength(100);
    expect(telemetry.history).toHaveLength(60);
    intervalMs = 10_000;
    clock.advance(21_000);
    expect(seen).toHaveLength(103);
    telemetry.stop();
    clock.advance(60_000);
    expect(seen).toHaveLength(103);
    expect(clock.pending).toBe(0);
  });
});
