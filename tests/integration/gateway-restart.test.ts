import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RUN_OPTIONS } from '../../shared/runs.ts';
import { type Answer, at, type CallOptions, call, list, until } from '../conformance/client.ts';
import { behave, prepareDemo } from './support/fleets.ts';
import type { Host } from './support/host.ts';
import { newPlace, startHost } from './support/places.ts';

/** The address of a whole control center: what it tells of runs, whoever began them, over its own sudden end. */

const TXT2IMG = readFileSync(path.resolve('examples', 'txt2img.json'), 'utf8');
const DISTRIBUTED = readFileSync(path.resolve('examples', 'distributed-txt2img.json'), 'utf8');
const SLOW = { args: ['--demo=2'], environment: behave({ stepMs: 120 }) };

const ask = (host: Host, address: string, options?: CallOptions): Promise<Answer> =>
  call(`${host.announcement.gateway}${address}`, options);

async function post(host: Host, workflow: string, fields: object = {}): Promise<string> {
  const read: unknown = JSON.parse(workflow);
  const prompt = at(read, 'prompt') ?? read;
  const answer = await ask(host, '/prompt', { json: { prompt, ...fields } });
  expect(answer.status, answer.bytes.toString()).toBe(200);
  return String(at(answer.json, 'prompt_id'));
}

function ended(host: Host, promptId: string): Promise<unknown> {
  return until('its history', async () => at((await ask(host, `/history/${promptId}`)).json, promptId));
}

function imagesOf(entry: unknown): readonly unknown[] {
  return Object.values(Object(at(entry, 'outputs'))).flatMap((output) => list(at(output, 'images')));
}

const rows = async (host: Host, what: 'queue_running' | 'queue_pending'): Promise<readonly unknown[]> =>
  list(at((await ask(host, '/queue')).json, what));

const view = (host: Host, image: unknown): Promise<Answer> =>
  ask(host, `/view?${new URLSearchParams(Object(image))}`);

describe('the address of a control center', () => {
  it.each([false, true])(
    'has results, history and jobs after kill -9, and ends what ran (servers end with it: %s)',
    async (stopOnQuit) => {
      const place = newPlace();
      await prepareDemo(place, 2, { stopOnQuit });
      const host = await startHost(place, SLOW);
      await host.allReady(2);
      const done = await post(host, TXT2IMG, { client_id: 'before' });
      const entry = await ended(host, done);
      const [image] = imagesOf(entry);
      const { bytes } = await view(host, image);
      const job = (await ask(host, `/api/jobs/${done}`)).json;
      const open = await post(host, DISTRIBUTED, { extra_data: { ensemble: { copies: 4 } } });
      await until('it runs', async () => (await rows(host, 'queue_running')).length === 1);
      await host.end('SIGKILL');
      if (stopOnQuit) await place.untilEmpty(15_000);
      const again = await startHost(place, SLOW);
      // At once, before any server is up again.
      expect(at((await ask(again, `/history/${done}`)).json, done)).toEqual(entry);
      expect((await view(again, image)).bytes.equals(bytes)).toBe(true);
      expect((await ask(again, `/api/jobs/${done}`)).json).toEqual(job);
      const after = await ended(again, open);
      expect(at(after, 'status', 'status_str')).toBe('success');
      expect(imagesOf(after)).toHaveLength(4);
      for (const one of imagesOf(after)) expect((await view(again, one)).status).toBe(200);
      expect(at((await ask(again, `/api/jobs/${open}`)).json, 'status')).toBe('completed');
      await again.invoke('fleet.stopAll', {});
    },
  );

  it('shows what was begun in the app like any other prompt, and what is tried again as one', async () => {
    const place = newPlace();
    await prepareDemo(place, 1);
    const host = await startHost(place, {
      args: ['--demo=1'],
      environment: behave({ stepMs: 60, failNode: 'VAEDecode' }),
    });
    await host.allReady(1);
    const run = { name: 'night', workflow: TXT2IMG, options: DEFAULT_RUN_OPTIONS };
    const { runId } = await host.invoke('runs.submit', run);
    const promptId = await until('it runs', async () => at((await rows(host, 'queue_running'))[0], 1));
    const second = await host.invoke('runs.submit', run);
    const waiting = await until('another waits', async () => at((await rows(host, 'queue_pending'))[0], 1));
    expect((await ask(host, '/prompt')).json).toEqual({ exec_info: { queue_remaining: 2 } });
    expect(await host.invoke('gateway.status', {})).toMatchObject({ clients: [], clientCount: 0 });
    const lines = list(at((await ask(host, '/api/jobs')).json, 'jobs'));
    expect(new Set(lines.map((line) => at(line, 'status')))).toEqual(new Set(['in_progress', 'pending']));
    await ask(host, '/queue', { json: { delete: [waiting] } });
    await until('it is gone', async () => {
      const { run: gone } = await host.invoke('runs.get', { runId: second.runId });
      return gone.status === 'cancelled';
    });
    const failed = await ended(host, String(promptId));
    expect(at(failed, 'status', 'status_str')).toBe('error');
    const read: unknown = JSON.parse(TXT2IMG);
    expect(at(failed, 'prompt', 2)).toEqual(at(read, 'prompt') ?? read);
    await host.end('SIGTERM');
    const mended = await startHost(place, { args: ['--demo=1'], environment: behave({}) });
    await mended.allReady(1);
    await mended.invoke('runs.retry', { runId });
    const after = await until('success', async () => {
      const entry = await ended(mended, String(promptId));
      return at(entry, 'status', 'status_str') === 'success' && entry;
    });
    expect(imagesOf(after)).toHaveLength(1);
    expect(Object.keys(Object((await ask(mended, '/history')).json))).toEqual([promptId]);
  });
});
