import { afterEach, describe, expect, it } from 'vitest';
import { decodePng } from '../../../electron/simulator/png-decode.ts';
import { RunningServer, textToImage } from './running-server.ts';

const servers: RunningServer[] = [];
const start: typeof RunningServer.start = async (...given) => {
  const server = await RunningServer.start(...given);
  servers.push(server);
  return server;
};
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});
const pixels = (server: RunningServer, name: string): number[] => [
  ...(decodePng(server.file(name)).frames[0] ?? []),
];

describe('simulated server', { timeout: 60_000 }, () => {
  it('makes the same picture on two instances, another for another seed, and slices equal to the unsplit batch', async () => {
    const [one, two] = await Promise.all([
      start().then((s) => s.ready()),
      start({ version: '0.3.64' }).then((s) => s.ready()),
    ]);
    const whole = await one.run(textToImage(5, 3));
    const slice = await two.run(textToImage(5, 3, { index: 1, length: 2 }));
    expect(whole.outputs['8']?.images).toHaveLength(3);
    expect(slice.outputs['8']?.images).toHaveLength(2);
    expect(pixels(two, 'p_00001_.png')).toEqual(pixels(one, 'p_00002_.png'));
    expect(pixels(one, 'p_00001_.png')).not.toEqual(pixels(one, 'p_00002_.png'));
    await two.run(textToImage(6));
    expect(pixels(two, 'p_00003_.png')).not.toEqual(pixels(one, 'p_00001_.png'));
  });

  it('returns the old file for a repeated prompt', async () => {
    const server = await (await start()).ready();
    await server.run(textToImage(1));
    const again = await server.run(textToImage(1));
    expect(again.outputs['8']?.images[0]?.filename).toBe('p_00001_.png');
    const cached = again.status.messages.find(([event]) => event === 'execution_cached')?.[1]['nodes'];
    expect(cached).toEqual(expect.arrayContaining(['6', '8']));
  });

  it('refuses an unknown class in the words of each version', async () => {
    const [current, old] = await Promise.all([
      start().then((s) => s.ready()),
      start({ version: '0.3.64' }).then((s) => s.ready()),
    ]);
    const prompt = { '1': { class_type: 'Nope', inputs: {} } };
    expect(await current.post('/prompt', { prompt })).toMatchObject({
      status: 400,
      body: { error: { type: 'missing_node_type' } },
    });
    expect(await old.post('/prompt', { prompt })).toMatchObject({
      status: 400,
      body: { error: { type: 'invalid_prompt' } },
    });
  });

  it('drops a bad output and runs the good one', async () => {
    const server = await (await start()).ready();
    const good = textToImage(1) as Record<string, unknown>;
    const prompt = {
      ...good,
      '9': { class_type: 'SaveImage', inputs: { images: ['404', 0], filename_prefix: 'x' } },
    };
    const { status, body } = await server.post('/prompt', { prompt });
    expect(status).toBe(200);
    expect(Object.keys(body['node_errors'] as object)).toEqual(['9']);
  });

  it('reports a failing node', async () => {
    const server = await (await start({ failNode: 'VAEDecode' })).ready();
    const { status } = await server.run(textToImage(1));
    expect(status.status_str).toBe('error');
    expect(status.messages.at(-1)).toMatchObject([
      'execution_error',
      { node_id: '7', exception_type: 'RuntimeError' },
    ]);
  });

  it('ends on SIGINT with 0, on SIGTERM by the signal', async () => {
    const [one, two] = await Promise.all([start().then((s) => s.ready()), start().then((s) => s.ready())]);
    one.child.kill('SIGINT');
    two.child.kill('SIGTERM');
    expect(await one.exited).toEqual({ code: 0, signal: null });
    expect(await two.exited).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('exits 1 when the port is taken and 2 for a flag that it does not know', async () => {
    const first = await (await start()).ready();
    const second = await start({}, ['--port', String(first.port)]);
    expect(await second.exited).toEqual({ code: 1, signal: null });
    expect(second.output()).toContain('already in use');
    const third = await start({}, ['--prot', '1']);
    expect(await third.exited).toEqual({ code: 2, signal: null });
  });

  it('crashes on the scripted step with its last words', async () => {
    const server = await (await start({ crashOnStep: 2, exitCode: 7, lastWords: 'CUDA error' })).ready();
    await server.post('/prompt', { prompt: textToImage(1) });
    expect(await server.exited).toEqual({ code: 7, signal: null });
    expect(server.output()).toContain('CUDA error');
  });
});
