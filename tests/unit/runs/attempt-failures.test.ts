import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../electron/core/ports.ts';
import { AttemptFailure } from '../../../electron/core/runs/attempt/attempt-failure.ts';
import { json } from '../comfy/fake-comfy.ts';
import { until } from '../comfy/until.ts';
import { failed, ID, ScriptedServer, success } from './scripted-server.ts';

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

describe('an attempt fails', { timeout: 60_000 }, () => {
  let server: ScriptedServer;
  beforeEach(async () => {
    server = await ScriptedServer.start(fastClock);
  });
  afterEach(() => server.close());

  const lookCount = (): number =>
    server.fake.requests.filter(({ path }) => path.startsWith('/history/')).length;

  const failure = async (result: Promise<unknown>): Promise<AttemptFailure> => {
    const error = await result;
    if (error instanceof AttemptFailure) return error;
    throw new Error(`not an AttemptFailure: ${String(error)}`);
  };

  it('as refused, with what the server lacks', async () => {
    const error = { type: 'missing_node_type', message: "Node 'X' not found.", details: '' };
    server.fake.routes.set('/prompt', json({ error, node_errors: {} }, 400));
    expect(await failure(server.attempt())).toMatchObject({
      kind: 'refused',
      missing: 'node',
      workersFault: true,
    });
  });

  it.each([
    ['the worker', 'torch.OutOfMemoryError', true],
    ['the workflow', 'ValueError', false],
  ])('with the error of a node that is the fault of %s', async (_who, exception_type, workersFault) => {
    const result = server.attempt();
    await server.isQueued();
    server.begin();
    const data = {
      prompt_id: ID,
      node_id: '1',
      node_type: 'KSampler',
      exception_type,
      exception_message: 'no',
    };
    server.say('execution_error', { ...data, traceback: ['line'] });
    server.end(failed([['execution_error', { ...data, traceback: ['line'] }]]));
    server.say('executing', { node: null });
    expect(await failure(result)).toMatchObject({
      kind: 'execution',
      workersFault,
      message: 'Sample failed: no',
      error: { nodeId: '1', exceptionType: exception_type, traceback: ['line'] },
    });
  });

  it('with the error that it heard of, even when the history drops it', async () => {
    const result = server.attempt();
    await server.isQueued();
    server.begin();
    server.say('execution_error', { node_id: '1', exception_type: 'ValueError', exception_message: 'no' });
    server.running.clear();
    expect(await failure(result)).toMatchObject({
      kind: 'execution',
      error: { exceptionType: 'ValueError' },
    });
  });

  it('not by a blocked output', async () => {
    const result = server.attempt();
    await server.isQueued();
    server.begin();
    server.say('execution_error', {
      node_id: '1',
      exception_type: 'ExecutionBlocked',
      exception_message: 'x',
    });
    server.end();
    server.say('executing', { node: null });
    expect(await result).toEqual(RESULT);
  });

  it('as interrupted by somebody else', async () => {
    const result = server.attempt();
    await server.isQueued();
    server.begin();
    server.say('execution_interrupted');
    server.end(failed([['execution_interrupted', {}]]));
    expect(await failure(result)).toMatchObject({ kind: 'interrupted' });
  });

  it('as interrupted when somebody removes it from the queue', async () => {
    const result = server.attempt();
    await server.isQueued();
    await until('waiting', () => server.kinds.includes('queued'));
    server.pending.clear();
    for (const queue_remaining of [1, 0]) {
      server.fake.send('status', { status: { exec_info: { queue_remaining } } });
    }
    expect(await failure(result)).toMatchObject({ kind: 'interrupted' });
  });

  it('as lost when it ran and the history does not have it', async () => {
    const result = server.attempt();
    await server.isQueued();
    server.begin();
    server.running.clear();
    server.say('executing', { node: null });
    expect(await failure(result)).toMatchObject({
      kind: 'lost',
      message: expect.stringContaining('does not know'),
    });
  });

  it('as lost when the server was restarted meanwhile', async () => {
    const result = server.attempt();
    await server.isQueued();
    server.pending.clear();
    for (const socket of server.fake.sockets) socket.terminate();
    expect(await failure(result)).toMatchObject({ kind: 'lost' });
  });

  it('as lost when the server dies', async () => {
    const result = server.attempt();
    await server.isQueued();
    await server.fake.close();
    expect(await failure(result)).toMatchObject({ kind: 'lost' });
  });

  it('as lost at once on a server that is known to be gone', async () => {
    await server.fake.close();
    await until('lost', () => server.monitor.health === 'lost');
    expect(await failure(server.attempt())).toMatchObject({ kind: 'lost' });
    expect(server.kinds).toEqual([]);
  });

  it('as lost when nobody watches the server and nobody is there', async () => {
    const result = server.attempt();
    await server.isQueued();
    server.monitor.stop();
    await server.fake.close();
    expect(await failure(result)).toMatchObject({ kind: 'lost' });
  });

  it('as stalled when a sampler had steps and makes none for long, and takes it off the server', async () => {
    const result = server.attempt();
    await server.isQueued();
    server.begin();
    for (const step of [1, 2, 3]) server.step(step);
    expect(await failure(result)).toMatchObject({
      kind: 'stalled',
      message: expect.stringMatching(/9\d s/),
    });
    expect(server.posts('/interrupt')).toEqual([{ prompt_id: ID }]);
  });

  it('never as stalled while a node reports no steps', async () => {
    const result = server.attempt();
    await server.isQueued();
    server.begin();
    const looks = lookCount();
    // Ten calm looks are two and a half minutes without a word.
    await until('ten looks', () => lookCount() >= looks + 10);
    server.end();
    server.say('executing', { node: null });
    expect(await result).toEqual(RESULT);
  });

  it.each([
    ['web pages', (): void => void server.fake.routes.set(`/history/${ID}`, (_q, r) => r.end('<html>'))],
    [
      'bytes',
      (): void => void server.fake.routes.set(`/history/${ID}`, (_q, r) => r.end(Buffer.of(0, 255, 1))),
    ],
    ['the history of another prompt', (): void => server.end(success('x.png', 'other'))],
    ['a file outside its folders', (): void => server.end(success('../../x.png'))],
    ['errors', (): void => void server.fake.routes.set(`/history/${ID}`, json({}, 500))],
    ['nothing of the queue', (): void => void server.fake.routes.set('/queue', (_q, r) => r.end('[]'))],
  ])('as lost, in words, when the server answers with %s', async (_what, lie) => {
    const result = server.attempt();
    await server.isQueued();
    server.begin();
    lie();
    server.say('executing', { node: null });
    const { kind, message } = await failure(result);
    expect(kind).toBe('lost');
    expect(message.length).toBeGreaterThan(20);
  });

  it('as lost when the submission is answered with a web page', async () => {
    server.fake.routes.set('/prompt', (_request, response) => response.end('<html>'));
    expect(await failure(server.attempt())).toMatchObject({
      kind: 'lost',
      message: expect.stringContaining('web page'),
    });
  });
});
