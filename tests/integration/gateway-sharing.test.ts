import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  at,
  type CallOptions,
  call,
  FormData,
  type Listener,
  list,
  listen,
  until,
} from '../conformance/client.ts';
import { solidPng } from '../conformance/pictures.ts';
import { type RunningServer, serverKinds, startServer } from '../conformance/servers.ts';
import { fresh, node, type Prompt, sample } from '../conformance/workflows.ts';
import { GatewayWorld } from '../support/gateway-world.ts';

/** A master whose folders are ours, and a worker elsewhere that shares nothing with it. */
describe.each(['0.3.64', '0.33.0'])(
  'a gateway in front of %s and a worker with folders of its own',
  (version) => {
    let servers: RunningServer[] = [];
    let world: GatewayWorld;
    const listeners: Listener[] = [];

    beforeAll(async () => {
      const [kind] = serverKinds().filter(({ label }) => label === `simulated ${version}`);
      if (kind === undefined) throw new Error('no simulator');
      servers = await Promise.all([startServer(kind), startServer(kind)]);
      const [master, worker] = servers;
      if (master === undefined || worker === undefined) throw new Error('no servers');
      world = await GatewayWorld.open(
        [
          { id: 'master', url: master.url, sharesInput: true },
          { id: 'worker-1', url: worker.url },
        ],
        { home: master.directories },
      );
    });
    afterEach(async () => {
      for (const listener of listeners.splice(0)) await listener.close();
    });
    afterAll(async () => {
      await world?.close();
      await Promise.all(servers.map((server) => server.stop()));
    });

    const ask = (address: string, options?: CallOptions): Promise<Answer> =>
      call(`${world.url}${address}`, options);

    async function upload(bytes: Buffer, fields: Readonly<Record<string, string>>): Promise<unknown> {
      const form = new FormData();
      form.set('image', new File([Uint8Array.from(bytes)], `up-${randomBytes(4).toString('hex')}.png`));
      for (const [name, value] of Object.entries(fields)) form.set(name, value);
      const answer = await ask('/upload/image', { form });
      expect(answer.status).toBe(200);
      return answer.json;
    }

    async function queue(prompt: Prompt, fields: object = {}, headers = {}): Promise<string> {
      const answer = await ask('/prompt', { json: { prompt, ...fields }, headers });
      expect(answer.status, answer.bytes.toString()).toBe(200);
      return String(at(answer.json, 'prompt_id'));
    }

    const ended = (id: string): Promise<unknown> =>
      until('its history', async () => at((await ask(`/history/${id}`)).json, id));
    const running = async (): Promise<readonly unknown[]> =>
      list(at((await ask('/queue')).json, 'queue_running')).map((row) => at(row, 1));

    it.each([
      [{}, ''],
      [{ subfolder: 'a/b' }, ''],
      [{ type: 'output', subfolder: 'kept' }, ' [output]'],
    ])('takes an upload with %j to the worker that needs it', async (fields, annotation) => {
      const place = await upload(await solidPng([fresh() + 0x102030], 20, 12), fields);
      const [folder, name] = [String(at(place, 'subfolder')), String(at(place, 'name'))];
      const image = `${folder === '' ? '' : `${folder}/`}${name}${annotation}`;
      const id = await queue(
        {
          '1': node('LoadImage', { image }),
          '2': node('SaveImage', { images: ['1', 0], filename_prefix: 'taken' }),
        },
        { extra_data: { ensemble: { mode: 'orchestrator', participants: ['worker-1'] } } },
      );
      expect(at(await ended(id), 'status', 'status_str')).toBe('success');
    });

    it('hands uploads out whole, in parts, as a head, and converted', async () => {
      const bytes = await solidPng([fresh() + 0x405060], 20, 12);
      const place = await upload(bytes, { subfolder: 'seen' });
      const { name: filename, subfolder, type } = Object(place);
      const address = `/view?${new URLSearchParams({ filename, subfolder, type })}`;
      expect((await ask(address)).bytes.equals(bytes)).toBe(true);
      const part = await ask(address, { headers: { range: 'bytes=1-3' } });
      expect(part).toMatchObject({ status: 206, headers: { 'content-range': `bytes 1-3/${bytes.length}` } });
      expect(part.bytes.toString()).toBe('PNG');
      const head = await ask(address, { method: 'HEAD' });
      expect(head.headers['content-length']).toBe(String(bytes.length));
      const tag = head.headers['etag'] ?? '';
      expect((await ask(address, { headers: { 'if-none-match': tag } })).status).toBe(304);
      const alpha = await ask(`${address}&channel=a`);
      expect(alpha.headers['content-type']).toBe('image/png');
      expect(alpha.bytes.equals(bytes)).toBe(false);
    });

    it('stops with an interrupt that names nobody only what the same program has posted', async () => {
      const info = (await ask('/object_info/CheckpointLoaderSimple')).json;
      const combo = at(info, 'CheckpointLoaderSimple', 'input', 'required', 'ckpt_name');
      const checkpoint = String([...list(at(combo, 0)), ...list(at(combo, 1, 'options'))][0]);
      const [mine, other] = [{ 'user-agent': 'mine' }, { 'user-agent': 'other' }];
      const ids = [
        await queue(sample({ checkpoint, steps: 300 }), {}, mine),
        await queue(sample({ checkpoint, steps: 300 }), {}, other),
      ];
      await until('both run', async () => (await running()).length === 2);
      await ask('/interrupt', { method: 'POST', headers: { 'user-agent': 'somebody else' } });
      await ask('/interrupt', { method: 'POST', headers: other });
      const messages = list(at(await ended(ids[1] ?? ''), 'status', 'messages'));
      expect(at(messages.at(-1), 0)).toBe('execution_interrupted');
      expect(await running()).toEqual([ids[0]]);
      await ask('/interrupt', { method: 'POST', headers: mine });
      await ended(ids[0] ?? '');
    });

    it('lists jobs, finished and failed, in front of any version', async () => {
      const id = await queue({
        '1': node('EmptyImage', { width: 16, height: 16, batch_size: 1, color: fresh() }),
        '2': node('PreviewImage', { images: ['1', 0] }),
      });
      await ended(id);
      const { json } = await ask('/api/jobs?status=completed&limit=1&offset=0');
      expect(at(json, 'jobs', 0)).toMatchObject({ id, status: 'completed', outputs_count: 1 });
      expect(at(json, 'pagination')).toMatchObject({ limit: 1, offset: 0 });
      expect((await ask(`/api/jobs/${id}`)).json).toMatchObject({
        id,
        execution_status: { completed: true },
      });
      expect((await ask('/api/jobs/nobody')).status).toBe(404);
    });

    it('passes on what the master prints to the pages that have asked for it', async () => {
      const [asked, other] = [await listen(world.url, randomUUID()), await listen(world.url, randomUUID())];
      listeners.push(asked, other);
      const subscribe = (enabled: boolean): Promise<Answer> =>
        ask('/internal/logs/subscribe', { method: 'PATCH', json: { clientId: asked.clientId, enabled } });
      const logs = (): number => asked.messages.filter(({ type }) => type === 'logs').length;
      const master = { extra_data: { ensemble: { participants: ['master'] } } };
      const work = async (): Promise<unknown> =>
        ended(
          await queue(
            {
              '1': node('EmptyImage', { width: 16, height: 16, batch_size: 1, color: fresh() }),
              '2': node('PreviewImage', { images: ['1', 0] }),
            },
            master,
          ),
        );
      expect((await subscribe(true)).status).toBe(200);
      await until('it is told', async () => {
        await work();
        return logs() > 0;
      });
      const told = asked.messages.find(({ type }) => type === 'logs');
      expect(at(told?.data, 'entries', 0, 'm')).toBeTypeOf('string');
      expect(other.messages.some(({ type }) => type === 'logs')).toBe(false);
      await subscribe(false);
      await until('nothing is told', async () => {
        const before = logs();
        await work();
        return logs() === before;
      });
    });
  },
);

/** One that somebody else has started, with folders that we cannot see. */
describe('a gateway in front of a master with folders of its own', () => {
  it('brings home what was uploaded to it, and says so when the two differ', async () => {
    const [kind] = serverKinds().filter(({ label }) => label === 'simulated 0.33.0');
    if (kind === undefined) throw new Error('no simulator');
    const server = await startServer(kind);
    const world = await GatewayWorld.open([{ id: 'master', url: server.url }]);
    const upload = async (bytes: Buffer): Promise<void> => {
      const form = new FormData();
      form.set('image', new File([Uint8Array.from(bytes)], 'photo.png'));
      form.set('overwrite', 'true');
      expect((await call(`${world.url}/upload/image`, { form })).status).toBe(200);
    };
    const post = (): Promise<Answer> => {
      const prompt = {
        '1': node('LoadImage', { image: 'photo.png' }),
        '2': node('SaveImage', { images: ['1', 0], filename_prefix: 'home' }),
      };
      return call(`${world.url}/prompt`, { json: { prompt } });
    };
    try {
      const refused = await post();
      expect(refused.status).toBe(400);
      expect(at(refused.json, 'node_errors', '1', 'errors', 0, 'details')).toBe(
        'image - Invalid image file: photo.png',
      );
      await upload(await solidPng([0x102030], 20, 12));
      const id = String(at((await post()).json, 'prompt_id'));
      const entry = await until('its history', async () =>
        at((await call(`${world.url}/history/${id}`)).json, id),
      );
      expect(at(entry, 'status', 'status_str')).toBe('success');
      await upload(Buffer.concat([await solidPng([0x102030], 20, 12), Buffer.from('longer')]));
      const differs = await post();
      expect(differs.status).toBe(400);
      expect(at(differs.json, 'node_errors', '1', 'errors', 0, 'details')).toContain(
        'the master has another one',
      );
    } finally {
      await world.close();
      await server.stop();
    }
  });
});
