import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../electron/core/ports.ts';
import { Detached } from '../../../electron/core/runs/attempt/detached.ts';
import { until } from '../comfy/until.ts';
import { ID, ScriptedServer } from './scripted-server.ts';

const SPEED = 20;
/** Real time, twenty times as fast. */
const fastClock: Clock = {
  now: () => performance.now() * SPEED,
  after: (ms, callback) => systemClock.after(ms / SPEED, callback),
};
const FILES = [{ filename: 'x_00001_.png', subfolder: '', type: 'output' }];
const RESULT = {
  promptId: ID,
  outputs: [{ nodeId: '2', files: FILES, texts: [] }],
  shown: { '2': { images: FILES } },
};

describe('an attempt at a scripted server', { timeout: 60_000 }, () => {
  let server: ScriptedServer;
  beforeEach(async () => {
    server = await ScriptedServer.start(fastClock);
  });
  afterEach(() => server.close());

  it('goes from its submission to its files', async () => {
    const result = server.attempt();
    await server.isQueued();
    // Messages may overtake the answer.
    await until('the answer', () => server.kinds.includes('queued'));
    expect(server.posts('/prompt')).toMatchObject([
      { prompt_id: ID, client_id: server.monitor.clientId, extra_data: { a: 1 } },
    ]);
    expect(server.fake.requests.find(({ path }) => path === '/prompt')?.body).toBeDefined();
    server.begin();
    server.step(1);
    server.say('executed', { node: '2', output: { images: FILES } });
    server.end();
    server.say('executing', { node: null });
    expect(await result).toEqual(RESULT);
    expect(server.kinds).toEqual(['queued', 'started', 'step', 'sampling', 'step', 'executed', 'finished']);
    expect(server.posts('/queue')).toEqual([]);
  });

  it('sends seeds with every digit', async () => {
    const result = server.attempt();
    await server.isQueued();
    const sent = server.fake.requests.find(({ method, path }) => method === 'POST' && path === '/prompt');
    expect(sent?.body).toContain('18446744073709551615');
    server.end();
    server.say('executing', { node: null });
    await result;
  });

  it('waits for the history when success is announced before it is written', async () => {
    const result = server.attempt();
    await server.isQueued();
    server.begin();
    server.say('execution_success');
    await until('looks that came too early', () => lookCount() >= 3);
    server.end();
    server.say('executing', { node: null });
    expect(await result).toEqual(RESULT);
  });

  const lookCount = (): number =>
    server.fake.requests.filter(({ path }) => path.startsWith('/history/')).length;

  it('needs no message at all', async () => {
    server.monitor.stop();
    const result = server.attempt();
    await server.isQueued();
    server.pending.delete(ID);
    server.running.add(ID);
    await until('started by its queue', () => server.kinds.includes('started'));
    server.end();
    expect(await result).toEqual(RESULT);
    expect(server.kinds).toEqual(['queued', 'started', 'finished']);
  });

  it('goes on when its socket is cut in the middle', async () => {
    const result = server.attempt();
    await server.isQueued();
    server.begin();
    await until('started', () => server.kinds.includes('started'));
    const before = server.monitor.clientId;
    for (const socket of server.fake.sockets) socket.terminate();
    await until(
      'another socket',
      () => server.monitor.clientId !== null && server.monitor.clientId !== before,
    );
    server.end();
    expect(await result).toEqual(RESULT);
  });

  it('finds a prompt of an earlier life again, and never submits it', async () => {
    server.running.add(ID);
    const result = server.attempt({ reattach: true });
    await until('started', () => server.kinds.includes('started'));
    server.end();
    expect(await result).toEqual(RESULT);
    expect(server.posts('/prompt')).toEqual([]);
    // It had finished before.
    expect(await server.attempt({ reattach: true })).toEqual(RESULT);
  });

  it('is lost when a prompt of an earlier life is not there', async () => {
    expect(await server.attempt({ reattach: true })).toMatchObject({ kind: 'lost' });
    expect(server.posts('/prompt')).toEqual([]);
  });

  it('takes the result of a submission whose answer was lost', async () => {
    server.fake.routes.set('/prompt', (request) => {
      if (request.method === 'POST') server.end();
      request.socket.destroy();
    });
    expect(await server.attempt()).toEqual(RESULT);
    expect(server.posts('/prompt')).toHaveLength(1);
  });

  describe('cancelled', () => {
    it.each([
      ['while it waits', () => {}, []],
      ['while it runs', () => server.begin(), [{ prompt_id: ID }]],
    ])('%s is taken off the server, alone', async (_when, move, interrupts) => {
      server.running.add('somebody else');
      const result = server.attempt();
      await server.isQueued();
      move();
      server.controller.abort(new Error('cancelled'));
      expect(await result).toMatchObject({ kind: 'cancelled' });
      expect(server.posts('/queue')).toEqual([{ delete: [ID] }]);
      expect(server.posts('/interrupt')).toEqual(interrupts);
      expect(server.pending.has(ID)).toBe(false);
    });

    it('in the middle of its submission is taken off once it has arrived', async () => {
      const { routes } = server.fake;
      const accept = routes.get('/prompt');
      routes.set('/prompt', (request, response, body) => {
        server.controller.abort(new Error('cancelled'));
        setTimeout(() => accept?.(request, response, body), 20);
      });
      expect(await server.attempt()).toMatchObject({ kind: 'cancelled' });
      expect(server.pending.has(ID)).toBe(false);
    });

    it('before it began sends nothing', async () => {
      server.controller.abort(new Error('cancelled'));
      expect(await server.attempt()).toMatchObject({ kind: 'cancelled' });
      expect(server.posts('/prompt')).toEqual([]);
    });

    it('by letting go of it leaves its prompt alone', async () => {
      const result = server.attempt();
      await server.isQueued();
      server.controller.abort(new Detached('closing'));
      expect(await result).toMatchObject({ kind: 'cancelled' });
      expect(server.posts('/queue')).toEqual([]);
      expect(server.pending.has(ID)).toBe(true);
    });

    it('on a server that does not answer ends all the same', async () => {
      const result = server.attempt();
      await server.isQueued();
      server.fake.routes.set('/queue', () => {});
      server.controller.abort(new Error('cancelled'));
      expect(await result).toMatchObject({ kind: 'cancelled' });
    });
  });
});
