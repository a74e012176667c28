import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { at, list, until } from '../client.ts';
import type { Subject } from '../subject.ts';
import { fresh, long, plain } from '../workflows.ts';

/** Order, deletion, interruption, history and the cache. */
export function queueClaims(subject: () => Subject): void {
  /** Something that runs while the claim is looked at; ended by settle(). */
  const occupy = async (checkpoint: string, clientId?: string): Promise<string> => {
    const fields = clientId === undefined ? {} : { client_id: clientId };
    const id = await subject().queue(long(checkpoint), fields);
    await until('the long prompt runs', async () => (await subject().queued()).running.includes(id));
    return id;
  };

  it('runs by number, front first, one at a time', async (context) => {
    const running = await occupy(subject().needCheckpoint(context));
    const first = await subject().queue(plain());
    const second = await subject().queue(plain());
    const front = await subject().queue(plain(), { front: true });
    const numbered = await subject().queue(plain(), { number: -1_000_000 });
    expect(await subject().queued()).toEqual({
      running: [running],
      pending: [numbered, front, first, second],
    });
    expect((await subject().call('/prompt')).json).toEqual({ exec_info: { queue_remaining: 5 } });
    await subject().call('/interrupt', { json: { prompt_id: running } });
    const starts: number[] = [];
    for (const id of [numbered, front, first, second]) {
      const { entry } = await subject().history(id);
      const messages = list(at(entry, 'status', 'messages'));
      const start = messages.find((message) => at(message, 0) === 'execution_start');
      starts.push(Number(at(start, 1, 'timestamp')));
    }
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
  });

  it('keeps five fields per queued prompt', async (context) => {
    await occupy(subject().needCheckpoint(context));
    const promptId = randomUUID();
    await subject().queue(plain(7), { prompt_id: promptId, client_id: 'c', extra_data: { mark: 1 } });
    const [row] = list(at((await subject().call('/queue')).json, 'queue_pending'));
    expect(row).toMatchObject([
      expect.any(Number),
      promptId,
      { '1': { class_type: 'EmptyImage' } },
      { mark: 1, client_id: 'c' },
      ['2'],
    ]);
  });

  it('shows tokens of a queued prompt to everybody until 0.33, which hides them', async (context) => {
    await occupy(subject().needCheckpoint(context));
    await subject().queue(plain(), { extra_data: { api_key_comfy_org: 'secret' } });
    const { bytes } = await subject().call('/queue');
    expect(bytes.toString().includes('secret')).toBe(!subject().modern);
  });

  it('deletes a waiting prompt without a trace', async (context) => {
    await occupy(subject().needCheckpoint(context));
    const id = await subject().queue(plain());
    const { status, bytes } = await subject().call('/queue', { json: { delete: [id] } });
    expect({ status, size: bytes.length }).toEqual({ status: 200, size: 0 });
    expect((await subject().queued()).pending).toEqual([]);
    expect((await subject().call(`/history/${id}`)).json).toEqual({});
  });

  it('interrupts by id only what runs', async (context) => {
    const running = await occupy(subject().needCheckpoint(context));
    const waiting = await subject().queue(plain());
    await subject().call('/interrupt', { json: { prompt_id: waiting } });
    expect((await subject().queued()).running).toEqual([running]);
    expect((await subject().call('/interrupt', { json: { prompt_id: running } })).status).toBe(200);
    const { entry } = await subject().history(running);
    expect(at(entry, 'status')).toMatchObject({ status_str: 'error', completed: false });
    expect(list(at(entry, 'status', 'messages')).map((message) => at(message, 0))).toContain(
      'execution_interrupted',
    );
    await subject().history(waiting);
  });

  it('interrupts whatever runs when no id is given, and takes it when nothing runs', async (context) => {
    const running = await occupy(subject().needCheckpoint(context));
    expect((await subject().call('/interrupt', { method: 'POST' })).status).toBe(200);
    await subject().history(running);
    expect((await subject().call('/interrupt', { method: 'POST' })).status).toBe(200);
    // An interruption of nothing must not end the next prompt.
    const { entry } = await subject().run(plain());
    expect(at(entry, 'status', 'status_str')).toBe('success');
  });

  it('keeps a finished prompt in the history', async () => {
    const promptId = randomUUID();
    const { entry, files } = await subject().run(plain(), { prompt_id: promptId });
    expect(entry).toMatchObject({
      prompt: [expect.any(Number), promptId, expect.any(Object), expect.any(Object), ['2']],
      outputs: { '2': { images: [{ filename: expect.any(String), subfolder: '', type: 'output' }] } },
      meta: expect.any(Object),
      status: { status_str: 'success', completed: true, messages: expect.any(Array) },
    });
    expect(files[0]?.filename).toMatch(/^plain_\d{5}_\.png$/);
    const events = list(at(entry, 'status', 'messages')).map((message) => at(message, 0));
    expect(events).toEqual(['execution_start', 'execution_cached', 'execution_success']);
    expect(Object.keys(Object((await subject().call('/history')).json))).toContain(promptId);
    expect(Object.keys(Object((await subject().call('/history?max_items=1')).json))).toEqual([promptId]);
    await subject().call('/history', { json: { delete: [promptId] } });
    expect((await subject().call(`/history/${promptId}`)).json).toEqual({});
  });

  it('queues a repeated prompt_id again', async () => {
    const promptId = randomUUID();
    const first = await subject().run(plain(fresh(), 'one'), { prompt_id: promptId });
    await subject().queue(plain(fresh(), 'two'), { prompt_id: promptId });
    const second = await until('the second result', async () => {
      const result = await subject().history(promptId);
      return result.files[0]?.filename === first.files[0]?.filename ? null : result;
    });
    expect(second?.files[0]?.filename).toMatch(/^two_/);
  });

  it('answers a repeated prompt out of its cache with the old files', async () => {
    const prompt = plain();
    const first = await subject().run(prompt);
    const again = await subject().run(prompt);
    expect(again.files).toEqual(first.files);
    const events = list(at(again.entry, 'status', 'messages'));
    const cached = events.find((message) => at(message, 0) === 'execution_cached');
    expect(
      list(at(cached, 1, 'nodes'))
        .map(String)
        .sort(),
    ).toEqual(['1', '2']);
  });

  it('counts file names upward', async () => {
    const first = await subject().run(plain(fresh(), 'counted'));
    const second = await subject().run(plain(fresh(), 'counted'));
    expect([first, second].map(({ files }) => files[0]?.filename)).toEqual([
      'counted_00001_.png',
      'counted_00002_.png',
    ]);
  });

  it('follows one prompt through the jobs API', async (context) => {
    if (!subject().modern) return;
    const running = await occupy(subject().needCheckpoint(context));
    const waiting = await subject().queue(plain());
    const status = async (id: string): Promise<unknown> =>
      at((await subject().call(`/api/jobs/${id}`)).json, 'status');
    expect([await status(running), await status(waiting)]).toEqual(['in_progress', 'pending']);
    const cancelled = await subject().call('/api/jobs/cancel', { json: { job_ids: [running, waiting] } });
    expect(cancelled.json).toEqual({ cancelled: true });
    await subject().history(running);
    expect(await status(running)).toBe('cancelled');
    const done = await subject().queue(plain());
    await subject().history(done);
    const job = await subject().call(`/api/jobs/${done}`);
    expect(job.json).toMatchObject({ id: done, status: 'completed', outputs: { '2': expect.any(Object) } });
  });
}
