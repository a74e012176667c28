import { afterEach, describe, expect, it } from 'vitest';
import type { ApiPrompt } from '../../../electron/core/comfy/prompt.ts';
import { revoke } from '../../../electron/core/comfy/whereabouts.ts';
import type { BehaviourScript } from '../../../electron/simulator/script.ts';
import { BlackHole } from '../comfy/black-hole.ts';
import { until } from '../comfy/until.ts';
import { RunningServer, textToImage } from '../simulator/running-server.ts';
import { Client, closeAll, idOf, onClose, start } from './attempt-client.ts';

afterEach(closeAll);

/** Slow enough to be caught in the middle. */
const SLOW: BehaviourScript = { stepMs: 4_000, speed: 1 };
const VERSIONS = ['0.3.64', '0.33.0'];

describe('an attempt at a simulated server', { timeout: 90_000 }, () => {
  it.each(VERSIONS)(
    'brings the list of files of %s, each event once, whatever comes twice',
    async (version) => {
      const server = await start({ version, duplicateMessages: true });
      const client = await Client.of(server.url);
      const { outputs } = await client.attempt(1);
      expect(outputs).toEqual([
        { nodeId: '8', files: [{ filename: 'p_00001_.png', subfolder: '', type: 'output' }], texts: [] },
      ]);
      for (const kind of ['queued', 'started', 'sampling', 'executed', 'finished']) {
        expect(client.kinds.filter((one) => one === kind)).toHaveLength(1);
      }
      const steps = client.events.flatMap((event) =>
        event.kind === 'step' && event.steps === 3 ? [event.step] : [],
      );
      expect(steps).toEqual([...new Set(steps)]);
      expect(steps.at(-1)).toBe(3);
      // The same prompt again: its old file, and no sampling.
      expect((await client.attempt(2, textToImage(1))).outputs).toEqual(outputs);
    },
  );

  it('is lost at once when the process is killed', async () => {
    const server = await start(SLOW);
    const client = await Client.of(server.url);
    const failing = client.failing(1);
    await client.sampling();
    const begun = performance.now();
    server.child.kill('SIGKILL');
    expect(await failing).toMatchObject({ kind: 'lost' });
    expect(performance.now() - begun).toBeLessThan(2_500);
  });

  it('is lost within 6 s when the process is stopped, and what was stopped is told to drop it', async () => {
    const server = await start(SLOW);
    const client = await Client.of(server.url);
    const failing = client.failing(1);
    await client.sampling();
    const begun = performance.now();
    server.child.kill('SIGSTOP');
    expect(await failing).toMatchObject({ kind: 'lost' });
    expect(performance.now() - begun).toBeLessThan(6_000);
    server.child.kill('SIGCONT');
    await until('health', () => client.monitor.health === 'ok');
    await expect.poll(async () => client.http.queueRemaining(), { timeout: 5_000 }).toBe(0);
  });

  it('is lost within 6 s when the network swallows everything', async () => {
    const server = await start(SLOW);
    const hole = await BlackHole.before(server.port);
    onClose(() => hole.close());
    const client = await Client.of(hole.url);
    const failing = client.failing(1);
    await client.sampling();
    const begun = performance.now();
    hole.swallow();
    expect(await failing).toMatchObject({ kind: 'lost' });
    expect(performance.now() - begun).toBeLessThan(6_000);
  });

  it('survives a connection that is cut in the middle', async () => {
    const server = await start({ stepMs: 600 });
    const hole = await BlackHole.before(server.port);
    onClose(() => hole.close());
    const client = await Client.of(hole.url);
    const result = client.attempt(1);
    await client.sampling();
    hole.cut();
    expect((await result).outputs).toHaveLength(1);
  });

  it('is lost when the server is restarted in the middle, though it answers again at once', async () => {
    const server = await start(SLOW);
    const client = await Client.of(server.url);
    const failing = client.failing(1);
    await client.sampling();
    server.child.kill('SIGKILL');
    await server.exited;
    const again = await RunningServer.start({}, ['--port', String(server.port)]);
    onClose(() => again.stop());
    expect(await failing).toMatchObject({ kind: 'lost' });
    await until('health', () => client.monitor.health === 'ok');
    expect(await client.failing(1, undefined, true)).toMatchObject({ kind: 'lost' });
    expect((await client.attempt(2)).outputs).toHaveLength(1);
  });

  it('is lost when the history forgets it', async () => {
    const server = await start({ dropHistory: true });
    const client = await Client.of(server.url);
    expect(await client.failing(1)).toMatchObject({
      kind: 'lost',
      message: expect.stringContaining('history'),
    });
  });

  it.each(['html', 'binary', 'truncated', 'forbidden'] as const)(
    'is lost, in words, when every reply is %s',
    async (garbageReplies) => {
      const server = await start({ garbageReplies });
      const { kind, message } = await new Client(server.url).failing(1);
      expect(kind).toBe('lost');
      expect(message).toMatch(/^[^{<]{30,}\.$/);
    },
  );

  it('says which node failed', async () => {
    const server = await start({ failNode: 'VAEDecode' });
    const client = await Client.of(server.url);
    expect(await client.failing(1)).toMatchObject({
      kind: 'execution',
      workersFault: false,
      error: {
        nodeId: '7',
        nodeType: 'VAEDecode',
        exceptionType: 'RuntimeError',
        traceback: expect.any(Array),
      },
    });
  });

  it.each(VERSIONS)('tells what %s lacks', async (version) => {
    const server = await start({ version });
    const client = await Client.of(server.url);
    const unknown = { '1': { class_type: 'Nope', inputs: {} } };
    expect(await client.failing(1, unknown)).toMatchObject({ kind: 'refused', missing: 'node' });
    const other = JSON.stringify(textToImage(1)).replace('lantern_sd15', 'absent');
    expect(await client.failing(2, JSON.parse(other))).toMatchObject({ kind: 'refused', missing: 'model' });
    expect(await client.http.queueRemaining()).toBe(0);
  });

  it('drops the good outputs of a prompt too when others cannot run', async () => {
    const server = await start({ stepMs: 200 });
    const client = await Client.of(server.url);
    const bad = { class_type: 'SaveImage', inputs: { images: ['404', 0], filename_prefix: 'x' } };
    const prompt = { ...(textToImage(1) as ApiPrompt), '9': bad };
    expect(await client.failing(1, prompt)).toMatchObject({ kind: 'refused', missing: null });
    await expect.poll(async () => client.http.queueRemaining(), { timeout: 5_000 }).toBe(0);
  });

  it('ends as the fault of the worker when its memory does not suffice', async () => {
    const server = await start({ vramTotal: 1_000 });
    const client = await Client.of(server.url);
    expect(await client.failing(1)).toMatchObject({ kind: 'execution', workersFault: true });
  });

  it('cancels its own prompt alone, and revokes only what waits', async () => {
    const server = await start({ stepMs: 500 });
    const [client, neighbour] = [await Client.of(server.url), await Client.of(server.url)];
    const first = neighbour.attempt(1);
    await neighbour.sampling();
    const second = client.failing(2);
    await until('queued', () => client.kinds.includes('queued'));
    const third = neighbour.attempt(3);
    await until('third', () => neighbour.kinds.filter((kind) => kind === 'queued').length === 2);
    expect(await revoke(idOf(1), client)).toBe('started');
    client.controller.abort(new Error('cancelled'));
    expect(await second).toMatchObject({ kind: 'cancelled' });
    expect((await first).outputs).toHaveLength(1);
    expect((await third).outputs).toHaveLength(1);
    expect(await client.http.history(idOf(2))).toBeNull();
  });

  it('revokes what waits behind another one', async () => {
    const server = await start({ stepMs: 500 });
    const client = await Client.of(server.url);
    const first = client.attempt(1);
    await client.sampling();
    const second = client.failing(2);
    await until('queued', () => client.kinds.filter((kind) => kind === 'queued').length === 2);
    expect(await revoke(idOf(2), client)).toBe('removed');
    expect((await first).outputs).toHaveLength(1);
    expect(await second).toMatchObject({ kind: 'interrupted' });
  });

  it('interrupts its own prompt when it runs', async () => {
    const server = await start(SLOW);
    const client = await Client.of(server.url);
    const failing = client.failing(1);
    await client.sampling();
    client.controller.abort(new Error('cancelled'));
    expect(await failing).toMatchObject({ kind: 'cancelled' });
    await expect.poll(async () => client.http.queueRemaining(), { timeout: 10_000 }).toBe(0);
  });

  it('finds a prompt of an earlier life again', async () => {
    const server = await start({ stepMs: 300 });
    const earlier = await Client.of(server.url);
    const result = earlier.attempt(1);
    await earlier.sampling();
    const client = await Client.of(server.url);
    expect((await client.attempt(1, undefined, true)).outputs).toEqual((await result).outputs);
    expect(client.kinds).toEqual(['queued', 'started', 'finished']);
  });
});
