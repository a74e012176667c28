import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../../electron/core/gateway/http/guard.ts';
import { partsOf, Router } from '../../../electron/core/gateway/http/router.ts';
import { meantBy } from '../../../electron/core/gateway/view.ts';

const asked = (headers: Readonly<Record<string, string>>, method = 'GET') =>
  refusalOf({ headers: { host: '127.0.0.1:8200', ...headers }, method }, 8200) === null;

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

  it.each(['null', 'http://evil.example', 'http://localhost:8188', 'https://localhost:8200', 'app://x'])(
    'refuses the origin %s',
    (origin) => expect(asked({ origin })).toBe(false),
  );

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
