import { createReadStream } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ComfyHttp } from '../../../electron/core/comfy/http.ts';
import type { Upload } from '../../../electron/core/comfy/upload-form.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { RunningServer } from '../simulator/running-server.ts';
import { type RawServer, startRawServer } from './raw-server.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
const MIB = 1_048_576;

function upload(content: string | Buffer, change: Partial<Upload> = {}): Upload {
  const bytes = Buffer.from(content);
  return {
    source: () => Readable.from([bytes]),
    bytes: bytes.length,
    name: 'a.png',
    subfolder: 'ensemble',
    type: 'input',
    overwrite: true,
    ...change,
  };
}

describe('ComfyHttp.upload', { timeout: 60_000 }, () => {
  let server: RawServer | null = null;
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'upload-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  afterEach(() => server?.close());

  const client = async (handler: Handler, stallMs = 2_000): Promise<ComfyHttp> => {
    server = await startRawServer(handler);
    return new ComfyHttp(server.url, { stallMs });
  };
  const accept = (response: ServerResponse): void => {
    response.end(JSON.stringify({ name: 'a (1).png', subfolder: 'ensemble', type: 'input', asset: {} }));
  };

  it('is stored byte for byte by a simulated server, under odd names too', async () => {
    const simulated = await RunningServer.start().then((started) => started.ready());
    try {
      const http = new ComfyHttp(simulated.url);
      for (const name of ['a.png', 'with "quotes" & more.png']) {
        const content = Buffer.from(`\r\n--\r\n${name}`);
        const stored = await http.upload(upload(content, { name, subfolder: 'a/b' }));
        expect(stored).toEqual({ filename: name, subfolder: 'a/b', type: 'input' });
        const { stream, bytes } = await http.download(stored);
        expect(bytes).toBe(content.length);
        expect(Buffer.concat(await stream.toArray()).equals(content)).toBe(true);
        expect(await http.stat(stored)).toEqual({ bytes: content.length });
      }
      const other = await http.upload(upload('other', { subfolder: 'a/b', overwrite: false }));
      expect(other.filename).toBe('a (1).png');
      expect(await http.stat({ ...other, filename: 'none.png' })).toBeNull();
    } finally {
      await simulated.stop();
    }
  });

  it('says its exact length, and tells how far it is', async () => {
    let body = Buffer.alloc(0);
    let declared = 0;
    const http = await client((request, response) => {
      declared = Number(request.headers['content-length']);
      request.on('data', (chunk) => {
        body = Buffer.concat([body, chunk]);
      });
      request.on('end', () => accept(response));
    });
    const progress: number[] = [];
    const chunks = ['one', 'two', ''].map((text) => Buffer.from(text));
    const source = (): Readable => Readable.from(chunks);
    const stored = await http.upload(upload('', { source, bytes: 6 }), {
      onProgress: (sent) => progress.push(sent),
    });
    expect(stored).toEqual({ filename: 'a (1).png', subfolder: 'ensemble', type: 'input' });
    expect(declared).toBe(body.length);
    expect(progress.at(-1)).toBe(6);
    expect(body.toString()).toContain('name="overwrite"\r\n\r\ntrue\r\n');
    expect(body.toString()).toContain(
      'filename="a.png"\r\nContent-Type: application/octet-stream\r\n\r\nonetwo\r\n--',
    );
  });

  it('keeps memory flat with a large file and a slow reader', async () => {
    const file = path.join(folder, 'sparse.bin');
    await writeFile(file, '');
    await truncate(file, 300 * MIB);
    let received = 0;
    const http = await client((request, response) => {
      request.on('data', (chunk) => {
        received += chunk.length;
        if (received % (16 * MIB) < chunk.length) {
          request.pause();
          setTimeout(() => request.resume(), 20);
        }
      });
      request.on('end', () => accept(response));
    });
    const source = (): Readable => createReadStream(file);
    // The heap and its pools have grown to what any transfer needs.
    const warmUp = (): Readable => createReadStream(file, { end: 64 * MIB - 1 });
    await http.upload(upload('', { source: warmUp, bytes: 64 * MIB }));
    received = 0;
    const before = process.memoryUsage.rss();
    let peak = before;
    await http.upload(upload('', { source, bytes: 300 * MIB }), {
      onProgress: () => {
        peak = Math.max(peak, process.memoryUsage.rss());
      },
    });
    expect(received).toBeGreaterThan(300 * MIB);
    expect((peak - before) / MIB).toBeLessThan(50);
  });

  it.each([
    [413, 'too-large', /does not take a file as large as a\.png \(300 MiB\)/, /--max-upload-size/],
    [400, 'unavailable', /refused the file a\.png \(400\)/, /rename/],
    [500, 'unavailable', /refused the file a\.png \(500\)/, /log/],
  ])('reports an early %i in words, and reads no further', async (status, code, message, hint) => {
    const http = await client((_request, response) => {
      response.writeHead(status);
      response.end('no');
    });
    let given = 0;
    let source = new Readable();
    const open = (): Readable => {
      source = Readable.from(
        (function* () {
          for (; given < 300; given += 1) yield Buffer.alloc(MIB);
        })(),
      );
      return source;
    };
    await expect(http.upload(upload('', { source: open, bytes: 300 * MIB }))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
    expect(given).toBeLessThan(100);
    expect(source.destroyed).toBe(true);
  });

  it('mentions the limit when the connection is just closed', async () => {
    const http = await client((request) => {
      request.once('data', () => request.destroy());
    });
    const source = (): Readable => Readable.from(Array.from({ length: 50 }, () => Buffer.alloc(MIB)));
    await expect(http.upload(upload('', { source, bytes: 50 * MIB }))).rejects.toMatchObject({
      code: 'disconnected',
      hint: expect.stringContaining('--max-upload-size'),
    });
  });

  it.each([
    ['shorter', 'abc', 4],
    ['longer', 'abcde', 4],
  ])('notices a file that became %s', async (_how, content, bytes) => {
    const http = await client((request, response) => {
      request.resume().on('end', () => accept(response));
    });
    await expect(http.upload(upload(content, { bytes }))).rejects.toMatchObject({ code: 'conflict' });
  });

  it('tells a disk that cannot be read from a server that cannot be reached', async () => {
    const http = await client((request) => void request.resume());
    const source = (): Readable => createReadStream(path.join(folder, 'absent'));
    await expect(http.upload(upload('', { source, bytes: 9 }))).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('a.png could not be read'),
    });
    await server?.close();
    await expect(http.upload(upload('x'))).rejects.toMatchObject({ code: 'disconnected' });
  });

  it('gives up on a server that takes no more, and on one that never answers', async () => {
    const deaf = await client((request) => void request.pause(), 150);
    const source = (): Readable => Readable.from(Array.from({ length: 50 }, () => Buffer.alloc(MIB)));
    await expect(deaf.upload(upload('', { source, bytes: 50 * MIB }))).rejects.toMatchObject({
      code: 'timeout',
    });
    await server?.close();
    const clock = new ManualClock();
    let arrived: () => void = () => {};
    const whole = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    server = await startRawServer((request) => void request.resume().on('end', () => arrived()));
    const mute = new ComfyHttp(server.url, { clock, stallMs: 1_000 });
    let end: unknown = null;
    const sending = mute.upload(upload('x')).catch((error: unknown) => {
      end = error;
    });
    await whole;
    // It has all bytes and may take its time to write them down, but not for ever.
    clock.advance(170_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(end).toBeNull();
    clock.advance(20_000);
    await sending;
    expect(end).toMatchObject({ code: 'timeout' });
  });

  it('ends with the reason of its signal, and closes its source', async () => {
    const http = await client((request) => void request.resume());
    const abort = new AbortController();
    const reason = new Error('cancelled');
    const source = new Readable({ read: () => setImmediate(() => abort.abort(reason)) });
    const sending = http.upload(upload('', { source: () => source, bytes: 9 }), { signal: abort.signal });
    await expect(sending).rejects.toBe(reason);
    expect(source.destroyed).toBe(true);
  });

  it.each([
    ['an empty record', '{}'],
    ['a web page', '<html>'],
    ['no name', '{"name":""}'],
    ['a name without end', JSON.stringify({ name: 'x'.repeat(100_000) })],
  ])('does not take %s for a yes', async (_what, answer) => {
    const http = await client((request, response) => {
      request.resume().on('end', () => response.end(answer));
    });
    await expect(http.upload(upload('x'))).rejects.toMatchObject({ code: 'unavailable' });
  });
});
