import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createFileServer } from '../../electron/core/file-server.ts';
import { silentLogger } from '../../electron/core/ports.ts';
import { serveAppProtocol } from '../../electron/shell/app-protocol.ts';
import { FakeCenter } from './fake-center.ts';
import { serve, TOKEN } from './links.ts';

/** Results of runs through both doors: over HTTP, and over the desktop's own protocol. */

type Handler = (request: Request) => Promise<Response>;
const desktop = vi.hoisted((): { handler: Handler | null } => ({ handler: null }));
vi.mock('electron', () => ({
  protocol: {
    registerSchemesAsPrivileged: () => undefined,
    handle: (_scheme: string, handler: Handler) => {
      desktop.handler = handler;
    },
  },
}));

type Ask = (
  pathname: string,
  headers?: Readonly<Record<string, string>>,
  method?: string,
) => Promise<Response>;

/** Larger than what streams read at once. */
const FILM = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31 + (index >> 8)) & 255));
const ends: (() => Promise<void>)[] = [];
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ensemble-served-'));
  await writeFile(path.join(folder, 'film'), FILM);
  await writeFile(path.join(folder, 'empty'), '');
});
afterAll(async () => {
  await Promise.all(ends.map((end) => end()));
  await rm(folder, { recursive: true, force: true });
});

const serveFile = createFileServer({
  preview: () => null,
  picture: () => null,
  artifact: (id) => ({ path: path.join(folder, id), mime: id === 'page' ? 'text/html' : 'video/mp4' }),
  thumbnail: async () => null,
  log: () => null,
});

async function overHttp(): Promise<Ask> {
  const server = await serve(new FakeCenter(), { serveFile });
  ends.push(() => server.close());
  const origin = new URL(server.url).origin;
  return (pathname, headers = {}, method = 'GET') =>
    fetch(`${origin}${pathname}`, { method, headers: { authorization: `Bearer ${TOKEN}`, ...headers } });
}

async function overTheDesktop(): Promise<Ask> {
  serveAppProtocol({ rendererDirectory: folder, serveFile, logger: silentLogger });
  return async (pathname, headers = {}, method = 'GET') => {
    const answer = await desktop.handler?.(new Request(`app://ensemble${pathname}`, { method, headers }));
    if (answer === undefined) throw new Error('Nothing answers the protocol.');
    return answer;
  };
}

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const bodyOf = async (answer: Response): Promise<Buffer> => Buffer.from(await answer.arrayBuffer());

describe.each([
  ['over HTTP', overHttp],
  ['over the desktop’s protocol', overTheDesktop],
] as const)('a result %s', (_name, open) => {
  let ask: Ask;
  beforeAll(async () => {
    ask = await open();
  });

  it('comes whole, and says that parts can be had', async () => {
    const answer = await ask('/files/artifacts/film.mp4');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('accept-ranges')).toBe('bytes');
    expect(answer.headers.get('content-type')).toBe('video/mp4');
    expect(answer.headers.get('content-security-policy')).toContain('sandbox');
    expect(hash(await bodyOf(answer))).toBe(hash(FILM));
  });

  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=0-', 0, 300_000],
    ['bytes=65535-65536', 65_535, 65_537],
    ['bytes=100000-', 100_000, 300_000],
    ['bytes=-70000', 230_000, 300_000],
    ['bytes=-999999', 0, 300_000],
    ['bytes=299999-400000', 299_999, 300_000],
  ])('comes in the part that %s names', async (range, start, end) => {
    const answer = await ask('/files/artifacts/film.mp4', { range });
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/300000`);
    expect(answer.headers.get('content-length')).toBe(String(end - start));
    expect(hash(await bodyOf(answer))).toBe(hash(FILM.subarray(start, end)));
  });

  it.each([
    ['film.mp4', 'bytes=300000-', 300_000],
    ['film.mp4', 'bytes=-0', 300_000],
    ['empty.mp4', 'bytes=0-', 0],
  ])('has no part of %s at %s', async (name, range, size) => {
    const answer = await ask(`/files/artifacts/${name}`, { range });
    expect(answer.status).toBe(416);
    expect(answer.headers.get('content-range')).toBe(`bytes */${size}`);
    expect(await bodyOf(answer)).toHaveLength(0);
  });

  it.each(['bytes=0-1,5-6', 'bytes=9-3', 'pages=1-2', 'bytes=', 'bytes=a-b'])(
    'comes whole for %j',
    async (range) => {
      const answer = await ask('/files/artifacts/film.mp4', { range });
      expect(answer.status).toBe(200);
      expect(await bodyOf(answer)).toHaveLength(300_000);
    },
  );

  it('is told of without being sent, also when a part is asked for', async () => {
    const answer = await ask('/files/artifacts/film.mp4', { range: 'bytes=0-9' }, 'HEAD');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-length')).toBe('300000');
    expect(answer.headers.get('accept-ranges')).toBe('bytes');
    expect(await bodyOf(answer)).toHaveLength(0);
  });

  it('is missing where it is missing', async () => {
    expect((await ask('/files/artifacts/gone.mp4', { range: 'bytes=0-1' })).status).toBe(404);
    expect((await ask('/files/artifacts/film.mp4', {}, 'DELETE')).status).toBe(405);
  });
});
