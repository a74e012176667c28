import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { parseFrame } from '../../../electron/core/comfy/frames.ts';
import { at, type Listener, until } from '../client.ts';
import type { Subject } from '../subject.ts';
import { emptyImage, fresh, node, plain, sample } from '../workflows.ts';

/** Messages and frames of /ws: what comes, in which order, and who gets it. */
export function eventClaims(subject: () => Subject): void {
  const isEnd = (promptId: string) => (message: Listener['messages'][number]) =>
    message.type === 'executing' &&
    at(message.data, 'node') === null &&
    at(message.data, 'prompt_id') === promptId;
  const end = async (listener: Listener, promptId: string): Promise<void> => {
    await until('executing{node: null}', () => listener.messages.some(isEnd(promptId)));
  };

  it('greets with the queue and the session id', async () => {
    const listener = await subject().listen();
    expect(listener.messages[0]).toEqual({
      type: 'status',
      data: { status: { exec_info: { queue_remaining: 0 } }, sid: listener.clientId },
    });
  });

  it('answers feature flags', async () => {
    const listener = await subject().listen({ flags: true });
    await until('feature_flags', () => listener.messages.some(({ type }) => type === 'feature_flags'));
    const flags = listener.messages.find(({ type }) => type === 'feature_flags');
    expect(at(flags?.data, 'supports_preview_metadata')).toBe(true);
  });

  it('ignores garbage from a client', async () => {
    const listener = await subject().listen();
    listener.send('{nonsense');
    listener.send([1]);
    const promptId = await subject().queue(plain(), { client_id: listener.clientId });
    await end(listener, promptId);
  });

  it('tells the submitter everything, and others only the queue', async () => {
    const submitter = await subject().listen();
    const other = await subject().listen();
    const promptId = await subject().queue(plain(), { client_id: submitter.clientId });
    await end(submitter, promptId);
    const types = submitter.about(promptId).filter((type) => type !== 'progress_state');
    expect(types).toEqual([
      'execution_start',
      'execution_cached',
      'executing',
      'executing',
      'executed',
      'execution_success',
      'executing',
    ]);
    expect(submitter.about(promptId)).toContain('progress_state');
    await until('status', () => other.messages.length >= 3);
    expect(new Set(other.messages.map(({ type }) => type))).toEqual(new Set(['status']));
    const executed = submitter.messages.find(({ type }) => type === 'executed');
    expect(executed?.data).toMatchObject({
      node: '2',
      display_node: '2',
      prompt_id: promptId,
      output: { images: [{ filename: expect.any(String), subfolder: '', type: 'output' }] },
    });
  });

  it('has the history by the time of executing{node: null}', async () => {
    const listener = await subject().listen();
    for (let round = 0; round < 15; round += 1) {
      const promptId = await subject().queue(plain(), { client_id: listener.clientId });
      await end(listener, promptId);
      const { json } = await subject().call(`/history/${promptId}`);
      expect(at(json, promptId, 'status', 'completed')).toBe(true);
    }
  });

  it('tells every node with its state in progress_state', async () => {
    const listener = await subject().listen();
    const promptId = await subject().queue(plain(), { client_id: listener.clientId });
    await end(listener, promptId);
    const states = listener.messages.filter(({ type }) => type === 'progress_state');
    expect(at(states.at(-1)?.data, 'nodes', '2')).toEqual({
      value: 1,
      max: 1,
      state: 'finished',
      node_id: '2',
      prompt_id: promptId,
      display_node_id: '2',
      parent_node_id: null,
      real_node_id: '2',
    });
  });

  it('tells nobody about a prompt without client_id, but for progress_state, which all get', async () => {
    const listener = await subject().listen();
    const promptId = await subject().queue(plain());
    await subject().history(promptId);
    await until('status', () => listener.messages.filter(({ type }) => type === 'status').length >= 3);
    expect(new Set(listener.about(promptId))).toEqual(new Set(['progress_state']));
  });

  it('gives steps of a sampler', async (context) => {
    const checkpoint = subject().needCheckpoint(context);
    const listener = await subject().listen();
    const promptId = await subject().queue(sample({ checkpoint, steps: 4 }), {
      client_id: listener.clientId,
    });
    await end(listener, promptId);
    const steps = listener.messages.filter(
      ({ type, data }) => type === 'progress' && at(data, 'node') === '5' && at(data, 'max') === 4,
    );
    expect(steps.at(-1)?.data).toEqual({ value: 4, max: 4, prompt_id: promptId, node: '5' });
  });

  it('sends previews in the form that was negotiated', async (context) => {
    const checkpoint = subject().needCheckpoint(context);
    // Both formats are legal in both frames; the simulator has no JPEG encoder.
    const { simulated } = subject().server.kind;
    for (const [flags, event] of [
      [false, 1],
      [true, 4],
    ] as const) {
      const listener = await subject().listen({ flags });
      const promptId = await subject().queue(sample({ checkpoint, steps: 4 }), {
        client_id: listener.clientId,
      });
      await end(listener, promptId);
      expect(listener.frames.length).toBeGreaterThan(0);
      expect(new Set(listener.frames.map((frame) => frame.readUInt32BE(0)))).toEqual(new Set([event]));
      const frame = parseFrame(listener.frames[0] ?? Buffer.alloc(0));
      expect(frame).toMatchObject({
        kind: 'preview',
        mime: simulated ? 'image/png' : 'image/jpeg',
        promptId: flags ? promptId : null,
        nodeId: flags ? '5' : null,
      });
      const image = frame?.kind === 'preview' ? Buffer.from(frame.image) : Buffer.alloc(0);
      expect(image.subarray(0, 3).toString('hex')).toBe(simulated ? '89504e' : 'ffd8ff');
    }
  });

  it('says what failed, where and how', async () => {
    const listener = await subject().listen();
    const promptId = await subject().queueFailing({ client_id: listener.clientId });
    const { entry } = await subject().history(promptId);
    await until('execution_error', () => listener.about(promptId).includes('execution_error'));
    expect(listener.messages.find(({ type }) => type === 'execution_error')?.data).toMatchObject({
      prompt_id: promptId,
      node_id: '1',
      node_type: 'LoadImage',
      executed: expect.any(Array),
      exception_message: expect.any(String),
      exception_type: expect.any(String),
      traceback: expect.any(Array),
      current_inputs: expect.any(Object),
      current_outputs: expect.any(Array),
    });
    expect(at(entry, 'status')).toMatchObject({ status_str: 'error', completed: false });
    await end(listener, promptId);
  });

  it('tells an interruption', async (context) => {
    const checkpoint = subject().needCheckpoint(context);
    const listener = await subject().listen();
    const prompt = sample({ checkpoint, steps: 300 });
    const promptId = await subject().queue(prompt, { client_id: listener.clientId });
    await until('progress', () => listener.about(promptId).includes('progress'));
    await subject().call('/interrupt', { json: { prompt_id: promptId } });
    await end(listener, promptId);
    const message = listener.messages.find(({ type }) => type === 'execution_interrupted');
    expect(message?.data).toMatchObject({ prompt_id: promptId, node_id: '5', node_type: 'KSampler' });
  });

  it('replays to a client that comes back only the queue and the node, without its prompt', async (context) => {
    const prompt = sample({ checkpoint: subject().needCheckpoint(context), steps: 300 });
    const first = await subject().listen();
    const promptId = await subject().queue(prompt, { client_id: first.clientId });
    await until('progress', () => first.about(promptId).includes('progress'));
    await first.close();
    const back = await subject().listen({ clientId: first.clientId });
    await until('the replayed node', () => back.messages.some(({ type }) => type === 'executing'));
    expect(back.messages.find(({ type }) => type === 'executing')?.data).toEqual({ node: '5' });
    await until('progress again', () => back.about(promptId).includes('progress'));
  });

  it('forgets the newer of two sockets with one clientId when the older ends', async () => {
    const clientId = randomUUID();
    const older = await subject().listen({ clientId });
    const newer = await subject().listen({ clientId });
    await older.close();
    const witness = await subject().listen();
    const before = newer.messages.length;
    const promptId = await subject().queue(plain(), { client_id: clientId });
    await subject().history(promptId);
    await until('the queue told to others', () => witness.messages.length >= 3);
    expect(newer.messages.slice(before)).toEqual([]);
  });

  it('runs equal nodes of different prompts once', async () => {
    const color = fresh();
    await subject().run(plain(color, 'a'));
    const listener = await subject().listen();
    const prompt = {
      '1': emptyImage(color),
      '2': node('SaveImage', { images: ['1', 0], filename_prefix: 'b' }),
    };
    const promptId = await subject().queue(prompt, { client_id: listener.clientId });
    await end(listener, promptId);
    const cached = listener.messages.find(({ type }) => type === 'execution_cached');
    expect(at(cached?.data, 'nodes')).toEqual(['1']);
  });
}
