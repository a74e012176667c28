import { createServer as createTcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ComfyHttp } from '../../../electron/core/comfy/http.ts';
import { type FakeComfy, json, STATS, startFakeComfy } from './fake-comfy.ts';

const PROMPT = { '1': { class_type: 'SaveImage', inputs: {} } };
const SUBMIT = { prompt: PROMPT, promptId: '00000000-0000-4000-8000-000000000001', clientId: 'me' };

describe('ComfyHttp', { timeout: 30_000 }, () => {
  let fake: FakeComfy;
  let http: ComfyHttp;

  beforeEach(async () => {
    fake = await startFakeComfy();
    http = new ComfyHttp(fake.url, { timeoutMs: 2_000 });
  });
  afterEach(() => fake.close());

  const failure = async (): Promise<unknown> => http.systemStats().catch((error: unknown) => error);

  it('reads what it needs and ignores the rest', async () => {
    const stats = await http.systemStats();
    expect(stats.system.comfyui_version).toBe('0.3.64');
    expect(stats.devices[0]?.vram_total).toBe(24);
    expect(await http.queueRemaining()).toBe(0);
  });

  it('keeps a path in front of the routes, as cloud addresses have', async () => {
    fake.routes.set('/pod/8188/system_stats', json(STATS));
    await new ComfyHttp(`${fake.url}/pod/8188`).systemStats();
    expect(fake.requests.at(-1)?.path).toBe('/pod/8188/system_stats');
  });

  it('sorts the heap order of waiting prompts', async () => {
    const queue_pending = [
      [3, 'c', {}, {}, []],
      [-1, 'front', {}, {}, []],
      [1, 'a', {}, {}, []],
    ];
    fake.routes.set('/queue', json({ queue_running: [[0, 'now', {}, {}, [], 'extra']], queue_pending }));
    expect(await http.queue()).toEqual({ running: ['now'], pending: ['front', 'a', 'c'] });
  });

  it.each([
    ['a web page with 200', 200, 'text/html', '<html>Login</html>', /web page instead of ComfyUI/],
    ['a web page that calls itself JSON', 200, 'application/json', '<!DOCTYPE html><p>', /web page/],
    ['garbage', 200, 'application/json', '{"system":', /does not answer \/system_stats like ComfyUI/],
    [
      'the wrong shape',
      200,
      'application/json',
      '{"hello":1}',
      /does not answer \/system_stats like ComfyUI/,
    ],
    ['bytes', 200, 'application/octet-stream', '\u0000\u0001\ufffd', /does not answer/],
    ['the origin check', 403, 'text/plain', '', /refuses our requests \(403\)/],
    ['another program', 404, 'text/html', '<html>', /no \/system_stats: this is not ComfyUI/],
    ['a broken server', 500, 'text/plain', 'oops', /with an error \(500\)/],
  ])('says in words that it got %s', async (_what, status, contentType, body, words) => {
    fake.routes.set('/system_stats', (_request, response) => {
      response.writeHead(status, { 'content-type': contentType });
      response.end(body);
    });
    expect(await failure()).toMatchObject({
      name: 'EnsembleError',
      code: 'unavailable',
      message: expect.stringMatching(words),
      hint: expect.any(String),
    });
  });

  it('follows no redirect', async () => {
    fake.routes.set('/system_stats', (_request, response) => {
      response.writeHead(302, { location: 'http://elsewhere.example/login' });
      response.end();
    });
    expect(await failure()).toMatchObject({ message: expect.stringContaining('elsewhere.example/login') });
    expect(fake.requests).toHaveLength(1);
  });

  it.each([
    ['declared', { 'content-length': String(10 ** 12) }],
    ['undeclared', {}],
  ])('stops reading a huge body, %s', async (_what, headers) => {
    fake.routes.set('/system_stats', (_request, response) => {
      response.writeHead(200, headers);
      const flood = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(1_048_576)));
        if (!response.destroyed) response.once('drain', flood);
      };
      flood();
    });
    expect(await new ComfyHttp(fake.url).systemStats().catch((error: unknown) => error)).toMatchObject({
      code: 'too-large',
    });
  });

  it.each([
    ['before its headers', false],
    ['in the middle of its body', true],
  ])('gives up on a server that stalls %s', async (_what, begin) => {
    fake.routes.set('/system_stats', (_request, response) => {
      if (begin) response.writeHead(200).write('{"system"');
    });
    expect(
      await new ComfyHttp(fake.url, { timeoutMs: 200 }).systemStats().catch((error: unknown) => error),
    ).toMatchObject({ code: 'timeout', message: expect.stringContaining('did not answer') });
  });

  it('says that a connection was cut in the middle', async () => {
    fake.routes.set('/system_stats', (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{');
      setTimeout(() => response.destroy(), 20);
    });
    expect(await failure()).toMatchObject({
      code: 'disconnected',
      message: expect.stringContaining('closed the connection'),
    });
  });

  it('says that nobody is there', async () => {
    await fake.close();
    expect(await failure()).toMatchObject({
      code: 'disconnected',
      message: `Nothing answers at 127.0.0.1:${fake.port}.`,
    });
  });

  it('says that it is not even HTTP', async () => {
    const tcp = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.end('SSH-2.0-OpenSSH_9.6\r\n');
    });
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const address = tcp.address();
    const port = typeof address === 'object' ? address?.port : null;
    const error = await new ComfyHttp(`http://127.0.0.1:${port}`)
      .systemStats()
      .catch((reason: unknown) => reason);
    tcp.close();
    expect(error).toMatchObject({ code: 'unavailable', message: `127.0.0.1:${port} does not speak HTTP.` });
  });

  it('ends with the reason of the signal that aborted it', async () => {
    fake.routes.set('/system_stats', () => {});
    const controller = new AbortController();
    const asked = http.systemStats(controller.signal);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(asked).rejects.toBe(reason);
    await expect(http.systemStats(controller.signal)).rejects.toBe(reason);
  });

  describe('submit', () => {
    it('sends what ComfyUI expects', async () => {
      fake.routes.set('/prompt', json({ prompt_id: SUBMIT.promptId, number: 0, node_errors: {} }));
      await http.submit({ ...SUBMIT, extraData: { preview_method: 'auto' } });
      expect(JSON.parse(fake.requests.at(-1)?.body ?? '')).toEqual({
        prompt: PROMPT,
        prompt_id: SUBMIT.promptId,
        client_id: 'me',
        extra_data: { preview_method: 'auto' },
      });
    });

    const NODE_ERRORS = {
      '1': {
        class_type: 'CheckpointLoaderSimple',
        dependent_outputs: ['9'],
        errors: [{ type: 'value_not_in_list', message: 'Value not in list', details: "ckpt_name: 'x'" }],
      },
    };

    it('says which node a refusal is about', async () => {
      const error = { type: 'prompt_outputs_failed_validation', message: 'Prompt outputs failed validation' };
      fake.routes.set('/prompt', json({ error, node_errors: NODE_ERRORS }, 400));
      await expect(http.submit(SUBMIT)).rejects.toMatchObject({
        code: 'bad-argument',
        message: expect.stringContaining("Value not in list (ckpt_name: 'x')"),
        problems: [{ field: 'node 1 (CheckpointLoaderSimple)', message: expect.any(String) }],
      });
    });

    it('takes dropped outputs of an accepted prompt for a refusal', async () => {
      fake.routes.set('/prompt', json({ prompt_id: SUBMIT.promptId, number: 0, node_errors: NODE_ERRORS }));
      await expect(http.submit(SUBMIT)).rejects.toMatchObject({ code: 'bad-argument' });
    });

    it('understands a refusal without node errors', async () => {
      fake.routes.set('/prompt', json({ error: 'no' }, 400));
      await expect(http.submit(SUBMIT)).rejects.toMatchObject({ message: expect.stringContaining(': no.') });
    });
  });

  it('tells a file that is gone from a server that is broken', async () => {
    const file = { filename: 'a b.png', subfolder: 'x\\y', type: 'output' } as const;
    await expect(http.file(file)).rejects.toMatchObject({ code: 'not-found' });
    fake.routes.set('/view', (request, response) => response.end(`${request.url}`));
    expect((await http.file(file)).toString()).toBe('/view?filename=a+b.png&subfolder=x%5Cy&type=output');
  });
});
