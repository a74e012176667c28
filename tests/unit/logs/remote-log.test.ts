import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ComfyHttp } from '../../../electron/core/comfy/http.ts';
import { InstanceMonitor } from '../../../electron/core/comfy/monitor.ts';
import { RemoteLog } from '../../../electron/core/logs/remote-log.ts';
import { type Clock, silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { type FakeComfy, json, startFakeComfy } from '../comfy/fake-comfy.ts';
import { until } from '../comfy/until.ts';

/** Real time, ten times as fast. */
const clock: Clock = {
  now: () => performance.now() * 10,
  after: (ms, callback) => systemClock.after(ms / 10, callback),
};
const entry = (second: number, m: string) => ({
  t: `2026-11-24T18:00:${String(second).padStart(2, '0')}.0`,
  m,
});

describe('the log of a server elsewhere', { timeout: 60_000 }, () => {
  let fake: FakeComfy;
  let monitor: InstanceMonitor;
  let log: RemoteLog;
  let subscribed: { readonly clientId: string; readonly enabled: boolean }[];

  beforeEach(async () => {
    subscribed = [];
    fake = await startFakeComfy();
    fake.routes.set('/internal/logs/raw', json({ entries: [entry(1, 'one\n'), entry(2, 'half ')] }));
    fake.routes.set('/internal/logs/subscribe', (request, response, body) => {
      subscribed.push(JSON.parse(body));
      json(null)(request, response, body);
    });
    monitor = new InstanceMonitor({ url: fake.url, clock, logger: silentLogger, random: () => 0.5 });
    log = new RemoteLog({ clock, http: () => new ComfyHttp(fake.url, { clock }), monitor: () => monitor });
    monitor.start();
    await until('socket', () => monitor.clientId !== null);
  });
  afterEach(async () => {
    log.stop();
    monitor.stop();
    await fake.close();
  });

  const lines = (): readonly string[] => log.read({ after: null, limit: 100 }).lines.map(({ text }) => text);
  const say = (...entries: readonly object[]): void => fake.send('logs', { entries, size: {} });
  const isSubscribed = (): boolean =>
    subscribed.some(({ clientId, enabled }) => enabled && clientId === monitor.clientId);

  it('is not sent until somebody reads it, and then goes on line by line', async () => {
    expect(fake.requests.some(({ path }) => path.startsWith('/internal'))).toBe(false);
    expect(lines()).toEqual([]);
    await until('the lines that were there', () => lines().includes('one'));
    await until('the subscription', isSubscribed);
    const arrived = log.wait(log.read({ after: null, limit: 1 }).next - 1, 100_000);
    // What was sent before comes again, and is known by its time.
    say(entry(2, 'half '), entry(4, 'a line\nERROR: broken\n'));
    await arrived;
    expect(lines()).toEqual(['one', 'half a line', 'ERROR: broken']);
  });

  it('is followed over a new connection too', async () => {
    lines();
    await until('the subscription', isSubscribed);
    const before = monitor.clientId;
    for (const socket of fake.sockets) socket.terminate();
    await until('another connection', () => monitor.clientId !== null && monitor.clientId !== before);
    await until('its subscription', isSubscribed);
    say(entry(5, 'end\n'));
    await until('its line', () => lines().includes('half end'));
  });

  it('is let go of when nobody reads it for a while', async () => {
    lines();
    await until('the subscription', isSubscribed);
    await until('the end of it', () => subscribed.some(({ enabled }) => !enabled));
  });

  it('shows what was there where nobody may subscribe, and says so', async () => {
    fake.routes.set('/internal/logs/subscribe', json({}, 405));
    await until('the reason', () => lines().some((text) => text.includes('cannot be read now')));
    expect(lines()).toContain('one');
  });

  it('says once why it cannot be read', async () => {
    fake.routes.set('/internal/logs/raw', json({}, 500));
    await until('the reason', () => lines().some((text) => text.includes('cannot be read now')));
    log.stop();
    lines();
    await until('another try', () => fake.requests.filter(({ path }) => path.endsWith('/raw')).length > 1);
    expect(lines()).toHaveLength(1);
  });
});
