import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createSecret, sameSecret } from '../../../../electron/core/access/secrets.ts';
import { cookieName, GatewayGate, type Verdict } from '../../../../electron/core/gateway/access/gate.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

const TOKEN = createSecret();
const PASS = createSecret();
const TUNNEL_PASS = createSecret();
const TUNNEL = 'calm-otter.trycloudflare.com';
const passFor = (host: string | null): string => (host === null ? PASS : TUNNEL_PASS);
const COOKIE = `${cookieName(8200)}=${PASS}`;
const HERE = '127.0.0.1';
const THERE = '192.0.2.7';

interface Question {
  readonly from?: string;
  readonly url?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function gate(clock = new ManualClock()) {
  const isToken = vi.fn((given: string) => sameSecret(given, TOKEN));
  const warn = vi.fn();
  const isPass = vi.fn((given: string, host: string | null) => sameSecret(given, passFor(host)));
  const subject = new GatewayGate({
    key: { isToken, isPass, passFor },
    own: () => ({ port: 8200, hostname: 'studio', listed: ['gpu.example.com'], tunnel: TUNNEL }),
    clock,
    logger: { warn },
  });
  const judge = ({ from = THERE, url = '/', method = 'GET', headers = {} }: Question): Verdict => {
    const local = from === HERE || from === '::1' ? from : '192.0.2.2';
    const host = local === '192.0.2.2' ? '192.0.2.2:8200' : 'localhost:8200';
    const all = { host, ...headers };
    return subject.judge({
      ...{ url, method, headers: all, rawHeaders: Object.entries(all).flat() },
      socket: { remoteAddress: from, localAddress: local },
    });
  };
  return { judge, isToken, isPass, warn, clock };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const PAGE = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('who comes in', () => {
  it.each([HERE, '127.8.8.8', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'])(
    'whoever is on this machine (%s), without a token',
    (from) => {
      const headers = { host: 'localhost:8200' };
      expect(gate().judge({ from, headers })).toEqual({ kind: 'admitted', guest: false, url: '/' });
    },
  );

  it.each([
    THERE,
    '::ffff:192.0.2.7',
    'fd00::7',
    'fe80::1%eth0',
    '::',
    '::127.0.0.1',
    '::ffff:0:127.0.0.1',
    '128.0.0.1',
    '',
  ])('nobody else (%s) without one', (from) => {
    expect(gate().judge({ from })).toMatchObject({ kind: 'refused', status: 401 });
    expect(gate().judge({ from, headers: bearer(TOKEN) })).toMatchObject({ kind: 'admitted', guest: true });
  });

  it.each([
    ...['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'],
    ...['cf-connecting-ip', 'cf-ray', 'cdn-loop'],
  ])('nobody through a proxy of this machine that says so by “%s”', (name) => {
    const { judge } = gate();
    expect(judge({ from: HERE, headers: { [name]: HERE } })).toMatchObject({ status: 401 });
    expect(judge({ from: HERE, headers: { [name]: HERE, ...bearer(TOKEN) } }).kind).toBe('admitted');
  });

  it('nobody through a proxy under a listed name', () => {
    const headers = { host: 'gpu.example.com' };
    expect(gate().judge({ from: HERE, headers })).toMatchObject({ status: 401 });
  });

  it.each([
    [{ authorization: `bearer   ${TOKEN}` }, true],
    [{ authorization: `BEARER ${TOKEN}` }, true],
    [{ authorization: TOKEN }, false],
    [{ authorization: `Basic ${TOKEN}` }, false],
    [{ authorization: `Bearer ${TOKEN} ${TOKEN}` }, false],
    [{ authorization: `Bearer ${TOKEN}x` }, false],
    [{ authorization: `Bearer ${TOKEN.toLowerCase()}x` }, false],
    [{ authorization: 'Bearer ' }, false],
    [{ cookie: COOKIE }, true],
    [{ cookie: `a=b; ${COOKIE}; c=d` }, true],
    [{ cookie: `${cookieName(8200)}=${TOKEN}` }, false],
    [{ cookie: `${cookieName(8201)}=${PASS}` }, false],
    [{ cookie: `x${COOKIE}` }, false],
    [{ cookie: PASS }, false],
  ] as readonly (readonly [Readonly<Record<string, string>>, boolean])[])('%j: %s', (headers, isIn) => {
    expect(gate().judge({ headers }).kind === 'admitted').toBe(isIn);
  });

  it('judges names and sites before any secret', () => {
    const { judge, isToken } = gate();
    const headers = { host: 'evil.example:8200', ...bearer(TOKEN), cookie: COOKIE };
    expect(judge({ headers })).toMatchObject({ kind: 'refused', status: 403 });
    expect(judge({ from: HERE, headers: { origin: 'http://evil.example' } })).toMatchObject({ status: 403 });
    expect(isToken).not.toHaveBeenCalled();
  });

  it('no path, query or method gets past', () => {
    const piece = fc.constantFrom(
      '/',
      '..',
      '%2e',
      '%2F',
      '//',
      'api',
      'ws',
      '?',
      '&',
      'token=',
      '%74oken=',
      '#',
    );
    const path = fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join('')}`);
    const method = fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS', 'DELETE');
    fc.assert(
      fc.property(path, method, (url, verb) => {
        expect(['refused', 'limited']).toContain(gate().judge({ url, method: verb }).kind);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a token in the address', () => {
  it('becomes a cookie and goes', () => {
    const verdict = gate().judge({ url: `/?a=1&token=${TOKEN}&b=%20#x`, headers: PAGE });
    expect(verdict).toMatchObject({ kind: 'signs-in', location: '/?a=1&b=%20#x' });
    const cookie = verdict.kind === 'signs-in' ? verdict.cookie : '';
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict; /);
    expect(cookie).not.toContain(TOKEN);
    expect(gate().judge({ headers: { cookie: cookie.split(';', 1)[0] ?? '' } }).kind).toBe('admitted');
  });

  it.each(['//evil.example/', '/\\evil.example/', '\\\\evil.example', '///x'])(
    'never leads a browser elsewhere (%s)',
    (start) => {
      const verdict = gate().judge({ url: `${start}?token=${TOKEN}`, headers: PAGE });
      const location = verdict.kind === 'signs-in' ? verdict.location : '';
      expect(new URL(location, 'http://own.example').host).toBe('own.example');
    },
  );

  it('lets a program in for that one request, and is taken off', () => {
    const verdict = gate().judge({ url: `/view?%74oken=${TOKEN}&filename=a%2Bb&token=2`, method: 'GET' });
    expect(verdict).toEqual({ kind: 'admitted', guest: true, url: '/view?filename=a%2Bb' });
  });

  it('is taken off also for who needs none, unless it is somebody else’s', () => {
    const { judge } = gate();
    expect(judge({ from: HERE, url: `/queue?token=${TOKEN}` })).toMatchObject({ url: '/queue' });
    expect(judge({ from: HERE, url: '/node?token=theirs' })).toMatchObject({ url: '/node?token=theirs' });
    expect(judge({ headers: { cookie: COOKIE }, url: `/queue?token=${TOKEN}` })).toMatchObject({
      url: '/queue',
    });
  });
});

describe('wrong tokens', () => {
  const wrong = (subject: ReturnType<typeof gate>, from = THERE) =>
    subject.judge({ from, headers: bearer('guess') });

  it('are limited by address, until a minute has passed', () => {
    const subject = gate();
    for (let guess = 0; guess < 10; guess += 1) expect(wrong(subject)).toMatchObject({ status: 401 });
    expect(wrong(subject)).toEqual({ kind: 'limited', seconds: 60 });
    expect(subject.warn.mock.calls).toEqual([['too many wrong tokens', { caller: THERE }]]);
    expect(subject.judge({ headers: bearer(TOKEN) }).kind).toBe('limited');
    expect(subject.judge({ headers: { cookie: COOKIE } }).kind).toBe('admitted');
    expect(wrong(subject, '192.0.2.8')).toMatchObject({ status: 401 });
    subject.clock.advance(59_001);
    expect(wrong(subject)).toEqual({ kind: 'limited', seconds: 1 });
    subject.clock.advance(1_000);
    expect(subject.judge({ headers: bearer(TOKEN) }).kind).toBe('admitted');
  });

  it('are counted by /64 where one machine has many addresses', () => {
    const subject = gate();
    for (let guess = 0; guess < 10; guess += 1) wrong(subject, `2001:db8:0:7::${guess + 1}`);
    expect(wrong(subject, '2001:db8:0:7:aaaa:bbbb:cccc:dddd').kind).toBe('limited');
    expect(wrong(subject, '2001:db8:0:8::1').kind).toBe('refused');
  });

  it('are not counted for a cookie of yesterday, nor for what this machine sends', () => {
    const subject = gate();
    const old = { cookie: `${cookieName(8200)}=${createSecret()}` };
    for (let count = 0; count < 30; count += 1) {
      expect(subject.judge({ headers: old })).toMatchObject({ status: 401 });
      expect(wrong(subject, HERE).kind).toBe('admitted');
    }
    expect(subject.judge({ headers: bearer(TOKEN) }).kind).toBe('admitted');
  });
});

describe('who comes through a tunnel', () => {
  /** As cloudflared hands it over: from this machine, under the name of the tunnel. */
  const carried = (caller: string) => ({
    ...{ host: TUNNEL, 'cf-connecting-ip': caller, 'cf-ray': '8f2d-AMS' },
    ...{ 'x-forwarded-for': caller, 'x-forwarded-proto': 'https' },
  });
  const cookieOf = (pass: string) => ({ cookie: `${cookieName(8200)}=${pass}` });

  it('needs the token, though it arrives from this machine', () => {
    const headers = carried('203.0.113.9');
    expect(gate().judge({ from: HERE, headers })).toMatchObject({ kind: 'refused', status: 401 });
    expect(gate().judge({ from: HERE, headers: { ...headers, ...bearer(TOKEN) } })).toMatchObject({
      ...{ kind: 'admitted', guest: true },
    });
  });

  it('needs it too where only one of the signs is left', () => {
    for (const headers of [{ host: TUNNEL }, { host: 'localhost:8200', 'cf-ray': '8f2d-AMS' }]) {
      expect(gate().judge({ from: HERE, headers })).toMatchObject({ kind: 'refused', status: 401 });
    }
  });

  it('gets a cookie that travels by https alone, and holds under that name alone', () => {
    const headers = { ...carried('203.0.113.9'), ...PAGE };
    const verdict = gate().judge({ from: HERE, url: `/?token=${TOKEN}`, headers });
    expect(verdict).toMatchObject({ kind: 'signs-in', location: '/' });
    expect('cookie' in verdict && verdict.cookie).toMatch(new RegExp(`=${TUNNEL_PASS}; .*; Secure$`));
    const judge = (more: object): string =>
      gate().judge({ from: HERE, headers: { ...headers, ...more } }).kind;
    expect(judge(cookieOf(TUNNEL_PASS))).toBe('admitted');
    expect(judge(cookieOf(PASS))).toBe('refused');
    expect(gate().judge({ headers: cookieOf(TUNNEL_PASS) }).kind).toBe('refused');
  });

  it('is counted by itself: one who guesses does not shut out the others', () => {
    const { judge } = gate();
    const guess = (caller: string, token: string): string =>
      judge({ from: HERE, headers: { ...carried(caller), ...bearer(token) } }).kind;
    for (let wrong = 0; wrong < 10; wrong += 1) expect(guess('203.0.113.9', 'no')).toBe('refused');
    expect(guess('203.0.113.9', TOKEN)).toBe('limited');
    expect(guess('203.0.113.10', TOKEN)).toBe('admitted');
  });

  it('cannot be played by another machine, to be counted as somebody else each time', () => {
    const { judge } = gate();
    const guess = (caller: string): string =>
      judge({ from: THERE, headers: { ...carried(caller), ...bearer('no') } }).kind;
    const kinds = Array.from({ length: 11 }, (_, index) => guess(`203.0.113.${index}`));
    expect(kinds.at(-1)).toBe('limited');
  });

  it.each([`${TUNNEL}:8200`, `x.${TUNNEL}`, 'trycloudflare.com'])('not under %s', (host) => {
    expect(gate().judge({ from: HERE, headers: { host, ...bearer(TOKEN) } })).toMatchObject({ status: 403 });
  });
});
