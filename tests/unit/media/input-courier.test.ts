import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ComfyHttp } from '../../../electron/core/comfy/http.ts';
import type { ComfyFile } from '../../../electron/core/comfy/outputs.ts';
import type { ApiPrompt } from '../../../electron/core/comfy/prompt.ts';
import type { Upload } from '../../../electron/core/comfy/upload-form.ts';
import { type CourierServer, InputCourier } from '../../../electron/core/media/input-courier.ts';
import { InputLibrary } from '../../../electron/core/media/input-library.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import { solidPng } from '../../conformance/pictures.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { RunningServer } from '../simulator/running-server.ts';

/** A server in memory that counts what it is asked; `gate` holds uploads back. */
class FakeServer implements CourierServer {
  readonly files = new Map<string, Buffer>();
  readonly stats: string[] = [];
  readonly uploads: string[] = [];
  active = 0;
  most = 0;
  gate: Promise<void> = Promise.resolve();
  onUpload: () => void = () => {};
  failure: EnsembleError | null = null;
  /** Bytes that are told to have been sent, before all of them. */
  pieces: readonly number[] = [];
  onPiece: () => void = () => {};
  readonly name: string;
  readonly sharesInput: boolean;
  readonly sharesOutput: boolean;
  readonly pathSeparator: '/' | '\\';

  constructor(
    readonly id: string,
    change: Partial<Pick<CourierServer, 'sharesInput' | 'sharesOutput' | 'pathSeparator'>> = {},
  ) {
    this.name = `Server ${id}`;
    this.sharesInput = change.sharesInput ?? false;
    this.sharesOutput = change.sharesOutput ?? false;
    this.pathSeparator = change.pathSeparator ?? '/';
  }

  readonly http: CourierServer['http'] = {
    stat: async (file) => {
      this.stats.push(keyOf(file));
      const bytes = this.files.get(keyOf(file));
      return bytes === undefined ? null : { bytes: bytes.length };
    },
    upload: async (upload, options = {}) => {
      const file = { filename: upload.name, subfolder: upload.subfolder, type: upload.type };
      this.uploads.push(keyOf(file));
      this.active += 1;
      this.most = Math.max(this.most, this.active);
      this.onUpload();
      try {
        await this.gate;
        options.signal?.throwIfAborted();
        if (this.failure !== null) throw this.failure;
        this.files.set(keyOf(file), await contentOf(upload));
        for (const piece of this.pieces) {
          this.onPiece();
          options.onProgress?.(piece);
        }
        options.onProgress?.(upload.bytes);
        return file;
      } finally {
        this.active -= 1;
      }
    },
  };
}

function keyOf({ subfolder, filename, type }: ComfyFile): string {
  return `${type}:${subfolder}/${filename}`;
}

async function contentOf(upload: Upload): Promise<Buffer> {
  return Buffer.concat(await upload.source().toArray());
}

function load(...images: readonly string[]): ApiPrompt {
  const loaders = images.map((image, index) => [
    String(index),
    { class_type: 'LoadImage', inputs: { image } },
  ]);
  const seed = { class_type: 'KSampler', inputs: { seed: 18446744073709551615n, model: ['0', 1] } };
  return { ...Object.fromEntries(loaders), s: seed };
}

function imagesOf(prompt: ApiPrompt): readonly unknown[] {
  return Object.values(prompt).flatMap(({ inputs }) => ('image' in inputs ? [inputs['image']] : []));
}

const nameOf = (content: string | Buffer, name: string): string =>
  `${createHash('sha256').update(content).digest('hex').slice(0, 16)}-${name}`;

describe('InputCourier', { timeout: 30_000 }, () => {
  let home = '';
  let courier: InputCourier;
  const clock = new ManualClock();
  const sent: (readonly [server: string, bytes: number, seconds: number])[] = [];
  const put = async (place: string, content: string | Buffer): Promise<void> => {
    const file = path.join(home, place);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  };
  beforeEach(async () => {
    home = await mkdtemp(path.join(os.tmpdir(), 'courier-'));
    sent.length = 0;
    await put('input/a.png', 'AAAA');
    await put('input/sub/b ü.png', 'BB');
    await put('output/c.png', 'CCC');
    const [input, output, temp] = ['input', 'output', 'temp'].map((folder) => path.join(home, folder));
    courier = new InputCourier(
      new InputLibrary({ input: input ?? '', output: output ?? '', temp: temp ?? '' }),
      { clock, onSent: (id, bytes, seconds) => sent.push([id, bytes, seconds]) },
    );
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('tells how fast a file was sent, long before its end', async () => {
    await put('input/large.png', Buffer.alloc(1_000));
    const server = new FakeServer('w');
    server.pieces = [300, 500];
    server.onPiece = () => clock.advance(2_500);
    await courier.ensure(load('large.png'), server);
    expect(sent).toEqual([
      ['w', 300, 2.5],
      ['w', 200, 2.5],
    ]);
    // What is there already is not sent, and says nothing.
    courier.forget('w');
    await courier.ensure(load('large.png'), server);
    expect(sent).toHaveLength(2);
  });

  it('brings each file once, under a name that says what is in it, and leaves the rest of the prompt alone', async () => {
    const server = new FakeServer('w');
    const prompt = load('a.png', 'sub/b ü.png [input]', 'c.png [output]', 'a.png');
    const progress: unknown[] = [];
    const own = await courier.ensure(prompt, server, undefined, (step) => progress.push(step));
    const [a, b, c] = [nameOf('AAAA', 'a.png'), nameOf('BB', 'b_.png'), nameOf('CCC', 'c.png')];
    expect(imagesOf(own)).toEqual([a, b, c, a].map((name) => `ensemble/${name}`));
    expect(own['s']).toBe(prompt['s']);
    expect(server.files.get(`input:ensemble/${b}`)?.toString()).toBe('BB');
    expect(progress).toContainEqual({ file: 'c.png [output]', sentBytes: 3, totalBytes: 3 });
    expect(server.uploads).toHaveLength(3);
    await courier.ensure(prompt, server);
    expect([server.stats.length, server.uploads.length]).toEqual([3, 3]);
  });

  it('looks before it sends, after a restart too, and sends what is there by half', async () => {
    const server = new FakeServer('w');
    const key = `input:ensemble/${nameOf('AAAA', 'a.png')}`;
    server.files.set(key, Buffer.from('AAAA'));
    await courier.ensure(load('a.png'), server);
    expect(server.uploads).toEqual([]);
    courier.forget('w');
    server.files.set(key, Buffer.from('AA'));
    await courier.ensure(load('a.png'), server);
    expect([server.stats.length, server.uploads]).toEqual([2, [key]]);
    expect(server.files.get(key)?.toString()).toBe('AAAA');
    const replaced = new FakeServer('w');
    await courier.ensure(load('a.png'), replaced);
    expect(replaced.uploads).toEqual([key]);
  });

  it('shares one upload among all who need it, and sends two at once at most', async () => {
    const names = ['d', 'e', 'f', 'g', 'h'];
    for (const name of names) await put(`input/${name}.png`, name);
    const server = new FakeServer('w');
    const prompt = load(...names.map((name) => `${name}.png`));
    await Promise.all([1, 2, 3].map(() => courier.ensure(prompt, server)));
    expect(server.uploads).toHaveLength(names.length);
    expect(server.most).toBe(2);
  });

  it('goes on with an upload that somebody else still needs, and ends one that nobody needs', async () => {
    const server = new FakeServer('w');
    let open: () => void = () => {};
    server.gate = new Promise((resolve) => {
      open = resolve;
    });
    const started = new Promise<void>((resolve) => {
      server.onUpload = resolve;
    });
    const abort = new AbortController();
    const reason = new Error('cancelled');
    const leaving = courier.ensure(load('a.png'), server, abort.signal);
    const staying = courier.ensure(load('a.png'), server);
    await started;
    abort.abort(reason);
    await expect(leaving).rejects.toBe(reason);
    open();
    expect(imagesOf(await staying)).toHaveLength(1);
    expect(server.uploads).toHaveLength(1);
  });

  it('lets our own servers read the shared folder, and copies for them what is not in it', async () => {
    const server = new FakeServer('local', { sharesInput: true });
    const prompt = load('a.png', 'sub\\b ü.png', 'c.png [output]');
    const copy = nameOf('CCC', 'c.png');
    const copies = await Promise.all([courier.ensure(prompt, server), courier.ensure(prompt, server)]);
    for (const own of copies) {
      expect(imagesOf(own)).toEqual(['a.png', 'sub/b ü.png', `ensemble/${copy}`]);
    }
    expect(await readdir(path.join(home, 'input/ensemble'))).toEqual([copy]);
    expect(await readFile(path.join(home, 'input/ensemble', copy), 'utf8')).toBe('CCC');
    expect(server.stats).toEqual([]);
    const plain = load('a.png');
    expect(await courier.ensure(plain, server)).toBe(plain);
  });

  it('leaves everything as it is for the master itself', async () => {
    const master = new FakeServer('master', { sharesInput: true, sharesOutput: true });
    const prompt = load('a.png', 'c.png [output]');
    expect(await courier.ensure(prompt, master)).toBe(prompt);
    expect(existsSync(path.join(home, 'input/ensemble'))).toBe(false);
  });

  it('writes paths as the system of the server does', async () => {
    const windows = new FakeServer('w', { pathSeparator: '\\' });
    expect(imagesOf(await courier.ensure(load('a.png'), windows))).toEqual([
      `ensemble\\${nameOf('AAAA', 'a.png')}`,
    ]);
    expect(windows.uploads[0]).toBe(`input:ensemble/${nameOf('AAAA', 'a.png')}`);
  });

  it('sends nothing when a file is missing, and is not bothered by what only looks like one', async () => {
    const server = new FakeServer('w');
    await expect(courier.ensure(load('a.png', 'none.png'), server)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('none.png'),
    });
    await expect(courier.ensure(load('../a.png'), server)).rejects.toMatchObject({ code: 'bad-argument' });
    expect(server.stats).toEqual([]);
    const saver = { '1': { class_type: 'SomeSaver', inputs: { file: 'result.png' } } };
    expect(await courier.ensure(saver, server)).toBe(saver);
  });

  it('names file and server when it fails, keeps the kind of failure, and tries again the next time', async () => {
    const server = new FakeServer('w');
    server.failure = new EnsembleError(
      'too-large',
      '10.0.0.9:8188 takes no such file.',
      'Use --max-upload-size.',
    );
    await expect(courier.ensure(load('a.png', 'sub/b ü.png'), server)).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringMatching(/^The file “.*\.png” could not be brought to Server w: 10\.0\.0\.9/),
      hint: 'Use --max-upload-size.',
    });
    server.failure = null;
    expect(imagesOf(await courier.ensure(load('a.png'), server))).toHaveLength(1);
  });

  it('never leaves changed bytes under the name of the old ones', async () => {
    const server = new FakeServer('w');
    let open: () => void = () => {};
    server.gate = new Promise((resolve) => {
      open = resolve;
    });
    const started = new Promise<void>((resolve) => {
      server.onUpload = resolve;
    });
    const sending = courier.ensure(load('a.png'), server).catch((error: unknown) => error);
    await started;
    await put('input/a.png', 'XXXX');
    open();
    expect(await sending).toMatchObject({ code: 'conflict' });
    expect(server.files.size).toBe(0);
  });

  it('makes a simulated server compute with a picture that only the master has', async () => {
    const simulated = await RunningServer.start().then((started) => started.ready());
    try {
      await put('output/made.png', await solidPng([0x336699], 12, 8));
      const http = new ComfyHttp(simulated.url);
      const server = { ...new FakeServer('s'), http, pathSeparator: '/', sharesInput: false } as const;
      const save = { class_type: 'SaveImage', inputs: { images: ['0', 0], filename_prefix: 'back' } };
      const prompt = await courier.ensure({ ...load('made.png [output]'), s: save }, server);
      const { status, outputs } = await simulated.run(prompt);
      expect(status.status_str).toBe('success');
      expect(outputs['s']?.images).toHaveLength(1);
    } finally {
      await simulated.stop();
    }
  });
});
