import dns from 'node:dns';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ComfyHttp } from '../../../electron/core/comfy/http.ts';
import { InstanceMonitor } from '../../../electron/core/comfy/monitor.ts';
import type { ServerAddress } from '../../../electron/core/comfy/server-address.ts';
import { type Clock, silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { climb } from '../../../electron/core/readiness/climb.ts';
import { conditionOf } from '../../../shared/condition.ts';
import { RENEWED, SELF_SIGNED } from '../../support/certificates.ts';
import { instanceSnapshot } from '../../support/fixtures.ts';
import { scaledClock } from '../../support/scaled-clock.ts';
import { TlsProxy } from '../../support/tls-proxy.ts';
import { BlackHole } from './black-hole.ts';
import { type FakeComfy, json, startFakeComfy } from './fake-comfy.ts';
import { until } from './until.ts';

/** What networks do to the way to a server that is well: each has its words, and ends by itself. */

describe('the way to a server elsewhere', { timeout: 60_000 }, () => {
  let fake: FakeComfy;
  let monitor: InstanceMonitor;
  const ends: (() => unknown)[] = [];

  beforeEach(async () => {
    fake = await startFakeComfy();
    ends.push(() => fake.close());
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    for (const end of ends.splice(0).reverse()) await end();
  });

  const watch = async (address: ServerAddress, clock: Clock = systemClock): Promise<void> => {
    monitor = new InstanceMonitor({ ...address, clock, logger: silentLogger, random: Math.random });
    ends.push(() => monitor.stop());
    monitor.start();
    await until('up', isUp);
  };
  const isUp = (): boolean => monitor.value.link.status === 'up' && monitor.clientId !== null;
  const isDown = (): boolean => monitor.value.link.status === 'down';
  const word = (now: number): string => {
    const { link } = monitor.value;
    return conditionOf(instanceSnapshot({ control: 'attached', link }), now).word;
  };
  const proxied = async (
    options: { readonly silentMs?: number; readonly port?: number } = {},
  ): Promise<TlsProxy> => {
    const proxy = await TlsProxy.start({ target: fake.port, ...options });
    ends.push(() => proxy.close().catch(() => undefined));
    return proxy;
  };

  it('says that it stopped answering as soon as its work goes elsewhere, not when polls have timed out', async () => {
    const hole = await BlackHole.before(fake.port);
    ends.push(() => hole.close());
    await watch({ url: hole.url });
    const begun = performance.now();
    hole.swallow();
    await until('down', isDown);
    expect(performance.now() - begun).toBeLessThan(6_000);
    expect(monitor.value.health).toBe('lost');
    expect(word(0)).toMatch(/^Unreachable: 127\.0\.0\.1:\d+ stopped answering$/);
    hole.restore();
    await until('up again', isUp);
    expect(monitor.health).toBe('ok');
  });

  it('calls a link that comes and goes unstable, says how often, and forgets it in time', async () => {
    const clock = scaledClock(20);
    const hole = await BlackHole.before(fake.port);
    ends.push(() => hole.close());
    await watch({ url: hole.url }, clock);
    for (const lost of [1, 2, 3, 4]) {
      hole.swallow();
      await until('down', isDown);
      hole.restore();
      await until('up', isUp);
      const { link } = monitor.value;
      expect(link.status === 'up' ? (link.losses ?? 0) : null).toBe(lost >= 3 ? lost : 0);
    }
    expect(word(clock.now())).toBe('Unstable: lost 4 times in 5 min');
    // Five minutes later, by its clock.
    await until('calm', () => word(clock.now()) === 'Ready');
  });

  it('asks a link that comes and goes no more often than one that is down', async () => {
    const clock = scaledClock(20);
    await watch({ url: fake.url }, clock);
    const port = fake.port;
    let asked = 0;
    const seconds = { begun: clock.now(), of: () => (clock.now() - seconds.begun) / 1000 };
    for (let round = 0; round < 10; round += 1) {
      asked += fake.requests.length + fake.clientIds.length;
      await fake.close();
      await until('down', isDown);
      fake = await startFakeComfy(port);
      await until('up', isUp);
    }
    asked += fake.requests.length + fake.clientIds.length;
    // Each return costs a socket and two questions; nothing else comes on top.
    expect(asked).toBeLessThan(10 * 5 + seconds.of());
  });

  it('says that a web page answers when a captive portal comes in between', async () => {
    const clock = scaledClock(10);
    await watch({ url: fake.url }, clock);
    const page = json({}, 200);
    const portal: typeof page = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Log in</title>');
    };
    for (const path of ['/prompt', '/system_stats']) fake.routes.set(path, portal);
    await until('down', isDown);
    expect(word(0)).toMatch(/^Unreachable: .* answers with a web page instead of ComfyUI's data$/);
    fake.routes.set('/prompt', json({ exec_info: { queue_remaining: 0 } }));
    fake.routes.delete('/system_stats');
    fake.routes.set('/system_stats', json({ system: {}, devices: [] }));
    await until('up', isUp);
  });

  it('looks a name up anew when the machine behind it is gone: a rented one comes back at another address', async () => {
    const addresses = { now: '127.0.0.1' };
    const lookup = dns.lookup as (...args: readonly unknown[]) => void;
    vi.spyOn(dns, 'lookup').mockImplementation(((name: string, options: dns.LookupOptions, done: Answer) => {
      if (name !== 'rented.test') lookup(name, options, done);
      else if (options.all) done(null, [{ address: addresses.now, family: 4 }]);
      else done(null, addresses.now, 4);
    }) as typeof dns.lookup);
    const first = await BlackHole.before(fake.port);
    ends.push(() => first.close());
    const port = Number(new URL(first.url).port);
    await watch({ url: `http://rented.test:${port}` }, scaledClock(4));
    const http = new ComfyHttp(`http://rented.test:${port}`);
    // Connections that are kept open to the old address.
    await Promise.all([1, 2, 3, 4].map(() => http.queueRemaining()));
    first.swallow();
    addresses.now = '127.0.0.2';
    const second = await forward('127.0.0.2', port, fake.port);
    ends.push(second);
    const begun = performance.now();
    await until('down', isDown);
    await until('up at the other address', isUp);
    expect((performance.now() - begun) * 4).toBeLessThan(30_000);
    const asked = performance.now();
    await Promise.all([1, 2, 3, 4].map(() => http.queueRemaining()));
    expect(performance.now() - asked).toBeLessThan(2_000);
  });

  it('tells a renewed certificate from a stranger’s, and offers the new one', async () => {
    const proxy = await proxied();
    const address = { url: `https://127.0.0.1:${proxy.port}`, certificate: SELF_SIGNED.cert };
    await watch(address, scaledClock(4));
    await proxy.close();
    const renewed = await TlsProxy.start({ target: fake.port, port: proxy.port, pair: RENEWED });
    ends.push(() => renewed.close());
    await until('the reason', () => /another certificate/.test(word(0)));
    expect(word(0)).toMatch(/shows another certificate than the one that is trusted for it$/);
    const place = { host: '127.0.0.1', port: proxy.port, secure: true, path: '' };
    const signal = new AbortController().signal;
    const request = { place, address, requirements: null, masterVersion: null, rates: null };
    const { rungs } = await climb(request, {
      ...{ clock: systemClock, owner: 'test', alone: (work) => work() },
      ...{ signal, onProgress: () => {} },
    });
    if (rungs.reachable.status !== 'failed') throw new Error('it holds');
    expect(rungs.reachable.remedy).toContain('trust the new one');
    expect(rungs.reachable.certificate?.pem.trim()).toBe(RENEWED.cert.trim());
    monitor.stop();
    await watch({ ...address, certificate: rungs.reachable.certificate?.pem ?? null });
  });

  it('keeps a socket open behind a proxy that cuts what is silent for 100 s', async () => {
    const speed = 50;
    const proxy = await proxied({ silentMs: 100_000 / speed });
    const address = { url: `https://127.0.0.1:${proxy.port}`, certificate: SELF_SIGNED.cert };
    // The proxy does cut: a socket that says nothing does not live.
    const mute = new WebSocket(`wss://127.0.0.1:${proxy.port}/ws?clientId=mute`, {
      rejectUnauthorized: false,
    });
    const cut = once(mute, 'close');
    await watch(address, scaledClock(speed));
    const before = monitor.clientId;
    await cut;
    await new Promise((resolve) => setTimeout(resolve, 100_000 / speed));
    expect(monitor.clientId).toBe(before);
    expect(monitor.value.link.status).toBe('up');
  });

  it('says that the proxy gave up when the server behind it took too long', async () => {
    const proxy = await proxied({ silentMs: 200 });
    fake.routes.set('/prompt', () => {});
    const address = { url: `https://127.0.0.1:${proxy.port}`, certificate: SELF_SIGNED.cert };
    await expect(new ComfyHttp(address).queueRemaining()).rejects.toMatchObject({
      message: expect.stringMatching(/^The proxy of .* gave up waiting for the server \(524\)\.$/),
    });
  });

  it('waits no longer for the answer to an upload than such a proxy would, and longer without one', async () => {
    const speed = 100;
    fake.routes.set('/upload/image', () => {});
    const took = async (address: ServerAddress): Promise<number> => {
      const begun = performance.now();
      const http = new ComfyHttp(address, { clock: scaledClock(speed) });
      const upload = { source: () => Readable.from(['abc']), bytes: 3, name: 'a.png', subfolder: '' };
      await expect(http.upload({ ...upload, type: 'input', overwrite: true })).rejects.toMatchObject({
        code: 'timeout',
      });
      return ((performance.now() - begun) * speed) / 1000;
    };
    const proxy = await proxied();
    const cloud = await took({ url: `https://127.0.0.1:${proxy.port}`, certificate: SELF_SIGNED.cert });
    expect(cloud).toBeGreaterThan(80);
    expect(cloud).toBeLessThan(120);
    expect(await took({ url: fake.url })).toBeGreaterThan(170);
  });
});

type Answer = (error: null, address: string | dns.LookupAddress[], family?: number) => void;

/** Another machine in front of the same server. @returns its end */
async function forward(host: string, port: number, target: number): Promise<() => void> {
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const socket of [near, far]) socket.on('error', () => {});
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  server.listen(port, host);
  await once(server, 'listening');
  return () => server.close();
}
