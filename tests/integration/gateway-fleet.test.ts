import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BehaviourScript } from '../../electron/simulator/script.ts';
import {
  type Answer,
  at,
  type CallOptions,
  call,
  type Listener,
  list,
  listen,
  until,
} from '../conformance/client.ts';
import { type RunningServer, serverKinds, startServer } from '../conformance/servers.ts';
import { emptyImage, fresh, node, type Prompt, plain, sample } from '../conformance/workflows.ts';
import { GatewayWorld } from '../support/gateway-world.ts';

/** One address in front of four servers, as a client sees it. */

const IDS = ['master', 'worker-1', 'worker-2', 'worker-3'];
const CHECKPOINT = 'aurora_xl_v2.safetensors';
const SCRIPTS: readonly BehaviourScript[] = [
  {},
  { missingNodes: ['ImageScale'] },
  { checkpoints: [CHECKPOINT, 'only_here.safetensors'] },
  {},
];

function distributed(seed: number, saver = 'SaveImage'): Prompt {
  const prefix = saver === 'SaveImage' ? { filename_prefix: 'fleet/tree' } : {};
  return {
    ...sample({ checkpoint: CHECKPOINT, steps: 4 }),
    '5': node('KSampler', {
      ...{ model: ['1', 0], positive: ['2', 0], negative: ['3', 0], latent_image: ['4', 0] },
      ...{ seed: ['10', 0], steps: 4, cfg: 7, sampler_name: 'euler', scheduler: 'normal', denoise: 1 },
    }),
    '7': node(saver, { images: ['11', 0], ...prefix }),
    '10': node('DistributedSeed', { seed }),
    '11': node('DistributedCollector', { images: ['6', 0], load_balance: false }),
  };
}

const typesOf = (listener: Listener, promptId: string): readonly string[] => listener.about(promptId);
const isEnd = (promptId: string) => (message: Listener['messages'][number]) =>
  message.type === 'executing' &&
  at(message.data, 'node') === null &&
  at(message.data, 'prompt_id') === promptId;

describe('a gateway in front of four servers', () => {
  let servers: RunningServer[] = [];
  let world: GatewayWorld;
  const listeners: Listener[] = [];

  beforeAll(async () => {
    const [kind] = serverKinds().filter(({ label }) => label === 'simulated 0.33.0');
    if (kind === undefined) throw new Error('no simulator');
    servers = await Promise.all(
      SCRIPTS.map((script) => {
        const environment = {
          ENSEMBLE_SIM: JSON.stringify({
            version: '0.33.0',
            bootMs: 0,
            modelLoadMs: 5,
            stepMs: 25,
            ...script,
          }),
        };
        return startServer({ ...kind, environment });
      }),
    );
  });
  afterAll(() => Promise.all(servers.map((server) => server.stop())));
  beforeEach(async () => {
    world = await open();
  });
  afterEach(async () => {
    for (const listener of listeners.splice(0)) await listener.close();
    await world.close();
  });

  function open(directory: string | null = null): Promise<GatewayWorld> {
    const members = servers.map(({ url }, index) => ({ id: IDS[index] ?? '', url }));
    return GatewayWorld.open(members, { directory });
  }

  const ask = (path: string, options?: CallOptions): Promise<Answer> => call(`${world.url}${path}`, options);

  async function client(flags = true): Promise<Listener> {
    const listener = await listen(world.url, randomUUID(), { flags });
    listeners.push(listener);
    return listener;
  }

  async function queue(prompt: Prompt, fields: object = {}): Promise<string> {
    const answer = await ask('/prompt', { json: { prompt, ...fields } });
    if (answer.status !== 200) throw new Error(answer.bytes.toString());
    return String(at(answer.json, 'prompt_id'));
  }

  async function ended(promptId: string): Promise<unknown> {
    return until('its history', async () => at((await ask(`/history/${promptId}`)).json, promptId));
  }

  const view = (image: unknown): Promise<Answer> => ask(`/view?${new URLSearchParams(Object(image))}`);

  it('shows the results of all of them in one node, and ends once', async () => {
    const listener = await client();
    const promptId = await queue(distributed(100), { client_id: listener.clientId });
    await until('the end', () => listener.messages.some(isEnd(promptId)));
    const types = typesOf(listener, promptId);
    expect(types.filter((type) => type === 'execution_start')).toHaveLength(1);
    expect(types.slice(-2)).toEqual(['execution_success', 'executing']);
    expect(listener.messages.filter(isEnd(promptId))).toHaveLength(1);
    const shown = listener.messages.filter(({ type }) => type === 'executed');
    expect(shown.map(({ data }) => at(data, 'node'))).toEqual(['7']);
    const images = list(at(shown[0]?.data, 'output', 'images'));
    expect(images).toHaveLength(4);
    const entry = await ended(promptId);
    expect(at(entry, 'outputs', '7', 'images')).toEqual(images);
    expect(images.map((image) => at(image, 'subfolder'))).toEqual(Array(4).fill('fleet'));
    const bytes = await Promise.all(
      images.map(async (image) => (await view(image)).bytes.toString('base64')),
    );
    expect(new Set(bytes).size).toBe(4);
    // Ids are the client's own: of what was inserted for the shards nothing is seen.
    const nodes = listener.messages.flatMap(({ type, data }) =>
      type === 'executing' ? [at(data, 'node')] : Object.keys(Object(at(data, 'nodes'))),
    );
    for (const id of nodes) expect([null, ...Object.keys(distributed(1))]).toContain(id);
    const frames = listener.frames.map((frame) => frame.readUInt32BE(0));
    expect(new Set(frames)).toEqual(new Set([4]));
    expect(listener.frames[0]?.toString('latin1')).toContain(promptId);
  });

  it('shows one of several prompts of a client at a time, and tells how each ends', async () => {
    const listener = await client();
    const prompts = [1, 2, 3].map(() => sample({ checkpoint: CHECKPOINT, steps: 8 }));
    const ids = await Promise.all(prompts.map((prompt) => queue(prompt, { client_id: listener.clientId })));
    for (const id of ids) await until('the end', () => listener.messages.some(isEnd(id)));
    let shown: unknown = null;
    for (const { type, data } of listener.messages) {
      const id = at(data, 'prompt_id');
      if (type === 'execution_start') shown = id;
      if (type === 'progress' || type === 'progress_state') expect(id).toBe(shown);
      if (type === 'executing' && at(data, 'node') !== null) expect(id).toBe(shown);
      if (type === 'executing' && at(data, 'node') === null) shown = null;
    }
    for (const id of ids) {
      const types = typesOf(listener, id);
      expect(types).toContain('execution_start');
      expect(types.filter((type) => type === 'execution_success')).toHaveLength(1);
      expect(types).toContain('executed');
      expect(listener.messages.filter(isEnd(id))).toHaveLength(1);
    }
  });

  it('tells nobody but its client', async () => {
    const [mine, other] = [await client(), await client(false)];
    const promptId = await queue(plain(), { client_id: mine.clientId });
    await until('the end', () => mine.messages.some(isEnd(promptId)));
    await until('an empty queue', () =>
      other.messages.some(
        ({ data }, index) => index > 0 && at(data, 'status', 'exec_info', 'queue_remaining') === 0,
      ),
    );
    expect(new Set(other.messages.map(({ type }) => type))).toEqual(new Set(['status']));
  });

  it('stops the caller’s own prompt and nobody else’s', async () => {
    const [mine, other] = [await client(), await client()];
    const long = (): Prompt => sample({ checkpoint: CHECKPOINT, steps: 300 });
    const first = await queue(long(), { client_id: mine.clientId });
    const second = await queue(long(), { client_id: other.clientId });
    await until('both run', async () => list(at((await ask('/queue')).json, 'queue_running')).length === 2);
    await ask('/interrupt', { json: { client_id: other.clientId } });
    expect(at(await ended(second), 'status', 'status_str')).toBe('error');
    await until('told', () => typesOf(other, second).includes('execution_interrupted'));
    const running = list(at((await ask('/queue')).json, 'queue_running'));
    expect(running.map((row) => at(row, 1))).toEqual([first]);
    await ask('/interrupt', { json: { prompt_id: first } });
    await ended(first);
  });

  it('keeps numbers, history and files over a restart, and goes on with what ran', async () => {
    const done = await queue(distributed(7, 'PreviewImage'));
    const before = await ended(done);
    const image = list(at(before, 'outputs', '7', 'images'))[0];
    const bytes = (await view(image)).bytes;
    expect(bytes.length).toBeGreaterThan(100);
    const open1 = await queue(sample({ checkpoint: CHECKPOINT, steps: 40 }), { client_id: 'late' });
    await until('it runs', async () => list(at((await ask('/queue')).json, 'queue_running')).length === 1);
    await world.leave();
    world = await open(world.directory);
    expect(at((await ask(`/history/${done}`)).json, done)).toEqual(before);
    expect((await view(image)).bytes.equals(bytes)).toBe(true);
    const after = await ended(open1);
    expect(at(after, 'status', 'status_str')).toBe('success');
    expect(list(at(after, 'outputs', '7', 'images'))).toHaveLength(1);
    expect(Number(at(after, 'prompt', 0))).toBeGreaterThan(Number(at(before, 'prompt', 0)));
    const next = await ended(await queue(plain()));
    expect(Number(at(next, 'prompt', 0))).toBeGreaterThan(Number(at(after, 'prompt', 0)));
    const jobs = at((await ask('/api/jobs?status=completed')).json, 'jobs');
    expect(list(jobs)).toHaveLength(3);
  });

  it('lists the nodes and models of all, with the distributed ones, and says who lacks what', async () => {
    const info = (await ask('/api/object_info')).json;
    expect(at(info, 'DistributedCollector')).toMatchObject({ category: 'Ensemble/distributed' });
    expect(at(info, 'DistributedSeed', 'input', 'required', 'seed', 1, 'tooltip')).toBeTypeOf('string');
    expect(at(info, 'ImageScale', 'ensemble', 'missing_on')).toEqual(['worker-1']);
    const names = list(at(info, 'CheckpointLoaderSimple', 'input', 'required', 'ckpt_name', 0));
    expect(names).toContain('only_here.safetensors');
    const lacking = at(info, 'CheckpointLoaderSimple', 'ensemble', 'choices_missing_on', 'ckpt_name');
    expect(at(lacking, 'only_here.safetensors')).toEqual(['master', 'worker-1', 'worker-3']);
    expect((await ask('/object_info')).bytes.toString()).toContain('"max":18446744073709551615');
    const one = (await ask('/object_info/DistributedSeed')).json;
    expect(Object.keys(Object(one))).toEqual(['DistributedSeed']);
    const entry = await ended(await queue(sample({ checkpoint: 'only_here.safetensors' })));
    expect(at(entry, 'status', 'status_str')).toBe('success');
  });

  it('names the devices of all', async () => {
    const { json } = await ask('/system_stats');
    const names = list(at(json, 'devices')).map((device) => String(at(device, 'name')).split(':')[0]);
    expect(names).toEqual(IDS);
  });

  it('refuses in ComfyUI’s own shape what only the fleet knows to be wrong', async () => {
    const { '6': _, ...rest } = distributed(1);
    const unfed = { ...rest, '11': node('DistributedCollector', { load_balance: false }) };
    const { status, json } = await ask('/prompt', { json: { prompt: unfed } });
    expect(status).toBe(400);
    expect(at(json, 'error', 'type')).toBe('prompt_outputs_failed_validation');
    expect(at(json, 'node_errors', '11', 'errors', 0, 'extra_info', 'input_name')).toBe('images');
    const options = { extra_data: { ensemble: { copies: 0 } } };
    expect((await ask('/prompt', { json: { prompt: plain(), ...options } })).status).toBe(400);
  });

  it('takes copies, participants and mode for one prompt', async () => {
    const ensemble = { copies: 3, participants: ['worker-2', 'worker-3'] };
    const promptId = await queue(sample({ checkpoint: CHECKPOINT }), { extra_data: { ensemble } });
    expect(list(at(await ended(promptId), 'outputs', '7', 'images'))).toHaveLength(3);
    const [run] = world.runs.service.list(null, 1).runs;
    expect(run).toMatchObject({ participants: ['worker-2', 'worker-3'], shardCount: 3 });
  });

  it('passes everything else on to the master', async () => {
    const user = { 'comfy-user': 'default' };
    const saved = await ask('/api/userdata/workflows%2Fa.json', { text: '{"a":1}', headers: user });
    expect(saved.status).toBe(200);
    expect((await ask('/userdata/workflows%2Fa.json')).bytes.toString()).toBe('{"a":1}');
    expect((await ask('/')).bytes.toString()).toContain('<!doctype html>');
    expect((await ask('/nothing/here')).status).toBe(404);
  });

  it('is there for programs of this machine alone, under no other name', async () => {
    const host = (value: string) => ask('/prompt', { headers: { host: value } });
    expect((await host(`localhost:${world.port}`)).status).toBe(200);
    expect((await host(`evil.example:${world.port}`)).status).toBe(403);
    expect((await host('localhost:1')).status).toBe(403);
    const origin = (value: string) => ask('/prompt', { headers: { origin: value } });
    expect((await origin(`http://localhost:${world.port}`)).status).toBe(200);
    expect((await origin('https://evil.example')).status).toBe(403);
    expect((await origin('null')).status).toBe(403);
    expect((await ask('/%70rompt')).json).toEqual({ exec_info: { queue_remaining: 0 } });
  });

  it('says in words that the master is down, and still has the results', async () => {
    const entry = await ended(
      await queue({
        '1': emptyImage(fresh()),
        '2': node('SaveImage', { images: ['1', 0], filename_prefix: 'kept' }),
      }),
    );
    const [master] = servers;
    servers[0] = await startServer(master?.kind ?? serverKinds()[0] ?? Object());
    await master?.stop();
    const settings = await ask('/settings');
    expect(settings.status).toBe(503);
    expect(settings.bytes.toString()).toContain('master');
    expect((await view(list(at(entry, 'outputs', '2', 'images'))[0])).status).toBe(200);
  });
});
