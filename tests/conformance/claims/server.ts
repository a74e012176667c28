import { expect, it } from 'vitest';
import { at, list } from '../client.ts';
import type { Subject } from '../subject.ts';

/** What a server says about itself, its routes, and whom it lets in. */
export function serverClaims(subject: () => Subject): void {
  it.each([
    '/system_stats',
    '/prompt',
    '/queue',
    '/history',
    '/object_info/SaveImage',
    '/embeddings',
    '/extensions',
    '/features',
  ])('answers %s bare and under /api', async (path) => {
    for (const prefix of ['', '/api']) {
      const answer = await subject().call(`${prefix}${path}`);
      expect(answer.status).toBe(200);
      expect(answer.json).toBeTypeOf('object');
    }
  });

  it('reports system and devices', async () => {
    const { json } = await subject().call('/system_stats');
    expect(json).toMatchObject({
      system: {
        os: expect.any(String),
        ram_total: expect.any(Number),
        ram_free: expect.any(Number),
        comfyui_version: expect.stringMatching(/^\d+\.\d+/),
        python_version: expect.any(String),
        pytorch_version: expect.any(String),
        embedded_python: expect.any(Boolean),
        argv: expect.any(Array),
      },
      devices: [
        {
          name: expect.any(String),
          type: 'cpu',
          vram_total: expect.any(Number),
          vram_free: expect.any(Number),
          torch_vram_total: expect.any(Number),
          torch_vram_free: expect.any(Number),
        },
      ],
    });
  });

  it('counts an empty queue', async () => {
    expect((await subject().call('/prompt')).json).toEqual({ exec_info: { queue_remaining: 0 } });
    expect((await subject().call('/queue')).json).toEqual({ queue_running: [], queue_pending: [] });
  });

  it('describes its classes', async () => {
    const { json } = await subject().call('/object_info');
    for (const name of ['EmptyImage', 'SaveImage', 'KSampler', 'LoadImage', 'LatentFromBatch']) {
      expect(at(json, name)).toMatchObject({
        name,
        input: expect.any(Object),
        output: expect.any(Array),
        output_node: name === 'SaveImage',
      });
    }
    expect((await subject().call('/object_info/NoSuchClass')).json).toEqual({});
  });

  it('describes numbers and combos of classic nodes', async () => {
    const { json } = await subject().call('/object_info/KSampler');
    const required = at(json, 'KSampler', 'input', 'required');
    expect(at(required, 'steps')).toMatchObject(['INT', { default: 20, min: 1, max: 10000 }]);
    expect(at(required, 'model', 0)).toBe('MODEL');
    expect(list(at(required, 'sampler_name', 0))).toContain('euler');
  });

  it('never checks a request without an Origin, nor one with Origin: null', async () => {
    expect((await subject().call('/prompt')).status).toBe(200);
    expect((await subject().call('/prompt', { headers: { origin: 'null' } })).status).toBe(200);
  });

  it('refuses an Origin that is not its Host while that is loopback', async () => {
    const { port } = subject().server;
    const status = async (host: string, origin: string): Promise<number> =>
      (await subject().call('/prompt', { headers: { host, origin } })).status;
    expect(await status(`127.0.0.1:${port}`, `http://127.0.0.1:${port}`)).toBe(200);
    expect(await status(`127.0.0.1:${port}`, `http://localhost:${port}`)).toBe(403);
    expect(await status(`127.0.0.1:${port}`, 'https://evil.example')).toBe(403);
    expect(await status(`127.0.0.1:${port}`, 'app://page')).toBe(403);
    expect(await status('192.0.2.7:8188', 'https://evil.example')).toBe(200);
  });

  it('refuses cross-site requests from 0.33 on', async () => {
    const { status } = await subject().call('/prompt', { headers: { 'sec-fetch-site': 'cross-site' } });
    expect(status).toBe(subject().modern ? 403 : 200);
  });

  it('has the jobs API from 0.33 on', async () => {
    const { modern } = subject();
    const jobs = await subject().call('/api/jobs');
    expect(jobs.status).toBe(modern ? 200 : 404);
    expect((await subject().call('/jobs')).status).toBe(404);
    const cancel = await subject().call('/api/jobs/00000000-0000-4000-8000-000000000000/cancel', {
      method: 'POST',
    });
    expect(cancel.status).toBe(modern ? 200 : 405);
    if (!modern) return;
    expect(jobs.json).toMatchObject({
      jobs: expect.any(Array),
      pagination: { offset: 0, limit: null, total: expect.any(Number), has_more: false },
    });
    expect(cancel.json).toEqual({ cancelled: false });
    const unknown = await subject().call('/api/jobs/nope');
    expect(unknown).toMatchObject({ status: 404, json: { error: 'Job not found' } });
    expect((await subject().call('/api/jobs?status=nonsense')).status).toBe(400);
  });

  it('takes /free at any time', async () => {
    const json = { unload_models: true, free_memory: true };
    expect((await subject().call('/free', { json })).status).toBe(200);
  });
}
