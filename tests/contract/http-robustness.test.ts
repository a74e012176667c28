import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ControlServer } from '../../electron/transports/http-server.ts';
import { DEFAULT_RUN_OPTIONS } from '../../shared/runs.ts';
import { FakeCenter } from './fake-center.ts';
import { serve, TOKEN } from './links.ts';
import { type RawRequest, type RawResponse, send, sendBytes, tryUpgrade } from './raw-http.ts';

const bearer = { authorization: `Bearer ${TOKEN}` };
const MEBIBYTE = 1024 * 1024;

let folder: string;
let renderer: string;
let center: FakeCenter;
let server: ControlServer;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ensemble-http-'));
  renderer = path.join(folder, 'renderer');
  await mkdir(path.join(renderer, 'assets'), { recursive: true });
  await mkdir(path.join(folder, 'renderer-sibling'));
  await writeFile(path.join(renderer, 'index.html'), '<!doctype html><title>Comfy Ensemble</title>');
  await writeFile(path.join(renderer, 'assets', 'main-abc123.js'), 'export {};');
  await writeFile(path.join(renderer, '.hidden'), 'SECRET');
  await writeFile(path.join(folder, 'secret.txt'), 'SECRET');
  await writeFile(path.join(folder, 'renderer-sibling', 'secret.txt'), 'SECRET');
  await symlink(path.join(folder, 'secret.txt'), path.join(renderer, 'assets', 'link.txt'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(async () => {
  center = new FakeCenter();
  server = await serve(center, {
    rendererDirectory: renderer,
    patience: { head: 300, request: 600 },
    serveFile: async (pathname, search) => {
      if (pathname === '/files/stream') {
        return { status: 200, headers: { 'content-type': 'image/png' }, body: Readable.from(['a', 'b']) };
      }
      if (pathname === '/files/bytes' && search.get('n') === '2') {
        return { status: 200, headers: {}, body: new Uint8Array([104, 105]) };
      }
      return null;
    },
  });
});
afterEach(() => server.close());

const ask = (request: RawRequest): Promise<RawResponse> =>
  send(server.port, { ...request, headers: { ...bearer, ...request.headers } });
const post = (body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Promise<RawResponse> =>
  ask({
    method: 'POST',
    path: '/api/commands/fleet.startAll',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
const cookie = async (): Promise<string> => {
  const answer = await send(server.port, { path: `/${new URL(server.oneTimeUrl()).search}` });
  return String(answer.headers['set-cookie']).split(';')[0] ?? '';
};

describe('the interface', () => {
  it('is served with its policy, revalidated by tag', async () => {
    const headers = { cookie: await cookie() };
    const page = await ask({ path: '/', headers });
    expect(page.status).toBe(200);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(String(page.headers['content-security-policy'])).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self'; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    const again = await ask({
      path: '/',
      headers: { ...headers, 'if-none-match': String(page.headers['etag']) },
    });
    expect([again.status, again.body]).toEqual([304, '']);
  });

  it('keeps hashed files for good', async () => {
    const script = await ask({ path: '/assets/main-abc123.js' });
    expect([script.status, script.body]).toEqual([200, 'export {};']);
    expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(script.headers['cache-control']).toContain('immutable');
  });

  it.each(['/nothing', '/index.html/', '/assets', '/assets/', '/api', '/files/none'])(
    'has nothing at %s',
    async (path) => {
      expect((await ask({ path })).status).toBe(404);
    },
  );

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/%252e%252e/secret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/../renderer-sibling/secret.txt',
    '/assets/link.txt',
    '/.hidden',
    '/%2ehidden',
    '//secret.txt',
    '/index.html%00.png',
    '/%c0%ae%c0%ae/secret.txt',
    '/%',
    '/files/../../secret.txt',
    '/files/%2e%2e%2f%2e%2e%2fsecret.txt',
  ])('gives nothing away at %s', async (path) => {
    const answer = await ask({ path });
    expect([400, 404]).toContain(answer.status);
    expect(answer.body).not.toContain('SECRET');
  });
});

it('streams files, with nothing in them allowed to run', async () => {
  const picture = await ask({ path: '/files/stream' });
  expect([picture.status, picture.body]).toEqual([200, 'ab']);
  expect(picture.headers).toMatchObject({ 'content-type': 'image/png', 'x-content-type-options': 'nosniff' });
  expect(String(picture.headers['content-security-policy'])).toContain('sandbox');
  expect((await ask({ path: '/files/bytes?n=2' })).body).toBe('hi');
  expect((await ask({ path: '/files/stream', method: 'HEAD' })).body).toBe('');
});

describe('a command’s body', () => {
  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
    'must not be %j',
    async (type) => {
      expect((await post('{}', { 'content-type': type })).status).toBe(400);
      expect(center.calls).toEqual([]);
    },
  );

  it.each(['{', 'nul', '{"a":1}}', '\u0000', '[1,]'])('must be JSON, not %j', async (body) => {
    expect(JSON.parse((await post(body)).body)).toMatchObject({ ok: false, error: { code: 'bad-argument' } });
  });

  it('may be deep without harm', async () => {
    expect((await post('['.repeat(100_000))).status).toBe(400);
    expect((await post(`${'['.repeat(5000)}${']'.repeat(5000)}`)).status).toBe(400);
  });

  it('may be as large as 2 MiB, and no larger, whether it says so or not', async () => {
    expect((await post(`{}${' '.repeat(2 * MEBIBYTE - 2)}`)).status).toBe(200);
    const large = Buffer.alloc(2 * MEBIBYTE + 1, ' ');
    expect((await post(large)).status).toBe(413);
    const announced = `POST /api/commands/fleet.startAll HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n${head()}`;
    expect(await sendBytes(server.port, `${announced}Content-Length: 99999999999\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 413 /,
    );
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
    const chunked = `${announced}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(33)}`;
    expect(await sendBytes(server.port, chunked)).toMatch(/^HTTP\/1\.1 413 /);
    expect(center.calls).toHaveLength(1);
  });

  it('may hold a workflow of 32 MiB where a command takes one, and no larger one', async () => {
    const command = (name: string, body: string | Buffer): Promise<RawResponse> =>
      send(server.port, {
        method: 'POST',
        path: `/api/commands/${name}`,
        headers: { ...bearer, 'content-type': 'application/json' },
        body,
      });
    // Quotes double in JSON: the worst that a workflow can be.
    const workflow = '"'.repeat(32 * MEBIBYTE);
    const body = (text: string): string => JSON.stringify({ workflow: text, options: DEFAULT_RUN_OPTIONS });
    expect((await command('runs.plan', body(workflow))).status).toBe(200);
    expect(center.calls).toEqual([
      { command: 'runs.plan', args: { workflow, options: DEFAULT_RUN_OPTIONS } },
    ]);
    expect((await command('runs.plan', body(`${workflow}x`))).status).toBe(400);
    expect((await command('runs.submit', Buffer.alloc(67 * MEBIBYTE, ' '))).status).toBe(413);
    expect((await command('runs.get', Buffer.alloc(2 * MEBIBYTE + 1, ' '))).status).toBe(413);
  });

  it('must be posted', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
      const answer = await ask({ method, path: '/api/commands/fleet.startAll' });
      expect([answer.status, answer.headers['allow']]).toEqual([405, 'POST']);
    }
    expect((await ask({ method: 'DELETE', path: '/index.html' })).status).toBe(405);
  });
});

describe('a malformed or slow client', () => {
  it.each([
    ['garbage', '\u0000\u0001\u0002 hello\r\n\r\n'],
    ['TLS', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03])],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    [
      'a smuggled length',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['an endless header', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`],
  ])('gets a short refusal: %s', async (_what, bytes) => {
    expect(await sendBytes(server.port, bytes).catch(() => 'HTTP/1.1 400 reset')).toMatch(
      /^HTTP\/1\.1 4\d\d /,
    );
    expect((await post('{}')).status).toBe(200);
  });

  it.each(['http://evil.example/', '*', 'evil.example:80'])(
    'cannot ask for another place: %s',
    async (target) => {
      const bytes = `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: close\r\n\r\n`;
      expect(await sendBytes(server.port, bytes)).toMatch(/^HTTP\/1\.1 400 /);
    },
  );

  it.each([
    ['head', 'GET / HTTP/1.1\r\nHost: 127.0.0.1'],
    [
      'body',
      `POST /api/commands/fleet.startAll HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n${head()}Content-Length: 10\r\n\r\n{`,
    ],
  ])('that never finishes its %s is cut off', async (_part, bytes) => {
    const answer = await sendBytes(server.port, bytes.replace('PORT', String(server.port)));
    expect(answer === '' || /^HTTP\/1\.1 408 /.test(answer)).toBe(true);
    expect(center.calls).toEqual([]);
  });
});

it('upgrades nothing but /events', async () => {
  expect(await tryUpgrade(server.port, '/', bearer)).toBe(404);
  expect(await tryUpgrade(server.port, '/events/more', bearer)).toBe(404);
  expect((await ask({ path: '/events' })).status).toBe(404);
});

function head(): string {
  return `Authorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\n`;
}
