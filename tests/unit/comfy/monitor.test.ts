import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InstanceMonitor, type MonitorValue } from '../../../electron/core/comfy/monitor.ts';
import { type Clock, silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { type FakeComfy, json, startFakeComfy } from './fake-comfy.ts';
import { until } from './until.ts';

/** Real timers ten times as fast, so that a minute of polling fits into a test. */
const fastClock: Clock = {
  now: systemClock.now,
  after: (ms, callback) => systemClock.after(ms / 10, callback),
};

describe('InstanceMonitor', { timeout: 60_000 }, () => {
  let fake: FakeComfy;
  let monitor: InstanceMonitor;

  const create = (clock: Clock = fastClock): InstanceMonitor =>
    new InstanceMonitor({ url: fake.url, clock, logger: silentLogger, random: () => 0.5 });
  const isUp = (): boolean => monitor.value.link.status === 'up' && monitor.clientId !== null;

  beforeEach(async () => {
    fake = await startFakeComfy();
    monitor = create();
  });
  afterEach(async () => {
    monitor.stop();
    await fake.close();
  });

  it('learns who is there', async () => {
    expect(monitor.value.link).toEqual({ status: 'unknown' });
    monitor.start();
    await until('link up', isUp);
    expect(monitor.value).toMatchObject({
      queue: 0,
      server: { comfyuiVersion: '0.3.64', deviceName: 'Some GPU', vramTotal: 24 },
    });
  });

  it('follows the work, its preview and its end', async () => {
    monitor.start();
    await until('link up', isUp);
    monitor.knowPrompt('p', { '5': { class_type: 'KSampler', inputs: {}, _meta: { title: 'Sample' } } });
    fake.send('status', { status: { exec_info: { queue_remaining: 3 } } });
    fake.send('executing', { node: '5', prompt_id: 'p' });
    fake.send('rubbish', { a: 1 });
    fake.sendBytes(Uint8Array.of(9, 9, 9));
    fake.sendBytes(Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0xff, 0xd8));
    await until('preview', () => monitor.value.preview === 1);
    expect(monitor.value).toMatchObject({ queue: 3, activity: { nodeTitle: 'Sample', ours: true } });
    expect(monitor.latestPreview()).toEqual({ bytes: Uint8Array.of(0xff, 0xd8), mime: 'image/jpeg' });
    fake.send('executing', { node: null, prompt_id: 'p' });
    await until('end', () => monitor.value.activity === null);
    expect(monitor.value.preview).toBe(0);
    expect(monitor.latestPreview()).not.toBeNull();
    expect(monitor.value.lastRunAt).toBeGreaterThan(0);
  });

  it('says why a server is gone, and finds it again with a new client id', async () => {
    monitor.start();
    await until('link up', isUp);
    const { port } = fake;
    const before = monitor.clientId;
    await fake.close();
    await until('link down', () => monitor.value.link.status === 'down');
    expect(monitor.value).toMatchObject({
      link: { reason: `Nothing answers at 127.0.0.1:${port}` },
      queue: null,
      activity: null,
    });
    fake = await startFakeComfy(port);
    await until('link up again', isUp);
    expect(monitor.clientId).not.toBe(before);
    expect(fake.clientIds).toEqual([monitor.clientId]);
  });

  it('says what else is there', async () => {
    fake.routes.set('/system_stats', (_request, response) => response.end('<html>hello</html>'));
    monitor.start();
    await until('link down', () => monitor.value.link.status === 'down');
    expect(monitor.value.link).toMatchObject({ reason: expect.stringContaining('web page') });
    await expect(monitor.probe(new AbortController().signal)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('never asks while an answer is due, and asks rarely while the socket lives', async () => {
    let open = 0;
    let most = 0;
    fake.routes.set('/prompt', (request, response, body) => {
      open += 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
        json({ exec_info: { queue_remaining: 0 } })(request, response, body);
      }, 30);
    });
    monitor.start();
    await until('link up', isUp);
    const since = fake.requests.length;
    // Three seconds here are half a minute there: two or three calm polls.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(fake.requests.length - since).toBeLessThanOrEqual(4);
    expect(most).toBe(1);
    expect(fake.requests.filter(({ path }) => path === '/system_stats')).toHaveLength(1);
  });

  it('notices a dead peer behind a socket that looks open', async () => {
    monitor.start();
    await until('link up', isUp);
    const first = monitor.clientId;
    for (const socket of fake.sockets) socket.pause();
    await until('a second connection', () => fake.clientIds.length >= 2 && isUp());
    expect(monitor.clientId).not.toBe(first);
  });

  it('shrugs off a clock that jumps', async () => {
    let offset = 0;
    monitor = create({ now: () => Date.now() + offset, after: fastClock.after });
    const seen: MonitorValue['link']['status'][] = [];
    monitor.onChange(({ link }) => seen.push(link.status));
    monitor.start();
    await until('link up', isUp);
    offset = -86_400_000;
    fake.send('status', { status: { exec_info: { queue_remaining: 1 } } });
    await until('queue', () => monitor.value.queue === 1);
    offset = 86_400_000;
    fake.routes.set('/prompt', json({ exec_info: { queue_remaining: 2 } }));
    await until('the next poll', () => monitor.value.queue === 2);
    expect(seen).not.toContain('down');
  });

  it('can be stopped and started in any order', async () => {
    monitor.start();
    monitor.stop();
    monitor.start();
    monitor.start();
    await until('link up', isUp);
    monitor.stop();
    monitor.stop();
    expect(monitor.value).toMatchObject({ link: { status: 'unknown' }, queue: null });
    await until('no socket', () => fake.sockets.size === 0);
  });
});
