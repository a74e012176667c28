import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OwnNames, refusalOf } from '../../../electron/core/gateway/http/guard.ts';
import { partsOf, Router } from '../../../electron/core/gateway/http/router.ts';
import { meantBy } from '../../../electron/core/gateway/view.ts';

const OWN: OwnNames = { port: 8200, reachedAt: '127.0.0.1', hostname: null, listed: [], tunnel: null };
const OPEN: OwnNames = { ...OWN, reachedAt: '::ffff:192.0.2.2', hostname: 'Studio' };

function asked(headers: Readonly<Record<string, string>>, method = 'GET', own = OWN): boolean {
  const all = { host: '127.0.0.1:8200', ...headers };
  return refusalOf({ headers: all, method, rawHeaders: Object.entries(all).flat() }, own) === null;
}

describe('who may speak to the gateway', () => {
  it.each(['127.0.0.1:8200', 'localhost:8200', 'LOCALHOST:8200', '[::1]:8200'])('lets %s in', (host) => {
    expect(asked({ host })).toBe(true);
    expect(asked({ host, origin: `http://${host}` })).toBe(true);
  });

  it.each([
    '',
    'localhost',
    '127.0.0.1:8201',
    'evil.example:8200',
    'localhost.evil.example:8200',
    'a@localhost:8200',
  ])('refuses the host “%s”', (host) => expect(asked({ host })).toBe(false));

  it.each([
    'null',
    'http://evil.example',
    'http://localhost:8188',
    'https://localhost:8200',
    'app://x',
    '',
    'http://127.0.0.1:8200/',
  ])('refuses the origin %s', (origin) => expect(asked({ origin })).toBe(false));

  it('lets a person follow a link from another site, and that site do nothing else', () => {
    const visit = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    expect(asked(visit)).toBe(true);
    expect(asked(visit, 'POST')).toBe(false);
    expect(asked({ ...visit, 'sec-fetch-dest': 'iframe' })).toBe(false);
    expect(asked({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).toBe(false);
    expect(asked({ 'sec-fetch-site': 'same-origin' })).toBe(true);
    expect(asked({ 'sec-fetch-site': 'none' })).toBe(true);
  });

  it('takes a page on another port of this machine for another site', () => {
    expect(asked({ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' })).toBe(false);
    expect(asked({ host: 'localhost:8200', origin: 'http://localhost:3000' }, 'POST')).toBe(false);
  });

  it.each(['Host', 'ORIGIN', 'Authorization'])('refuses %s twice', (name) => {
    const host = '127.0.0.1:8200';
    const rawHeaders = ['Host', host, name, 'x', name, 'x'];
    expect(refusalOf({ headers: { host }, method: 'GET', rawHeaders }, OWN)).toContain('once only');
  });
});

describe('the names of a gateway that is open to the network', () => {
  const host = (name: string, own = OPEN): boolean =>
    asked({ host: name, origin: `http://${name}` }, 'POST', own);

  it.each(['192.0.2.2:8200', 'studio:8200', 'STUDIO.local:8200', 'localhost:8200', '127.0.0.1:8200'])(
    'are %s',
    (name) => expect(host(name)).toBe(true),
  );

  it.each([
    ...['192.0.2.3:8200', '192.0.2.2', '192.0.2.2:8201', 'studio', 'studio.:8200', 'localhost.:8200'],
    ...['studio.evil.example:8200', 'evil.example:8200', '192.0.2.2.evil.example:8200', '[fd00::2]:8200'],
    ...['0.0.0.0:8200', '3221225986:8200', '0xc0.0.2.2:8200', '192.0.2.2:8200@evil.example', ' :8200'],
  ])('are not %s', (name) => expect(host(name)).toBe(false));

  it('know an IPv6 address however it is written', () => {
    const own = { ...OPEN, reachedAt: 'fd00::2%eth0' };
    for (const name of ['[fd00::2]:8200', '[FD00:0:0::0:2]:8200']) expect(host(name, own)).toBe(true);
    for (const name of ['[fd00::3]:8200', '[::ffff:192.0.2.2]:8200']) expect(host(name, own)).toBe(false);
    expect(host('[::ffff:c000:202]:8200')).toBe(true);
  });

  it('are those of this machine alone until it is opened', () => {
    expect(host('studio:8200', OWN)).toBe(false);
    expect(host('192.0.2.2:8200', OWN)).toBe(false);
  });

  it('are also what a person has listed, with any port or its own', () => {
    const own = { ...OWN, listed: ['gpu.example.com', 'box:443'] };
    expect(host('GPU.example.com', own)).toBe(true);
    expect(host('gpu.example.com:8443', own)).toBe(true);
    expect(host('box:443', own)).toBe(true);
    expect(host('box:8200', own)).toBe(false);
    expect(host('not-gpu.example.com', own)).toBe(false);
    expect(asked({ host: 'gpu.example.com', origin: 'https://gpu.example.com' }, 'POST', own)).toBe(true);
    expect(asked({ host: 'gpu.example.com', origin: 'https://evil.example' }, 'POST', own)).toBe(false);
    expect(asked({ host: 'gpu.example.com', origin: 'http://localhost:8200' }, 'POST', own)).toBe(false);
  });

  it('are none that a fuzzer makes up', () => {
    const letters = fc.constantFrom(...'lochst127.0:[]@%/\\?#studioevl 8200ſK'.split(''));
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 24 }), (name) => {
        const allowed =
          /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|studio(\.local)?|192\.0\.2\.2|\[::1\]):0*8200$/i;
        expect(host(name)).toBe(host(name) && allowed.test(name));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('routes', () => {
  const router = new Router({
    'GET /history': () => {},
    'GET /history/*': () => {},
    'POST /prompt': () => {},
  });

  it('are found however they are written, as ComfyUI finds them', () => {
    expect(router.find('POST', partsOf('/%70rompt'))).not.toBeNull();
    expect(router.find('HEAD', partsOf('/history'))).not.toBeNull();
    expect(router.find('GET', partsOf('/history/a%2Fb'))?.parts).toEqual(['a/b']);
    expect(router.find('GET', partsOf('/history/%ff'))?.parts).toEqual(['%ff']);
  });

  it.each([
    ['GET', '/prompt'],
    ['GET', '/history/'],
    ['GET', '/history/a/b'],
    ['DELETE', '/history'],
  ])('leave %s %s to the master', (method, path) => expect(router.find(method, partsOf(path))).toBeNull());
});

describe('which file is meant', () => {
  const meant = (query: Readonly<Record<string, string>>) => meantBy(new URLSearchParams(query));

  it.each([
    [{ filename: 'a.png' }, { root: 'output', folder: '', filename: 'a.png' }],
    [
      { filename: 'a.png', subfolder: 'x\\y' },
      { root: 'output', folder: 'x/y', filename: 'a.png' },
    ],
    [
      { filename: 'a.png [output]', type: 'input' },
      { root: 'output', folder: '', filename: 'a.png' },
    ],
    [
      { filename: 'a.png', type: 'temp', subfolder: 'ensemble-previews/x' },
      { root: 'previews', folder: 'x', filename: 'a.png' },
    ],
    [
      { filename: 'a.png', type: 'input' },
      { root: 'input', folder: '', filename: 'a.png' },
    ],
    [
      { filename: 'a.png', type: 'temp', subfolder: 'x/ensemble-previews' },
      { root: 'temp', folder: 'x/ensemble-previews', filename: 'a.png' },
    ],
  ])('%j', (query, expected) => expect(meant(Object(query))).toEqual(expected));

  it.each([
    [{ filename: 'a.png', type: 'weird' }],
    [{ filename: 'a.png', type: 'constructor' }],
    [{ type: 'output' }],
  ])('%j is the master’s', (query) => expect(meant(Object(query))).toBeNull());

  it.each([
    [{ filename: '' }, 400],
    [{ filename: '/etc/passwd' }, 400],
    [{ filename: '..\\x' }, 400],
    [{ filename: 'a\0.png' }, 400],
    [{ filename: 'a.png', subfolder: '../x' }, 403],
    [{ filename: 'a.png', subfolder: 'x/../../y' }, 403],
    [{ filename: 'a.png', subfolder: '/etc' }, 403],
    [{ filename: 'a.png', type: 'temp', subfolder: 'ensemble-previews/../..' }, 403],
  ])('%j is refused', (query, status) => expect(meant(Object(query))).toBe(status));
});
