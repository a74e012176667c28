import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PING_MS } from '../../../electron/core/comfy/failure-detector.ts';
import { InstanceMonitor } from '../../../electron/core/comfy/monitor.ts';
import type { Health } from '../../../electron/core/comfy/socket.ts';
import { type Clock, silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { scaledClock } from '../../support/scaled-clock.ts';
import { BlackHole } from './black-hole.ts';
import { type FakeComfy, startFakeComfy } from './fake-comfy.ts';
import { until } from './until.ts';

describe('health of a server', { timeout: 60_000 }, () => {
  let fake: FakeComfy;
  let hole: BlackHole;
  let monitor: InstanceMonitor;
  let seen: { readonly health: Health; readonly at: number }[];

  beforeEach(async () => {
    fake = await startFakeComfy();
    hole = await BlackHole.before(fake.port);
  });
  afterEach(async () => {
    monitor.stop();
    await hole.close();
    await fake.close();
  });

  const watch = async (clock: Clock = systemClock): Promise<void> => {
    seen = [];
    monitor = new InstanceMonitor({ url: hole.url, clock, logger: silentLogger, random: () => 0.5 });
    monitor.onHealth((health) => seen.push({ health, at: performance.now() }));
    expect(monitor.health).toBe('unknown');
    monitor.start();
    await until('ok', () => monitor.value.health === 'ok' && monitor.value.link.status === 'up');
  };
  const reached = async (health: Health): Promise<number> =>
    (await until(health, () => seen.find((one) => one.health === health))).at;

  it('is suspect, then lost within 6 s, when everything is swallowed in silence', async () => {
    await watch();
    const begun = performance.now();
    hole.swallow();
    const suspected = await reached('suspect');
    const lost = await reached('lost');
    expect(suspected).toBeLessThan(lost);
    // Its last sign of life may be as old as one ping.
    expect(lost - begun).toBeGreaterThan(3_500 - PING_MS);
    expect(lost - begun).toBeLessThan(6_000);
    await until('the end of its socket', () => monitor.clientId === null);
  });

  it('may be silent longer while a model loads, until the first step', async () => {
    for (const [step, atLeastMs] of [
      [0, 8_500],
      [1, 3_500],
    ] as const) {
      await watch(scaledClock(5));
      fake.send('execution_start', { prompt_id: 'p' });
      fake.send('progress', { prompt_id: 'p', node: '1', value: step, max: 20 });
      await until('activity', () => monitor.value.activity?.step === step);
      const begun = performance.now();
      hole.swallow();
      const tookMs = 5 * ((await reached('lost')) - begun);
      expect(tookMs).toBeGreaterThan(atLeastMs);
      expect(tookMs).toBeLessThan(atLeastMs + 3_500);
      monitor.stop();
      hole.restore();
    }
  });

  it('is lost within 6 s though a model loads when its machine takes no connections either', async () => {
    await watch(scaledClock(4));
    fake.send('execution_start', { prompt_id: 'p' });
    await until('activity', () => monitor.value.activity !== null);
    const begun = performance.now();
    hole.swallow();
    hole.refuse();
    const tookMs = 4 * ((await reached('lost')) - begun);
    expect(tookMs).toBeGreaterThan(3_500);
    expect(tookMs).toBeLessThan(6_500);
  });

  it('is suspect for a moment when its connection is cut, and well again with a new one', async () => {
    // Two seconds in no time: a connection that ends sooner is no accident.
    const ahead = { ms: 0 };
    await watch({ now: () => systemClock.now() + ahead.ms, after: systemClock.after });
    ahead.ms = 2_100;
    const before = monitor.clientId;
    hole.cut();
    await until('another connection', () => monitor.clientId !== null && monitor.clientId !== before);
    expect(seen.slice(1).map(({ health }) => health)).toEqual(['suspect', 'ok']);
  });

  it('is lost at once when nobody listens any more', async () => {
    await watch();
    const begun = performance.now();
    await hole.close();
    expect((await reached('lost')) - begun).toBeLessThan(2_500);
  });

  it('is only suspect while it answers over HTTP alone', async () => {
    await watch(scaledClock(4));
    const [socket] = fake.sockets;
    // Swallows the pings, as a proxy does that forgot this one connection.
    socket?.pause();
    const before = monitor.clientId;
    await until('a new connection', () => monitor.clientId !== null && monitor.clientId !== before);
    expect(seen.map(({ health }) => health)).not.toContain('lost');
    expect(monitor.health).toBe('ok');
  });

  it('is unknown when nobody watches', async () => {
    await watch();
    monitor.stop();
    expect(monitor.value.health).toBe('unknown');
  });
});
