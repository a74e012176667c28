import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEventFrame } from '../../../renderer/client/event-hub.ts';
import { retryDelay } from '../../../renderer/client/web-client.ts';
import { sparklinePath } from '../../../renderer/components/sparkline.tsx';
import { nextIndex } from '../../../renderer/fleet/arrow-keys.ts';
import { gpuReadings } from '../../../renderer/fleet/gpu-readings.ts';
import { doingOf } from '../../../renderer/fleet/what-it-does.ts';
import { imageOf } from '../../../renderer/pictures/image-of.ts';
import {
  formatAgo,
  formatBytes,
  formatBytesOf,
  formatDuration,
  formatWatts,
} from '../../../renderer/store/format.ts';
import { announcementsOf, placeOf, shortPlaceOf, totalsOf } from '../../../renderer/store/selectors.ts';
import { mergeSamples, TELEMETRY_CAPACITY } from '../../../renderer/store/telemetry-store.ts';
import { FLEETS, gpu, instance, telemetry } from '../../web/fixtures/fleets.ts';
import { remoteFacts } from '../../web/fixtures/remote-fleets.ts';

describe('format', () => {
  it('says sizes and times as people read them', () => {
    expect(formatBytes(24 * 1024 ** 3)).toBe('24 GB');
    expect(formatBytesOf(11.25 * 1024 ** 3, 24 * 1024 ** 3)).toBe('11.3 / 24 GB');
    expect(formatBytesOf(null, 24 * 1024 ** 3)).toBe('– / 24 GB');
    expect(formatBytesOf(3217 * 1024 ** 3, 6432 * 1024 ** 3)).toBe('3.1 / 6.3 TB');
    expect(formatWatts(1331.4)).toBe('1331 W');
    expect(formatWatts(45_037)).toBe('45 kW');
    expect(formatDuration(3_725_000)).toBe('1 h 2 min');
    expect(formatDuration(-5)).toBe('0 s');
    expect(formatAgo(1000, 2000)).toBe('just now');
    expect(formatAgo(0, 65_000)).toBe('1 min ago');
  });
});

describe('selectors', () => {
  it('names the place by type', () => {
    expect(placeOf(instance(1), gpu(1))).toBe('NVIDIA GeForce RTX 3090 · GPU 1 · port 8189');
    expect(shortPlaceOf(instance(1), gpu(1))).toBe('RTX 3090 · GPU 1 · 8189');
    expect(placeOf(instance(1, { device: 'cpu' }), null)).toBe('CPU · port 8189');
    const remote = remoteFacts();
    expect(placeOf(instance(1, { type: 'remote', host: 'box', remote }), null)).toBe('box:8189');
    expect(
      placeOf(
        instance(1, { type: 'cloud', host: 'pod.example', port: 443, remote: remoteFacts({ secure: true }) }),
        null,
      ),
    ).toBe('pod.example');
  });

  it('announces changed states once, without queue lengths or countdowns', () => {
    const before = [instance(0), instance(1, { queue: 1 })];
    expect(announcementsOf(before, [instance(0, { queue: 2 }), instance(1, { queue: 5 })])).toEqual([
      'Master: Busy',
    ]);
    expect(announcementsOf(before, before)).toEqual([]);
  });

  it('sums what is known and says unknown otherwise', () => {
    const gpus = [gpu(0), gpu(1)];
    expect(totalsOf(gpus, null)).toMatchObject({ watts: null, memoryUsed: null });
    const sample = telemetry(gpus, 3);
    const watts = sample.gpus.reduce((sum, one) => sum + (one.power ?? 0), 0);
    expect(totalsOf(gpus, sample).watts).toBeCloseTo(watts);
  });
});

describe('what an instance does', () => {
  it('has words for every state of every scripted fleet', () => {
    for (const scripted of [FLEETS.ready, FLEETS.empty, FLEETS.starting, FLEETS.busy, FLEETS.failing]) {
      for (const one of scripted().instances) expect(doingOf(one, Date.now()).title).not.toBe('');
    }
  });

  it('shows the live preview while it works and the test picture afterwards', () => {
    const [master, , , worker] = FLEETS.busy().instances;
    expect(master && imageOf(master)).toEqual({ path: '/files/previews/master?n=14', live: true });
    expect(worker && imageOf(worker)).toEqual({ path: '/files/pictures/a.png', live: false });
    expect(imageOf(instance(1))).toBeNull();
  });
});

describe('readings', () => {
  it('warns about heat', () => {
    const sample = telemetry([gpu(0)], 1);
    const hot = { ...sample, gpus: sample.gpus.map((one) => ({ ...one, temperature: 93 })) };
    const temperature = gpuReadings(gpu(0), [hot]).find((reading) => reading.id === 'temperature');
    expect(temperature).toMatchObject({ text: '93 °C', tone: 'error' });
  });

  it('keeps sixty samples, each once and in order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200)), fc.array(fc.nat(200)), (left, right) => {
        const make = (second: number) => telemetry([], second);
        const merged = mergeSamples(left.map(make), right.map(make)).map((sample) => sample.at);
        expect(merged).toEqual([...new Set(merged)].sort((a, b) => a - b));
        expect(merged.length).toBeLessThanOrEqual(TELEMETRY_CAPACITY);
      }),
    );
  });

  it('draws gaps as gaps', () => {
    expect(sparklinePath([0, null, 1], 3)).toBe('M0.0 19.0M120.0 1.0');
  });
});

describe('arrow keys', () => {
  const grid = [0, 1, 2, 3, 4].map((index) => ({ x: (index % 2) * 100, y: Math.floor(index / 2) * 100 }));
  it('moves by line and by place', () => {
    expect(nextIndex(grid, 0, 'ArrowDown')).toBe(2);
    expect(nextIndex(grid, 3, 'ArrowUp')).toBe(1);
    expect(nextIndex(grid, 3, 'ArrowDown')).toBe(4);
    expect(nextIndex(grid, 4, 'ArrowRight')).toBe(4);
    expect(nextIndex(grid, 2, 'x')).toBe(2);
  });
});

describe('web client', () => {
  it('waits longer and longer, within bounds', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, chance) => {
        const delay = retryDelay(attempt, () => chance);
        expect(delay).toBeGreaterThanOrEqual(125);
        expect(delay).toBeLessThanOrEqual(8000);
      }),
    );
  });

  it('ignores frames that are no events of ours', () => {
    expect(parseEventFrame('{"event":"fleet","payload":1}')).toEqual({ event: 'fleet', payload: 1 });
    for (const frame of ['', 'null', '[]', '{"event":"other"}', new ArrayBuffer(2)]) {
      expect(parseEventFrame(frame)).toBeNull();
    }
  });
});
