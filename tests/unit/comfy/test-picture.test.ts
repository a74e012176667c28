import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InstanceMonitor } from '../../../electron/core/comfy/monitor.ts';
import { PictureStore } from '../../../electron/core/comfy/picture-store.ts';
import { TestPictureRunner, type TestPictureTarget } from '../../../electron/core/comfy/test-picture.ts';
import { type Clock, silentLogger, systemClock } from '../../../electron/core/ports.ts';
import type { TestPicture } from '../../../shared/model.ts';
import { type FakeComfy, json, startFakeComfy } from './fake-comfy.ts';
import { until } from './until.ts';

const PNG = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  Buffer.from('pixels'),
]);
const fastClock: Clock = {
  now: systemClock.now,
  after: (ms, callback) => systemClock.after(ms / 20, callback),
};

describe('TestPictureRunner', { timeout: 60_000 }, () => {
  let directory: string;
  let fake: FakeComfy;
  let monitor: InstanceMonitor;
  let runner: TestPictureRunner;
  let target: TestPictureTarget;
  let seen: TestPicture[];

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'pictures-'));
    fake = await startFakeComfy();
    const deps = { clock: fastClock, random: () => 0.5, logger: silentLogger };
    monitor = new InstanceMonitor({ url: fake.url, ...deps });
    monitor.start();
    await until('socket', () => monitor.clientId !== null);
    runner = new TestPictureRunner({ directory: path.join(directory, 'new'), ...deps });
    target = { id: 'w1', name: 'Worker 1', address: { url: fake.url }, cpu: true, monitor };
    seen = [];
    fake.routes.set('/object_info/CheckpointLoaderSimple', json({}));
    fake.routes.set('/queue', json({ queue_running: [], queue_pending: [] }));
    fake.routes.set('/view', (_request, response) => response.end(PNG));
    acceptPrompts();
  });
  afterEach(async () => {
    runner.close();
    monitor.stop();
    await fake.close();
    await rm(directory, { recursive: true, force: true });
  });

  function acceptPrompts(): void {
    fake.routes.set('/prompt', (request, response, body) => {
      const asked = request.method === 'GET';
      const { prompt_id } = asked ? { prompt_id: null } : JSON.parse(body);
      json(asked ? { exec_info: { queue_remaining: 1 } } : { prompt_id, number: 0, node_errors: {} })(
        request,
        response,
        body,
      );
    });
  }

  function finish(id: string, entry: unknown): void {
    fake.routes.set(`/history/${id}`, json({ [id]: entry }));
  }

  const SUCCESS = {
    outputs: { '2': { images: [{ filename: 'x_00001_.png', subfolder: '', type: 'output' }] } },
    status: { status_str: 'success', completed: true, messages: [] },
  };

  const queue = async (): Promise<string> => runner.queue(target, (picture) => seen.push(picture));
  const last = (): TestPicture | undefined => seen.at(-1);
  const submitted = (): { body: string } | undefined => fake.requests.find(({ method }) => method === 'POST');
  const ended = async (): Promise<TestPicture> =>
    until('the end', () => {
      const picture = last();
      return picture?.status === 'done' || picture?.status === 'failed' ? picture : null;
    });

  it('makes a model-free picture on a bare server', async () => {
    const id = await queue();
    expect(last()).toMatchObject({ id, status: 'queued', workflow: 'model-free' });
    const { body } = await until('submission', submitted);
    const sent = JSON.parse(body);
    expect(sent.prompt_id).toBe(id);
    expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(sent.client_id).toBe(monitor.clientId);
    expect(Object.values<{ class_type: string }>(sent.prompt).map((node) => node.class_type)).toEqual([
      'EmptyImage',
      'SaveImage',
    ]);
    fake.send('execution_start', { prompt_id: id });
    const nodes = { '1': { value: 1, max: 1, state: 'finished' } };
    fake.send('progress_state', { prompt_id: id, nodes });
    await until('progress', () => last()?.step === 1 && last()?.steps === 2);
    // Success comes before the history: not the end yet.
    fake.send('execution_success', { prompt_id: id });
    finish(id, SUCCESS);
    fake.send('executing', { node: null, prompt_id: id });
    expect(await ended()).toMatchObject({ status: 'done', error: null, url: `/files/pictures/${id}.png` });
    const file = runner.file(id);
    expect(file !== null && (await readFile(file)).equals(PNG)).toBe(true);
  });

  it('uses the first checkpoint, and a small picture on a processor', async () => {
    const combo = { input: { required: { ckpt_name: [['b.safetensors', 'c.ckpt'], {}] } } };
    fake.routes.set('/object_info/CheckpointLoaderSimple', json({ CheckpointLoaderSimple: combo }));
    await queue();
    const { prompt } = JSON.parse((await until('submission', submitted)).body);
    expect(prompt['1'].inputs.ckpt_name).toBe('b.safetensors');
    expect(prompt['4'].inputs).toMatchObject({ width: 256, height: 256 });
    expect(last()?.workflow).toBe('txt2img');
  });

  it('ends without any event, by the history alone', async () => {
    monitor.stop();
    const id = await queue();
    await until('submission', submitted);
    finish(id, SUCCESS);
    expect(await ended()).toMatchObject({ status: 'done' });
  });

  it('allows one at a time on an instance', async () => {
    await queue();
    await expect(queue()).rejects.toMatchObject({ code: 'conflict' });
  });

  it('says which node failed and why', async () => {
    const id = await queue();
    const data = { node_type: 'KSampler', exception_message: 'Allocation on device\nmore' };
    const messages = [
      ['execution_start', {}],
      ['execution_error', data],
    ];
    finish(id, { outputs: {}, status: { status_str: 'error', completed: false, messages } });
    expect((await ended()).error).toMatch(/^KSampler failed: Allocation on device\. /);
  });

  it('says that it was interrupted', async () => {
    const id = await queue();
    const messages = [['execution_interrupted', {}]];
    finish(id, { outputs: {}, status: { status_str: 'error', completed: false, messages } });
    expect((await ended()).error).toContain('interrupted');
  });

  it('says why the server refused it', async () => {
    const error = { type: 'missing_node_type', message: 'Node EmptyImage not found', details: '' };
    fake.routes.set('/prompt', json({ error, node_errors: {} }, 400));
    await queue();
    expect((await ended()).error).toContain('Node EmptyImage not found');
  });

  it('fails when the server dies in the middle', async () => {
    await queue();
    await until('submission', submitted);
    await fake.close();
    expect((await ended()).error).toContain('stopped answering');
  });

  it('fails when a restarted server has forgotten it', async () => {
    await queue();
    const { body } = await until('submission', submitted);
    fake.routes.set(`/history/${JSON.parse(body).prompt_id}`, json({}));
    expect((await ended()).error).toContain('does not know the picture any more');
  });

  it('does not send twice what was queued although the answer was lost', async () => {
    fake.routes.set('/prompt', (request, _response, body) => {
      if (request.method === 'POST') finish(JSON.parse(body).prompt_id, SUCCESS);
      request.socket.destroy();
    });
    await queue();
    expect(await ended()).toMatchObject({ status: 'done' });
    expect(fake.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it('refuses a file that is no picture', async () => {
    fake.routes.set('/view', (_request, response) => response.end('<html>'));
    const id = await queue();
    finish(id, SUCCESS);
    expect((await ended()).error).toContain('not a PNG');
    expect(runner.file(id)).toBeNull();
  });

  it('lets go when it is closed', async () => {
    await queue();
    runner.close();
    expect((await ended()).error).toContain('closed');
  });
});

describe('PictureStore', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'pictures-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const idOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

  it('keeps the newest hundred', async () => {
    for (let n = 0; n < 103; n += 1) {
      const file = path.join(directory, `${idOf(n)}.png`);
      await writeFile(file, PNG);
      await utimes(file, 1_000 + n, 1_000 + n);
    }
    const store = new PictureStore(directory);
    await store.keep(idOf(500), PNG);
    expect(await readdir(directory)).toHaveLength(100);
    expect(store.file(idOf(500))).not.toBeNull();
    expect(store.file(idOf(3))).toBeNull();
    expect(store.file(idOf(4))).not.toBeNull();
  });

  it('looks up nothing but ids', async () => {
    const store = new PictureStore(path.join(directory, 'pictures'));
    await store.keep(idOf(1), PNG);
    await writeFile(path.join(directory, 'secret.png'), PNG);
    for (const id of ['../secret', '..', '', `../pictures/${idOf(1)}`]) expect(store.file(id)).toBeNull();
  });

  it('says that it cannot write', async () => {
    const file = path.join(directory, 'file');
    await writeFile(file, '');
    await expect(new PictureStore(path.join(file, 'sub')).keep(idOf(1), PNG)).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('could not be written'),
    });
  });
});
