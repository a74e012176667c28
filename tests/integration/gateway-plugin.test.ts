import { createHash } from 'node:crypto';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, at, type CallOptions, list } from '../conformance/client.ts';
import type { RunningServer } from '../conformance/servers.ts';
import { node, plain } from '../conformance/workflows.ts';
import { GatewayWorld } from '../support/gateway-world.ts';
import { filesOf, IDS, startStock, textToImage } from '../support/plugin-workflows.ts';

/** Scripts that were made for the ComfyUI-Distributed plugin, in front of stock servers. */

let servers: RunningServer[] = [];
let world: GatewayWorld;

beforeAll(async () => {
  servers = await startStock();
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));
afterEach(() => world.close());

async function open(): Promise<void> {
  const members = servers.map(({ url }, index) => ({ id: IDS[index] ?? '', url }));
  world = await GatewayWorld.open(members);
}

const ask = (where: string, options?: CallOptions): Promise<Answer> => world.ask(where, options);
const finished = (promptId: string): Promise<unknown> => world.finished(promptId);

describe('a script that was written for the plugin', () => {
  beforeEach(open);
  const post = (where: string, json: unknown): Promise<Answer> => ask(`/distributed/${where}`, { json });
  const participants = (): readonly string[] => world.runs.service.list(null, 1).runs[0]?.participants ?? [];

  it.each(['/distributed/queue', '/api/distributed/queue'])(
    'queues at %s and finds its pictures',
    async (where) => {
      const config = (await ask('/distributed/config')).json;
      const ids = list(at(config, 'workers')).map((worker) => at(worker, 'id'));
      const json = {
        ...{ prompt: textToImage(), workflow: { name: 'a tree', nodes: [] }, client_id: 'script' },
        ...{ enabled_worker_ids: ids, auto_prepare: true, trace_execution_id: 'exec_1' },
      };
      const answer = await ask(where, { json });
      expect(answer.status).toBe(200);
      const { prompt_id: promptId, number, ...rest } = Object(answer.json);
      expect(rest).toEqual({ node_errors: {}, worker_count: 2, auto_prepare_supported: true });
      expect(promptId).toMatch(/^[0-9a-f-]{36}$/);
      expect(number).toBeTypeOf('number');
      const entry = await finished(promptId);
      expect(filesOf(entry, '7')).toBe(3);
      expect(at(entry, 'prompt', 3, 'extra_pnginfo', 'workflow', 'name')).toBe('a tree');
      expect(at(entry, 'prompt', 3, 'client_id')).toBe('script');
    },
  );

  it('says which workers take part, and whether the master does', async () => {
    const json = (fields: object): object => ({ prompt: textToImage(), client_id: 'script', ...fields });
    const queued = async (fields: object): Promise<unknown> => {
      const { json: answer } = await post('queue', json(fields));
      await finished(String(at(answer, 'prompt_id')));
      return at(answer, 'worker_count');
    };
    expect(await queued({ workers: [{ id: 'worker-2' }, 'unknown'] })).toBe(1);
    expect(participants()).toEqual(['master', 'worker-2']);
    expect(await queued({ enabled_worker_ids: ['worker-1'], delegate_master: true })).toBe(1);
    expect(participants()).toEqual(['worker-1']);
    expect(await queued({ enabled_worker_ids: [], delegate_master: true })).toBe(0);
    expect(participants()).toEqual(['master']);
    expect(await queued({ prompt: plain(), enabled_worker_ids: ['worker-1'] })).toBe(0);
    expect(await queued({ prompt: textToImage(true), enabled_worker_ids: ['worker-1', 'worker-2'] })).toBe(1);
  });

  it('hears what is wrong in the plugin’s shape', async () => {
    const bad = await ask('/distributed/queue', {
      text: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect(bad.status).toBe(400);
    expect(at(bad.json, 'error')).toMatch(/^Invalid JSON payload: /);
    expect(await post('queue', [])).toMatchObject({
      ...{ status: 400, json: { error: 'Expected a JSON object body' } },
    });
    expect(await post('queue', { prompt: {}, client_id: 'a' })).toMatchObject({
      ...{ status: 400, json: { error: 'enabled_worker_ids required' } },
    });
    const { '6': _, ...rest } = textToImage();
    const unfed = { ...rest, '11': node('DistributedCollector', { load_balance: false }) };
    const refused = await post('queue', { prompt: unfed, client_id: 'a', workers: [] });
    expect(refused.status).toBe(500);
    expect(at(refused.json, 'error')).toBe(
      'Invalid prompt: Prompt outputs failed validation: DistributedCollector (node 11): Required input is missing (images)',
    );
    expect(Object.keys(Object(at(refused.json, 'node_errors')))).toEqual(['11']);
  });

  it('is told of the fleet in the plugin’s shapes', async () => {
    const config = (await ask('/api/distributed/config')).json;
    expect(config).toMatchObject({ master: { host: '' }, settings: { master_delegate_only: false } });
    expect(list(at(config, 'workers')).map((worker) => at(worker, 'id'))).toEqual(['worker-1', 'worker-2']);
    const statuses = at((await ask('/distributed/local-worker-status')).json, 'worker_statuses', 'worker-1');
    expect(statuses).toEqual({ online: true, enabled: true, processing: false, queue_count: 0 });
    const network = (await ask('/distributed/network_info')).json;
    expect(network).toMatchObject({ status: 'success', cuda_device_count: 0, message: expect.any(String) });
    expect((await ask('/distributed/system_info')).json).toMatchObject({
      status: 'success',
      is_runpod: false,
    });
    expect((await ask('/distributed/managed_workers')).json).toEqual({
      ...{ status: 'success', managed_workers: {} },
    });
    expect((await ask('/distributed/tunnel/status')).json).toMatchObject({ tunnel: { status: 'stopped' } });
    expect((await ask('/distributed/queue_status/exec_1_2_3')).json).toEqual({
      ...{ exists: false, job_id: 'exec_1_2_3' },
    });
    expect((await ask('/distributed/job_status?multi_job_id=a')).json).toEqual({ ready: false });
    const own = await post('clear_memory', {});
    expect(own.json).toEqual({ status: 'success', message: 'GPU memory cleared.' });
  });

  it('sees its prompt in the queue until it is done', async () => {
    const prompt = {
      ...textToImage(),
      '4': node('EmptyLatentImage', { width: 64, height: 64, batch_size: 4 }),
    };
    const { json } = await post('queue', { prompt, client_id: 'a', workers: [] });
    const id = String(at(json, 'prompt_id'));
    expect((await ask(`/distributed/queue_status/${id}`)).json).toEqual({ exists: true, job_id: id });
    await finished(id);
    expect((await ask(`/distributed/queue_status/${id}`)).json).toEqual({ exists: false, job_id: id });
  });

  it('reads the logs of the servers', async () => {
    const log = (await ask('/distributed/worker_log/worker-1?lines=2')).json;
    expect(log).toMatchObject({ status: 'success', truncated: true, lines_shown: 2, log_file: null });
    expect(String(at(log, 'content')).split('\n')).toHaveLength(2);
    const own = (await ask('/distributed/local_log')).json;
    expect(own).toMatchObject({ status: 'success', source: 'memory' });
    expect(String(at(own, 'content'))).toContain('ComfyUI');
    expect((await ask('/distributed/worker_log/nobody')).status).toBe(404);
    expect((await ask('/distributed/remote_worker_log/worker-1')).status).toBe(400);
  });

  it('asks for files of the input folder, and for no others', async () => {
    const { input } = world.fleet.folders();
    const bytes = Buffer.from('a picture');
    await mkdir(path.join(input, 'sub'), { recursive: true });
    await writeFile(path.join(input, 'sub', 'a.png'), bytes);
    const outside = path.join(world.directory, 'secret.png');
    await writeFile(outside, bytes);
    await symlink(outside, path.join(input, 'link.png'));
    const hash = createHash('md5').update(bytes).digest('hex');
    const check = async (filename: string, digest = hash): Promise<unknown> =>
      (await post('check_file', { filename, hash: digest })).json;
    expect(await check('sub/a.png')).toEqual({ status: 'success', exists: true, hash_matches: true });
    expect(await check('sub/a.png', 'x')).toEqual({ status: 'success', exists: true, hash_matches: false });
    for (const name of ['none.png', '../secret.png', outside, 'link.png', 'sub', 'a\0.png'])
      expect(await check(name), name).toEqual({ status: 'success', exists: false });
    expect((await post('load_image', { image_path: 'sub/a.png' })).json).toEqual({
      ...{ status: 'success', hash },
      image_data: `data:image/png;base64,${bytes.toString('base64')}`,
    });
    expect((await post('load_image', { image_path: '../secret.png' })).status).toBe(404);
    expect((await post('load_image', {})).json).toEqual({ error: 'Missing image_path' });
  });

  it.each<[string, object, number]>([
    ['launch_worker', { worker_id: 'worker-1' }, 409],
    ['launch_worker', {}, 400],
    ['launch_worker', { worker_id: 'nobody' }, 404],
    ['stop_worker', { worker_id: 'worker-1' }, 403],
    ['config', { debug: true }, 403],
    ['config/update_setting', { key: 'debug', value: true }, 403],
    ['config/update_master', { name: 'x' }, 403],
    ['config/update_worker', { worker_id: 'worker-1', enabled: false }, 403],
    ['config/delete_worker', { worker_id: 'worker-1' }, 403],
    ['tunnel/start', {}, 403],
    ['tunnel/stop', {}, 403],
    ['prepare_job', { multi_job_id: 'a' }, 404],
    ['job_complete', {}, 404],
    ['heartbeat', {}, 404],
    ['submit_tiles', {}, 404],
  ])('changes nothing: %s %j', async (where, json, status) => {
    const answer = await post(where, json);
    expect(answer.status).toBe(status);
    expect(Object.keys(Object(answer.json))).toEqual(['error']);
    expect(await post('worker/clear_launching', { worker_id: 'worker-2' })).toMatchObject({ status: 200 });
  });
});
