import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileServer } from '../../../electron/core/file-server.ts';
import type { ServeFile } from '../../../electron/core/served-file.ts';

let directory = '';
let serve: ServeFile;
const asked: string[] = [];

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ensemble-files-'));
  await writeFile(path.join(directory, 'a.log'), 'one\ntwo\n');
  await writeFile(path.join(directory, 'empty.log'), '');
  asked.length = 0;
  serve = createFileServer({
    preview: (id) => (id === 'worker-1' ? { bytes: new Uint8Array([1, 2]), mime: 'image/jpeg' } : null),
    picture: (id) => path.join(directory, `${id}.png`),
    artifact: (id) => ({
      path: path.join(directory, 'a.log'),
      mime: id === 'page' ? 'text/html' : id === 'drawing' ? 'image/svg+xml' : 'video/mp4',
    }),
    thumbnail: async () => null,
    log: (id) => {
      asked.push(id);
      return path.join(directory, `${id}.log`);
    },
  });
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const search = new URLSearchParams();

describe('the file server', () => {
  it('sends previews from memory and logs from disk as downloads', async () => {
    expect(await serve('/files/previews/worker-1', search)).toMatchObject({
      status: 200,
      headers: { 'content-type': 'image/jpeg', 'content-length': '2', 'cache-control': 'no-store' },
    });
    const log = await serve('/files/logs/a.txt', search);
    expect(log?.headers['content-disposition']).toBe('attachment; filename="a.log.txt"');
    expect(log?.headers['content-length']).toBe('8');
    expect(await text(log?.body as NodeJS.ReadableStream)).toBe('one\ntwo\n');
    expect((await serve('/files/logs/empty.txt', search))?.headers['content-length']).toBe('0');
  });

  it('hands out results, and what a browser would run as a page only for saving', async () => {
    const video = await serve('/files/artifacts/film.mp4', search);
    expect(video?.headers).toMatchObject({ 'content-type': 'video/mp4', 'content-length': '8' });
    expect(video?.headers['content-disposition']).toBeUndefined();
    for (const id of ['page', 'drawing']) {
      expect((await serve(`/files/artifacts/${id}.x`, search))?.headers).toMatchObject({
        'content-type': 'application/octet-stream',
        'content-disposition': 'attachment',
      });
    }
  });

  it.each([
    ['bytes=0-2', 206, 'bytes 0-2/8', 'one'],
    ['bytes=4-', 206, 'bytes 4-7/8', 'two\n'],
    ['bytes=-2', 206, 'bytes 6-7/8', 'o\n'],
    ['bytes=5-99', 206, 'bytes 5-7/8', 'wo\n'],
    ['bytes=8-', 416, 'bytes */8', ''],
    ['bytes=-0', 416, 'bytes */8', ''],
    ['bytes=3-1', 200, undefined, 'one\ntwo\n'],
    ['bytes=0-1,4-5', 200, undefined, 'one\ntwo\n'],
    ['lines=1', 200, undefined, 'one\ntwo\n'],
  ])('answers a player that asks for %s', async (range, status, contentRange, content) => {
    const served = await serve('/files/artifacts/film.mp4', search, range);
    expect(served?.status).toBe(status);
    expect(served?.headers['content-range']).toBe(contentRange);
    expect(served?.headers['content-length']).toBe(String(content.length));
    const { body } = served ?? {};
    expect(body instanceof Uint8Array ? '' : await text(body as NodeJS.ReadableStream)).toBe(content);
  });

  it.each([
    '/files/previews/nobody',
    '/files/pictures/missing.png',
    '/files/logs/../../etc/passwd',
    '/files/logs/..%2f..%2fetc%2fpasswd',
    '/files/logs/a.log',
    '/files/other/a',
    '/files/logs/',
    '/files',
  ])('has no %s', async (pathname) => {
    expect(await serve(pathname, search)).toBeNull();
    expect(asked.every((id) => /^[\w-]+$/.test(id))).toBe(true);
  });
});
