import { afterEach, describe, expect, it } from 'vitest';
import { decodePng } from '../../../electron/simulator/png-decode.ts';
import type { BehaviourScript } from '../../../electron/simulator/script.ts';
import { RunningServer, textToImage } from './running-server.ts';

const LARGEST = '18446744073709551615';
const servers: RunningServer[] = [];
const start = async (script: BehaviourScript = {}): Promise<RunningServer> => {
  const server = await RunningServer.start(script);
  servers.push(server);
  return server.ready();
};
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});
const withSeed = (seed: string): string => JSON.stringify(textToImage(-7)).replace('-7', seed);
const pixels = (server: RunningServer, name: string): Buffer =>
  Buffer.from(decodePng(server.file(name)).frames[0] ?? []);
/** Asks until the answer fits: what is waited for happens inside another process. */
const eventually = async (look: () => Promise<boolean>): Promise<void> => {
  while (!(await look())) await new Promise((resolve) => setTimeout(resolve, 10));
};
const queued = async (server: RunningServer): Promise<unknown> => {
  const queue = (await server.get('/queue')) as Record<string, readonly unknown[]>;
  return [queue['queue_running']?.length, queue['queue_pending']?.length];
};

describe('a large seed', { timeout: 60_000 }, () => {
  it('makes a picture of its own and is written as it was given', async () => {
    const server = await start();
    await server.run(withSeed(LARGEST));
    await server.run(withSeed('18446744073709551614'));
    expect(pixels(server, 'p_00001_.png').equals(pixels(server, 'p_00002_.png'))).toBe(false);
    expect(decodePng(server.file('p_00001_.png')).text['prompt']).toContain(`"seed":${LARGEST},`);
    const history = await (await fetch(`${server.url}/history`)).text();
    expect(history).toContain(`"seed":${LARGEST},`);
  });

  it('may not be larger than 2^64 − 1', async () => {
    const server = await start();
    const { status, body } = await server.post('/prompt', `{"prompt":${withSeed('18446744073709551616')}}`);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(
      'Value 18446744073709551616 bigger than max of 18446744073709551615',
    );
  });
});

describe('a scripted server', { timeout: 60_000 }, () => {
  it('lacks classes', async () => {
    const server = await start({ missingNodes: ['VAEDecode'] });
    expect(await server.get('/object_info/VAEDecode')).toEqual({});
    expect((await server.post('/prompt', { prompt: textToImage(1) })).status).toBe(400);
  });

  it.each(['empty', 'other', 'garbage'] as const)('lies about its history: %s', async (lieAboutHistory) => {
    const server = await start({ lieAboutHistory });
    const { body } = await server.post('/prompt', { prompt: textToImage(1) });
    const id = String(body['prompt_id']);
    await eventually(async () => id in Object(await server.get('/history')));
    const told = Object(await server.get(`/history/${id}`));
    if (lieAboutHistory === 'garbage') expect(told[id]).toMatchObject({ outputs: 'none' });
    else expect(Object.keys(told)).toHaveLength(lieAboutHistory === 'empty' ? 0 : 1);
    expect(id in told).toBe(lieAboutHistory === 'garbage');
  });

  it('forgets a prompt without a word', async () => {
    const server = await start({ forgetPromptsAfterMs: 100, stepMs: 60_000 });
    const { body } = await server.post('/prompt', { prompt: textToImage(1) });
    await eventually(async () => JSON.stringify(await queued(server)) === '[1,0]');
    await eventually(async () => JSON.stringify(await queued(server)) === '[0,0]');
    expect(await server.get(`/history/${body['prompt_id']}`)).toEqual({});
  });

  it('freezes at a step, deaf to interruption, and goes on answering', async () => {
    const server = await start({ freezeOnStep: 2 });
    await server.post('/prompt', { prompt: textToImage(1) });
    await eventually(async () => server.output().includes('frozen at step 2'));
    expect((await server.post('/interrupt', {})).status).toBe(200);
    await server.post('/prompt', { prompt: textToImage(2) });
    expect(await queued(server)).toEqual([1, 1]);
  });

  it('drops the connection of a prompt that it runs', async () => {
    const server = await start({ acceptThenDrop: true });
    await expect(server.post('/prompt', { prompt: textToImage(1) })).rejects.toThrow();
    await eventually(async () => Object.keys(Object(await server.get('/history'))).length === 1);
    expect((await server.post('/prompt', { prompt: {} })).status).toBe(400);
  });

  it('runs out of memory once', async () => {
    const server = await start({ failOnceWithOom: true });
    const first = await server.run(textToImage(1));
    expect(first.status.messages.at(-1)).toMatchObject([
      'execution_error',
      { exception_type: 'torch.OutOfMemoryError' },
    ]);
    expect((await server.run(textToImage(1))).status.status_str).toBe('success');
  });

  it('is slow with files alone', async () => {
    const server = await start({ slowViewBytesPerSecond: 200_000 });
    await server.run(textToImage(1));
    const bytes = server.file('p_00001_.png').length;
    const before = performance.now();
    const sent = await (await fetch(`${server.url}/view?filename=p_00001_.png`)).arrayBuffer();
    expect(sent.byteLength).toBe(bytes);
    expect(performance.now() - before).toBeGreaterThan((bytes / 200_000) * 1000 - 60);
  });
});
