import type { IncomingMessage, ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { ComfyHttp } from '../../../electron/core/comfy/http.ts';
import { type RawServer, startRawServer } from './raw-server.ts';

const FILE = { filename: 'a.png', subfolder: '', type: 'output' } as const;
type Handler = (request: IncomingMessage, response: ServerResponse) => void;

describe('ComfyHttp.download and stat', { timeout: 30_000 }, () => {
  let server: RawServer | null = null;
  afterEach(() => server?.close());

  const client = async (handler: Handler, stallMs = 300): Promise<ComfyHttp> => {
    server = await startRawServer(handler);
    return new ComfyHttp(server.url, { timeoutMs: 2_000, stallMs });
  };
  const read = async (http: ComfyHttp, signal?: AbortSignal): Promise<Buffer> => {
    const { stream } = await http.download(FILE, signal);
    return Buffer.concat(await stream.toArray());
  };

  it('streams a file whole, and asks for it as the server named it', async () => {
    const bytes = Buffer.alloc(700_000, 'xyz');
    const asked: (string | undefined)[] = [];
    const http = await client((request, response) => {
      asked.push(request.url, request.headers['accept-encoding']);
      response.writeHead(200, { 'content-length': bytes.length });
      response.end(bytes);
    });
    const hostile = { filename: '../../.ssh/id', subfolder: '..\\..', type: 'temp' } as const;
    const { stream, bytes: size } = await http.download(hostile);
    expect(size).toBe(bytes.length);
    expect(Buffer.concat(await stream.toArray()).equals(bytes)).toBe(true);
    expect(asked).toEqual(['/view?filename=..%2F..%2F.ssh%2Fid&subfolder=..%5C..&type=temp', 'identity']);
  });

  it('does not know the size of a chunked answer, and takes it whole', async () => {
    const http = await client((_request, response) => {
      response.write('one ');
      response.end('two');
    });
    const { stream, bytes } = await http.download(FILE);
    expect(bytes).toBeNull();
    expect(Buffer.concat(await stream.toArray()).toString()).toBe('one two');
  });

  it.each([
    [404, 'not-found', /does not have the file a\.png/],
    [500, 'unavailable', /answered \/view with an error \(500\)/],
    [302, 'unavailable', /sends us on/],
    [206, 'unavailable', /\(206\)/],
  ])('says in words that it got %i', async (status, code, message) => {
    const http = await client((_request, response) => {
      response.writeHead(status);
      response.end('x');
    });
    await expect(http.download(FILE)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('refuses bytes that a proxy has compressed', async () => {
    const http = await client((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end('x');
    });
    await expect(read(http)).rejects.toMatchObject({ message: expect.stringContaining('encoded (gzip)') });
  });

  it('ends with an error when fewer bytes come than were promised', async () => {
    const http = await client((_request, response) => {
      response.writeHead(200, { 'content-length': 1_000 });
      response.write('half', () => response.destroy());
    });
    await expect(read(http)).rejects.toMatchObject({ name: 'EnsembleError', code: 'disconnected' });
  });

  it('gives up on silence before the headers and in the middle, and not on a slow but steady line', async () => {
    const silent = await client(() => {}, 120);
    await expect(read(silent)).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('a.png'),
    });
    await server?.close();
    const stalling = await client((_request, response) => void response.write('begin'), 120);
    await expect(read(stalling)).rejects.toMatchObject({ code: 'timeout' });
    await server?.close();
    const steady = await client((_request, response) => {
      let left = 10;
      const timer = setInterval(() => {
        left -= 1;
        if (left > 0) response.write('.');
        else {
          clearInterval(timer);
          response.end();
        }
      }, 40);
    }, 150);
    expect((await read(steady)).length).toBe(9);
  });

  it('does not blame the server for a reader that takes its time', async () => {
    const bytes = Buffer.alloc(4_000_000);
    const http = await client((_request, response) => void response.end(bytes), 100);
    const { stream } = await http.download(FILE);
    let first = true;
    let size = 0;
    const slow = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        size += chunk.length;
        if (first) setTimeout(done, 400);
        else done();
        first = false;
      },
    });
    await pipeline(stream, slow);
    expect(size).toBe(bytes.length);
  });

  it('ends with the reason of its signal, and hangs up when its reader goes', async () => {
    let hungUp: () => void = () => {};
    const gone = new Promise<void>((resolve) => {
      hungUp = resolve;
    });
    const http = await client((_request, response) => {
      response.on('close', () => hungUp());
      response.write('begin');
    }, 10_000);
    const abort = new AbortController();
    const reading = read(http, abort.signal);
    const reason = new Error('cancelled');
    setImmediate(() => abort.abort(reason));
    await expect(reading).rejects.toBe(reason);
    const { stream } = await http.download(FILE);
    stream.destroy();
    await gone;
  });

  it('knows the size of a file, or that it is not there, by its headers', async () => {
    const methods: (string | undefined)[] = [];
    const http = await client((request, response) => {
      methods.push(request.method);
      if (request.url?.includes('gone')) response.writeHead(404);
      else response.writeHead(200, { 'content-length': 5_000_000_000 });
      response.end();
    });
    expect(await http.stat(FILE)).toEqual({ bytes: 5_000_000_000 });
    expect(await http.stat({ ...FILE, filename: 'gone' })).toBeNull();
    expect(methods).toEqual(['HEAD', 'HEAD']);
  });
});
