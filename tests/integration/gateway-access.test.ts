import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { hostname } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { thisMachine } from '../../electron/core/gateway/access/machine.ts';
import { type Clock, systemClock } from '../../electron/core/ports.ts';
import type { GatewaySettings } from '../../shared/settings.ts';
import { at, list } from '../conformance/client.ts';
import { freePort, type RunningServer, serverKinds, startServer } from '../conformance/servers.ts';
import { plain, sample } from '../conformance/workflows.ts';
import { type RawRequest, send, sendBytes, tryUpgrade } from '../contract/raw-http.ts';
import { GatewayWorld } from '../support/gateway-world.ts';

/** A gateway on real sockets: who reaches it, and who does not. The other machine is this one at its outer address. */

const ADDRESSES = thisMachine.addresses();
const LAN = ADDRESSES.find((address) => !address.startsWith('[')) ?? '';
const LAN6 = ADDRESSES.find((address) => address.startsWith('[')) ?? '';
const CHECKPOINT = 'aurora_xl_v2.safetensors';
const PAGE = { accept: 'text/html' };

if (LAN === '')
  process.stdout.write('gateway access: this machine has no outer address; LAN is not checked\n');

/** Passes bytes on to a server, and keeps what it was sent. */
class Tap {
  seen = '';
  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async before(port: number): Promise<Tap> {
    const server = createServer((client) => {
      const upstream = connect(port, '127.0.0.1');
      client.on('data', (chunk) => {
        tap.seen += chunk.toString('latin1');
      });
      for (const socket of [client, upstream]) socket.on('error', () => socket.destroy());
      client.pipe(upstream).pipe(client);
    });
    const own = await freePort();
    const tap = new Tap(`http://127.0.0.1:${own}`, server);
    await new Promise<void>((resolve) => server.listen(own, '127.0.0.1', resolve));
    return tap;
  }

  close(): void {
    this.server.close();
  }
}

let servers: RunningServer[] = [];
let tap: Tap;
let world: GatewayWorld;
let settings: { -readonly [K in keyof GatewaySettings]?: GatewaySettings[K] };
let passed = 0;
const clock: Clock = { ...systemClock, now: () => Date.now() + passed };

beforeAll(async () => {
  const [kind] = serverKinds().filter(({ label }) => label === 'simulated 0.33.0');
  if (kind === undefined) throw new Error('no simulator');
  servers = await Promise.all([startServer(kind), startServer(kind)]);
  tap = await Tap.before(servers[0]?.port ?? 0);
});
afterAll(async () => {
  tap.close();
  await Promise.all(servers.map((server) => server.stop()));
});
beforeEach(async () => {
  settings = {};
  passed = 0;
  const all = [
    { id: 'master', url: tap.url },
    { id: 'worker-1', url: servers[1]?.url ?? '' },
  ];
  world = await GatewayWorld.open(all, { settings, clock });
});
afterEach(() => world.close());

const save = async (): Promise<void> => {};
const open = (): Promise<void> => world.gateway.address.moveTo(null, true, save);
const bearer = (token = world.key.token) => ({ authorization: `Bearer ${token}` });
const lan = (path: string, headers: RawRequest['headers'] = {}, host = LAN) =>
  send(world.port, { host: host.replace(/^\[|\]$/g, ''), path, headers });

async function socketAt(host: string, headers: Readonly<Record<string, string>> = {}): Promise<WebSocket> {
  const socket = new WebSocket(`ws://${host}:${world.port}/ws?clientId=${host}`, { headers });
  await once(socket, 'open');
  return socket;
}

describe('on this machine alone', () => {
  it.skipIf(LAN === '')('nobody reaches it from outside', async () => {
    await expect(lan('/prompt', bearer())).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect((await send(world.port, { path: '/prompt' })).status).toBe(200);
    expect(world.gateway.status).toMatchObject({ open: false, addresses: [] });
  });

  it.each([
    [{ host: 'evil.example:PORT' }, 403],
    [{ host: 'localhost.:PORT' }, 403],
    [{ host: `${hostname()}:PORT` }, 403],
    [{ origin: 'http://evil.example' }, 403],
    [{ origin: 'http://localhost:3000' }, 403],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 403],
    [{ 'x-forwarded-for': '203.0.113.9' }, 401],
    [{ origin: 'http://localhost:PORT' }, 200],
    [{}, 200],
  ] as readonly (readonly [Readonly<Record<string, string>>, number])[])('%j: %i', async (given, status) => {
    const entries = Object.entries(given).map(([name, value]) => [
      name,
      value.replace('PORT', String(world.port)),
    ]);
    const headers = Object.fromEntries(entries);
    expect((await send(world.port, { path: '/prompt', headers })).status).toBe(status);
    expect(await tryUpgrade(world.port, '/ws?clientId=x', headers)).toBe(status === 200 ? 'open' : status);
  });

  it('two Hosts, an endless head and an absolute address get nowhere', async () => {
    const { port } = world;
    const ask = (head: string) =>
      sendBytes(port, `GET /prompt HTTP/1.1\r\nConnection: close\r\n${head}\r\n\r\n`);
    expect(await ask(`Host: localhost:${port}\r\nHost: evil.example`)).toMatch(/^HTTP\/1\.1 40[03] /);
    expect(await ask(`Host: evil.example\r\nHost: localhost:${port}`)).toMatch(/^HTTP\/1\.1 40[03] /);
    expect(await ask(`Host: localhost:${port}\r\nX: ${'x'.repeat(20_000)}`)).toMatch(/^HTTP\/1\.1 431 /);
    const absolute = `GET http://localhost:${port}/prompt HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`;
    expect(await sendBytes(port, absolute)).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('a head that does not come to an end is cut off', async () => {
    const began = performance.now();
    expect(await sendBytes(world.port, 'GET /prompt HTTP/1.1\r\nHost: ')).toMatch(/^HTTP\/1\.1 408 /);
    expect(performance.now() - began).toBeLessThan(13_000);
  });
});

describe.skipIf(LAN === '')('open to the network', () => {
  beforeEach(open);

  it('asks other machines for the token, and this one for nothing', async () => {
    expect(world.gateway.status.open).toBe(true);
    expect(world.gateway.status.addresses).toContain(`http://${LAN}:${world.port}`);
    const refused = await lan('/prompt');
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    expect(refused.body).toContain('Settings, “ComfyUI address”');
    expect((await lan('/prompt', bearer())).status).toBe(200);
    expect((await lan(`/prompt?token=${world.key.token}`)).status).toBe(200);
    expect((await lan('/prompt', { host: `${hostname()}:${world.port}`, ...bearer() })).status).toBe(200);
    expect((await send(world.port, { path: '/prompt' })).status).toBe(200);
  });

  it.skipIf(LAN6 === '')('over IPv6 as well', async () => {
    const host = { host: `${LAN6}:${world.port}` };
    expect((await lan('/prompt', host, LAN6)).status).toBe(401);
    expect((await lan('/prompt', { ...host, ...bearer() }, LAN6)).status).toBe(200);
  });

  it('makes a cookie of the token in the address, and passes neither on', async () => {
    const before = tap.seen.length;
    const first = await lan(`/?token=${world.key.token}&a=1`, PAGE);
    expect([first.status, first.headers['location']]).toEqual([303, '/?a=1']);
    const [cookie = ''] = String(first.headers['set-cookie']).split(';');
    const again = await lan(String(first.headers['location']), { ...PAGE, cookie });
    expect(again.status).not.toBe(401);
    expect((await lan(`/extra?token=${world.key.token}`, { cookie })).status).not.toBe(401);
    expect((await lan('/extra', bearer())).status).not.toBe(401);
    const seen = tap.seen.slice(before);
    expect(seen).toContain('GET /extra ');
    for (const secret of [world.key.token, cookie.split('=')[1] ?? '', 'uthorization', 'ookie']) {
      expect(seen).not.toContain(secret);
    }
  });

  it('shows people a page that asks for the token', async () => {
    const { status, headers, body } = await lan('/', PAGE);
    expect(status).toBe(401);
    expect(String(headers['content-security-policy'])).toMatch(/^default-src 'none'; /);
    expect(body).toContain('<input name="token" type="password"');
  });

  it('lets sockets in by header, cookie or address, and from its own pages only', async () => {
    const cookie = `ensemble-gateway-${world.port}=${world.key.passFor(null)}`;
    const own = `http://${LAN}:${world.port}`;
    const ways: readonly (readonly [string, Readonly<Record<string, string>>, number | 'open'])[] = [
      ['/ws?clientId=a', {}, 401],
      ['/ws?clientId=a', bearer(), 'open'],
      [`/ws?clientId=a&token=${world.key.token}`, {}, 'open'],
      ['/ws?clientId=a', { cookie, origin: own }, 'open'],
      ['/api/ws?clientId=a', { cookie, origin: own }, 'open'],
      ['/ws?clientId=a', { cookie, origin: 'http://evil.example' }, 403],
      ['/ws?clientId=a', { cookie, origin: `http://${LAN}:3000` }, 403],
      ['/ws?clientId=a', { ...bearer(), host: `evil.example:${world.port}` }, 403],
      ['/other', bearer(), 404],
    ];
    for (const [path, headers, expected] of ways) {
      expect(await tryUpgrade(world.port, path, headers, LAN), `${path} ${JSON.stringify(headers)}`).toBe(
        expected,
      );
    }
  });

  it('says who is there', async () => {
    const socket = await socketAt(LAN, { ...bearer(), 'user-agent': 'Krita' });
    await socketAt('127.0.0.1');
    const body = JSON.stringify({ prompt: plain() });
    const headers = { 'content-type': 'application/json', 'user-agent': 'curl/8', ...bearer() };
    world.runs.service.pause();
    await send(world.port, { host: LAN, path: '/prompt', method: 'POST', headers, body });
    const { clients, clientCount } = world.gateway.status;
    expect(clientCount).toBe(3);
    expect(
      clients.map(({ address, program, prompts, connected }) => [address, program, prompts, connected]),
    ).toEqual([
      [LAN, 'Krita', 0, true],
      ['127.0.0.1', '', 0, true],
      [LAN, 'curl/8', 1, false],
    ]);
    socket.close();
  });

  it('a token made anew ends whoever came in by the old one, and nobody else', async () => {
    const old = world.key.token;
    const [guest, own] = await Promise.all([socketAt(LAN, bearer()), socketAt('127.0.0.1')]);
    const gone = once(guest, 'close');
    const token = await world.key.renew();
    await gone;
    expect(own.readyState).toBe(WebSocket.OPEN);
    expect((await lan('/prompt', bearer(old))).status).toBe(401);
    expect((await lan('/prompt', bearer(token))).status).toBe(200);
  });

  it('takes no more guesses after ten, for a minute', async () => {
    for (let guess = 0; guess < 10; guess += 1) expect((await lan('/', bearer('guess'))).status).toBe(401);
    const limited = await lan('/prompt', bearer());
    expect([limited.status, limited.headers['retry-after']]).toEqual([429, '60']);
    expect(limited.body).toContain('Try again in 60 seconds.');
    expect(await tryUpgrade(world.port, '/ws', bearer(), LAN)).toBe(429);
    expect((await send(world.port, { path: '/prompt' })).status).toBe(200);
    passed = 60_001;
    expect((await lan('/prompt', bearer())).status).toBe(200);
  });

  it('closed again, it ends every connection from outside', async () => {
    const guest = await socketAt(LAN, bearer());
    const gone = once(guest, 'close');
    await world.gateway.address.moveTo(null, false, save);
    await gone;
    await expect(lan('/prompt', bearer())).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('moved to another port', () => {
  it('is there at once, and its old connections end', async () => {
    const before = world.port;
    const socket = await socketAt('127.0.0.1');
    const gone = once(socket, 'close');
    const port = await freePort();
    await world.gateway.address.moveTo(port, false, save);
    await gone;
    expect(world.url).toBe(`http://127.0.0.1:${port}`);
    expect((await send(port, { path: '/prompt' })).status).toBe(200);
    await expect(send(before, { path: '/prompt' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('stays where it was when the port is taken, and says so in one sentence', async () => {
    const { url } = world;
    const taken = servers[1]?.port ?? 0;
    const move = world.gateway.address.moveTo(taken, false, () =>
      Promise.reject(new Error('must not be saved')),
    );
    await expect(move).rejects.toMatchObject({
      code: 'port-in-use',
      message: `Port ${taken} is taken by another program.`,
    });
    expect(world.url).toBe(url);
    expect((await send(world.port, { path: '/prompt' })).status).toBe(200);
  });

  it.each([false, true])('goes back when that cannot be written down (open: %s)', async (wide) => {
    const { port } = world;
    const full = () => Promise.reject(new Error('disk full'));
    await expect(world.gateway.address.moveTo(wide ? null : await freePort(), wide, full)).rejects.toThrow(
      'disk full',
    );
    expect([world.port, world.gateway.status.open]).toEqual([port, false]);
    expect((await send(port, { path: '/prompt' })).status).toBe(200);
  });
});

describe('a prompt that does not say how', () => {
  const shardsOf = async (prompt: unknown, ensemble?: unknown): Promise<number> => {
    world.runs.service.pause();
    const runs = () => world.runs.service.list(null, 100).runs;
    const known = new Set(runs().map(({ id }) => id));
    const extra = ensemble === undefined ? {} : { extra_data: { ensemble } };
    const body = JSON.stringify({ prompt, ...extra });
    const headers = { 'content-type': 'application/json' };
    const answer = await send(world.port, { path: '/prompt', method: 'POST', headers, body });
    expect(answer.status, answer.body).toBe(200);
    return runs().find(({ id }) => !known.has(id))?.shardCount ?? 0;
  };
  const sampler = () => sample({ checkpoint: CHECKPOINT });

  it('is one shard for whoever is soonest, or one per participant, as set', async () => {
    expect(await shardsOf(sampler())).toBe(1);
    settings.gatewayDistribution = 'fan-out';
    expect(await shardsOf(sampler())).toBe(2);
    expect(await shardsOf(sampler(), { priority: 'front' })).toBe(2);
    expect(await shardsOf(sampler(), { copies: 1 })).toBe(1);
    expect(await shardsOf(plain())).toBe(1);
  });

  it('is the master’s alone where that is set, unless it says otherwise', async () => {
    settings.gatewayDistribution = 'master';
    await shardsOf(sampler());
    await shardsOf(sampler(), { participants: ['worker-1'] });
    const { runs } = world.runs.service.list(null, 10);
    expect(runs.map(({ participants }) => participants)).toEqual([['master'], ['worker-1']]);
    const queue = JSON.parse((await send(world.port, { path: '/queue' })).body);
    expect(list(at(queue, 'queue_pending'))).toHaveLength(2);
  });
});
