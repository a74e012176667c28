import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../electron/core/ports.ts';
import type { ControlServer } from '../../electron/transports/http-server.ts';
import { FakeCenter } from './fake-center.ts';
import { serve, TOKEN } from './links.ts';
import { type RawRequest, type RawResponse, send, tryUpgrade } from './raw-http.ts';

let now = 0;
const clock: Clock = { now: () => now, after: () => () => undefined };
let center: FakeCenter;
let server: ControlServer;
beforeEach(async () => {
  now = 1_000_000;
  center = new FakeCenter();
  server = await serve(center, { clock });
});
afterEach(() => server.close());

const bearer = { authorization: `Bearer ${TOKEN}` };
const json = { 'content-type': 'application/json' };
const ask = (request: RawRequest): Promise<RawResponse> => send(server.port, request);
const command = (headers: Readonly<Record<string, string>>): Promise<RawResponse> =>
  ask({ method: 'POST', path: '/api/commands/fleet.stopAll', headers: { ...json, ...headers }, body: '{}' });
const linkPath = (): string => {
  const url = new URL(server.oneTimeUrl());
  return url.pathname + url.search;
};
const cookieOf = (response: RawResponse): string =>
  String(response.headers['set-cookie']).split(';')[0] ?? '';
const signIn = async (): Promise<string> => cookieOf(await ask({ path: linkPath() }));

describe('Host and Origin', () => {
  it.each([
    'evil.example',
    'evil.example:PORT',
    'localhost.evil.example:PORT',
    '127.0.0.1:1',
    '127.0.0.1',
    '127.0.0.1.evil.example',
    'evil@127.0.0.1:PORT',
    '0.0.0.0:PORT',
    ' ',
  ])('refuses the Host %j, with the right token too', async (host) => {
    const answer = await command({ ...bearer, host: host.replace('PORT', String(server.port)) });
    expect(answer.status).toBe(403);
    expect(center.calls).toEqual([]);
  });

  it.each(['localhost', 'LOCALHOST', '127.0.0.1', '[::1]'])('answers to %s', async (host) => {
    expect((await command({ ...bearer, host: `${host}:${server.port}` })).status).toBe(200);
  });

  it('answers to a name that was allowed, and to its machine’s addresses once open to the network', async () => {
    const open = await serve(center, { host: '0.0.0.0', allowedHosts: ['gpu.example'] });
    const call = (host: string) =>
      send(open.port, {
        method: 'POST',
        path: '/api/commands/system.info',
        headers: { ...json, ...bearer, host },
        body: '{}',
      });
    expect((await call('gpu.example')).status).toBe(200);
    expect((await call(`192.168.1.5:${open.port}`)).status).toBe(200);
    expect((await call(`evil.example:${open.port}`)).status).toBe(403);
    expect(new URL(open.url).hostname).toBe('127.0.0.1');
    await open.close();
  });

  it.each([
    'http://evil.example',
    'null',
    'http://127.0.0.1:1',
    'http://localhost:PORT',
    'https://127.0.0.1',
  ])('refuses the Origin %j', async (origin) => {
    const headers = { origin: origin.replace('PORT', String(server.port)) };
    expect((await command({ ...bearer, ...headers })).status).toBe(403);
    expect(await tryUpgrade(server.port, '/events', { ...bearer, ...headers })).toBe(403);
    expect(center.calls).toEqual([]);
  });

  it.each(['cross-site', 'same-site'])(
    'refuses what a browser marks as %s, but for the page itself',
    async (site) => {
      const cookie = await signIn();
      const headers = { cookie, 'sec-fetch-site': site };
      expect((await command({ ...headers, origin: server.url })).status).toBe(403);
      expect((await ask({ path: '/files/previews/master', headers })).status).toBe(403);
      expect((await ask({ path: '/', headers: { 'sec-fetch-site': site } })).status).toBe(401);
    },
  );

  it('gives no other site leave to ask', async () => {
    const headers = { origin: 'http://evil.example', 'access-control-request-method': 'POST' };
    const answer = await ask({ method: 'OPTIONS', path: '/api/commands/system.info', headers });
    expect(answer.status).toBe(403);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('the token', () => {
  it('opens commands and events', async () => {
    expect((await command(bearer)).status).toBe(200);
    expect(await tryUpgrade(server.port, '/events', bearer)).toBe('open');
  });

  it.each([
    {},
    { authorization: 'Bearer wrong' },
    { authorization: `Bearer ${TOKEN}x` },
    { authorization: `Basic ${TOKEN}` },
    { authorization: 'Bearer ' },
    { cookie: `ensemble-session-0=${TOKEN}` },
  ])('is required: %j is not enough', async (headers) => {
    const sent: Record<string, string> = { ...headers };
    expect((await command(sent)).status).toBe(401);
    expect(await tryUpgrade(server.port, '/events', sent)).toBe(401);
    expect((await ask({ path: '/files/previews/master', headers: sent })).status).toBe(401);
    expect((await ask({ path: '/assets/main.js', headers: sent })).status).toBe(401);
    expect(center.calls).toEqual([]);
  });

  it('is no link: an address with it is refused', async () => {
    expect((await ask({ path: `/?token=${TOKEN}` })).status).toBe(401);
  });

  it('cannot be guessed at any speed, while signed-in browsers go on', async () => {
    const cookie = await signIn();
    for (let guess = 0; guess < 10; guess += 1) await command({ authorization: `Bearer ${guess}` });
    expect((await command(bearer)).status).toBe(401);
    expect((await command({ cookie, origin: server.url })).status).toBe(200);
    now += 60_001;
    expect((await command(bearer)).status).toBe(200);
  });
});

describe('a one-time link', () => {
  it('signs one browser in, once, and leaves no secret in the address', async () => {
    const path = linkPath();
    const first = await ask({ path });
    expect(first.status).toBe(303);
    expect(first.headers['location']).toBe('/');
    expect(String(first.headers['set-cookie'])).toMatch(
      /^ensemble-session-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    const second = await ask({ path });
    expect(second.status).toBe(401);
    expect(second.headers['set-cookie']).toBeUndefined();
    expect(second.body).toContain('used already');
    const cookie = cookieOf(first);
    expect((await command({ cookie, origin: server.url })).status).toBe(200);
    expect(await tryUpgrade(server.port, '/events', { cookie, origin: server.url })).toBe('open');
  });

  it('of a browser that is signed in already leads to the page', async () => {
    const cookie = await signIn();
    expect((await ask({ path: '/?token=spent', headers: { cookie } })).headers['location']).toBe('/');
  });

  it('grows too old', async () => {
    const path = linkPath();
    now += 15 * 60_000;
    expect((await ask({ path })).status).toBe(401);
  });

  it('is not used up by a look ahead', async () => {
    const path = linkPath();
    expect((await ask({ path, headers: { 'sec-purpose': 'prefetch;prerender' } })).status).toBe(503);
    expect((await ask({ path, method: 'HEAD' })).status).toBe(503);
    expect((await ask({ path })).status).toBe(303);
  });

  it('can be guessed at no speed, and such guesses lock out no program', async () => {
    for (let guess = 0; guess < 10; guess += 1) await ask({ path: `/?token=${guess}` });
    expect((await ask({ path: linkPath() })).status).toBe(429);
    expect((await command(bearer)).status).toBe(200);
  });

  it('is made for whoever has the token, and for nobody else', async () => {
    const make = (headers: Readonly<Record<string, string>>) =>
      ask({ method: 'POST', path: '/api/session-link', headers: { ...json, ...headers } });
    const { result } = JSON.parse((await make(bearer)).body);
    expect((await ask({ path: `/${new URL(result.url).search}` })).status).toBe(303);
    expect((await make({})).status).toBe(401);
    expect((await make({ cookie: await signIn(), origin: server.url })).status).toBe(404);
  });
});

describe('a session cookie', () => {
  it('does nothing without our own Origin: a form of another port could send it', async () => {
    const cookie = await signIn();
    expect((await command({ cookie })).status).toBe(401);
    expect(await tryUpgrade(server.port, '/events', { cookie })).toBe(401);
    expect(center.calls).toEqual([]);
  });

  it('ends', async () => {
    const cookie = await signIn();
    now += 31 * 24 * 3_600_000;
    expect((await command({ cookie, origin: server.url })).status).toBe(401);
  });
});

it('tells a stranger how to get in, in a page that runs nothing', async () => {
  const page = await ask({ path: '/' });
  expect(page.status).toBe(401);
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; /);
  expect(page.body).toContain('npx ensemble open');
  expect(page.body).not.toContain('<script');
});
