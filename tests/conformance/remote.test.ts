import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { urlOf } from '../../shared/address.ts';
import type { AccessDraft, Readiness, RemoteDraft, Rung } from '../../shared/remote.ts';
import { failedRung } from '../../shared/remote.ts';
import { DEFAULT_RUN_OPTIONS } from '../../shared/runs.ts';
import { Center } from '../integration/support/center.ts';
import { until } from '../integration/support/until.ts';
import { Workplace } from '../integration/support/workplace.ts';
import { EXPIRED, SELF_SIGNED } from '../support/certificates.ts';
import { TlsProxy, type TlsProxyOptions } from '../support/tls-proxy.ts';
import { freePort, type RunningServer, type ServerKind, serverKinds, startServer } from './servers.ts';
import { node } from './workflows.ts';

/** Workers on other machines, simulated or real: a ComfyUI on another port, bare and behind TLS, a path and a header. */

const SECRET = 'wolkenkuckucksheim';
const PATH = '/pods/comfy';

const picture = {
  '1': node('EmptyImage', { width: 64, height: 64, batch_size: 1, color: 16_711_680 }),
  '2': node('SaveImage', { images: ['1', 0], filename_prefix: 'far' }),
};

describe.each(serverKinds())('a worker elsewhere: $label', (kind: ServerKind) => {
  let server: RunningServer;
  let place: Workplace;
  let center: Center;
  const proxies: TlsProxy[] = [];

  beforeAll(async () => {
    server = await startServer(kind);
    place = new Workplace();
    center = await Center.start(place, { demo: 1 });
  });
  afterEach(async () => {
    for (const proxy of proxies.splice(0)) await proxy.close();
  });
  afterAll(async () => {
    await center.control.close();
    await server.stop();
    expect(await place.dispose()).toEqual([]);
  });

  const proxied = async (options: Partial<TlsProxyOptions> = {}): Promise<TlsProxy> => {
    const proxy = await TlsProxy.start({
      ...{ target: server.port, path: PATH, header: ['authorization', `Bearer ${SECRET}`] },
      ...options,
    });
    proxies.push(proxy);
    return proxy;
  };
  const plain = (change: Partial<RemoteDraft> = {}): RemoteDraft => ({
    ...{ type: 'remote', name: `Far ${randomUUID()}`, host: '127.0.0.1', port: server.port },
    ...{ secure: false, path: '', certificate: null, access: { kind: 'none' } },
    ...change,
  });
  const cloud = ({ port }: TlsProxy, change: Partial<RemoteDraft> = {}): RemoteDraft =>
    plain({
      ...{ type: 'cloud', port, secure: true, path: PATH, certificate: SELF_SIGNED.cert },
      access: { kind: 'bearer', token: SECRET },
      ...change,
    });
  const test = (draft: RemoteDraft, workflow: object | null = null): Promise<Readiness> =>
    center.invoke('remote.test', {
      ...{ testId: randomUUID(), id: null, draft },
      workflow: workflow === null ? null : JSON.stringify(workflow),
    });
  const falls = async (rung: Rung, draft: RemoteDraft, workflow: object | null = null) => {
    const readiness = await test(draft, workflow);
    expect(failedRung(readiness)).toBe(rung);
    const state = readiness.rungs[rung];
    if (state.status !== 'failed') throw new Error('it holds');
    return state;
  };
  const run = async (id: string): Promise<void> => {
    const { runId } = await center.invoke('runs.submit', {
      ...{ name: 'far', workflow: JSON.stringify(picture) },
      options: { ...DEFAULT_RUN_OPTIONS, on: [id] },
    });
    const detail = await until('the run is over', async () => {
      const now = await center.invoke('runs.get', { runId });
      return ['done', 'failed', 'cancelled'].includes(now.run.status) ? now : null;
    });
    expect(detail.run).toMatchObject({ status: 'done', error: null });
    expect(detail.artifacts.map(({ instanceId }) => instanceId)).toEqual([id]);
  };
  const added = async (draft: RemoteDraft): Promise<string> => {
    const { id } = await center.invoke('remote.add', { draft });
    const { remote, url } = await center.instanceWhere(
      id,
      'is climbed',
      (one) => one.remote?.readiness?.done === true,
    );
    expect(remote?.readiness && failedRung(remote.readiness)).toBeNull();
    expect(url).toBe(urlOf(draft));
    return id;
  };

  it('climbs to the top, measures on the way, takes a run and tells its log', async () => {
    const readiness = await test(plain());
    expect(failedRung(readiness)).toBeNull();
    const { measured } = readiness;
    expect(measured.latencyMs).toBeLessThan(2_000);
    expect(measured.uploadRate).toBeGreaterThan(0);
    expect(measured.downloadRate).toBeGreaterThan(0);
    expect(measured.version).toMatch(/^\d+\.\d+/);
    const id = await added(plain());
    await run(id);
    await center.logSays(id, /got prompt/i);
    await center.invoke('worker.remove', { id });
  });

  it('works behind TLS, a path and a header, which nobody gets to see', async () => {
    const proxy = await proxied();
    const id = await added(cloud(proxy));
    await run(id);
    await center.logSays(id, /got prompt/i);
    const { remote } = await center.instance(id);
    expect(remote?.access).toBe('Bearer ••••heim');
    const settings = JSON.stringify(await center.invoke('settings.get', {}));
    expect(settings + JSON.stringify(await center.snapshot())).not.toContain(SECRET);
    // A change of its name keeps what is stored.
    const renamed = cloud(proxy, { name: 'Renamed', access: { kind: 'keep' } });
    await center.invoke('remote.update', { id, draft: renamed });
    await run(id);
    // It is not sent to another host by a slip.
    const moved = { ...renamed, host: 'elsewhere.example.com' };
    const { problems } = await center.invoke('remote.check', { id, draft: moved });
    expect(problems).toEqual([{ field: 'access', message: expect.stringContaining('opens 127.0.0.1') }]);
    await expect(
      center.invoke('remote.test', { testId: 'moved', id, draft: moved, workflow: null }),
    ).rejects.toThrow();
    // What was removed comes back with what opens it.
    const { removed, index } = await center.invoke('worker.remove', { id });
    await center.invoke('worker.restore', { removed, index });
    await center.instanceWhere(id, 'is back', ({ link }) => link.status === 'up');
    await center.invoke('worker.remove', { id });
  });

  it('says of each rung what is wrong, and what to do', async () => {
    const dead = await falls('reachable', plain({ port: await freePort() }));
    expect(dead).toMatchObject({
      detail: expect.stringContaining('Nothing answers'),
      command: expect.stringContaining('--listen'),
    });
    const nowhere = await falls('reachable', plain({ host: 'no-such-machine.invalid' }));
    expect(nowhere.detail).toMatch(/no machine called|could not be looked up/);
    const proxy = await proxied();
    const stranger = await falls('reachable', cloud(proxy, { certificate: null }));
    expect(stranger.detail).toContain('signed by nobody');
    expect(stranger.certificate?.pem.trim()).toBe(SELF_SIGNED.cert.trim());
    const other = await falls('reachable', cloud(proxy, { certificate: EXPIRED.cert }));
    expect(other.certificate?.fingerprint).toBe(stranger.certificate?.fingerprint);
    const expired = await proxied({ pair: EXPIRED });
    expect((await falls('reachable', cloud(expired, { certificate: EXPIRED.cert }))).detail).toContain(
      'not valid today',
    );
    const notTls = await falls('reachable', plain({ secure: true }));
    expect(notTls.detail).toContain('does not speak https');
    const locked = await falls('comfyui', cloud(proxy, { access: { kind: 'none' } }));
    expect(locked.remedy).toContain('Access');
    const elsewhere = await falls('comfyui', cloud(proxy, { path: '/other' }));
    expect(elsewhere.remedy).toContain('path');
  });

  it('knows captive pages, proxies without a server behind them, and files that are changed on the way', async () => {
    const answering = (instead: NonNullable<TlsProxyOptions['instead']>) => proxied({ instead });
    const page = await answering((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>');
      return true;
    });
    expect((await falls('comfyui', cloud(page))).remedy).toContain('captive portal');
    const asleep = await proxied({ target: await freePort() });
    expect((await falls('comfyui', cloud(asleep))).detail).toContain('does not reach the server behind it');
    const changing = await answering((_, response, route) => {
      if (!route.startsWith('/view')) return false;
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(Buffer.alloc(65_536));
      return true;
    });
    expect((await falls('files', cloud(changing))).detail).toContain('other bytes');
    const small = await answering((request, response, route) => {
      if (!route.startsWith('/upload')) return false;
      request.resume();
      request.once('end', () => response.writeHead(413).end());
      return true;
    });
    expect((await falls('files', cloud(small))).detail).toContain('does not take a file as large');
  });

  it('tells which nodes and models of a workflow are missing there', async () => {
    const withNode = { ...picture, '3': node('NobodyHasThisNode', {}) };
    expect((await falls('nodes', plain(), withNode)).detail).toContain('NobodyHasThisNode');
    const withModel = {
      ...picture,
      '3': node('CheckpointLoaderSimple', { ckpt_name: 'absent.safetensors' }),
    };
    expect((await falls('models', plain(), withModel)).detail).toContain('absent.safetensors');
    expect(failedRung(await test(plain(), picture))).toBeNull();
  });

  it('may be tested by several at once', async () => {
    const ladders = await Promise.all(Array.from({ length: 6 }, () => test(plain())));
    expect(ladders.map(failedRung)).toEqual(ladders.map(() => null));
  });

  it('refuses what is no worker before anybody is asked', async () => {
    const problems = async (draft: RemoteDraft): Promise<string> => {
      const check = await center.invoke('remote.check', { id: null, draft });
      return check.problems.map(({ field, message }) => `${field}: ${message}`).join('; ');
    };
    const { port } = await center.instance('master');
    const gateway = Number(new URL((await center.invoke('gateway.status', {})).url ?? 'http://x:1').port);
    expect(await problems(plain({ port }))).toContain('a local one');
    expect(await problems(plain({ host: 'localhost', port: gateway }))).toMatch(/not a worker|^$/);
    expect(await problems(plain({ host: 'two words' }))).toContain('host:');
    expect(await problems(plain({ path: 'comfy/' }))).toContain('path:');
    const header = (name: string, value: string): AccessDraft => ({
      kind: 'headers',
      headers: [{ name, value }],
    });
    expect(await problems(plain({ access: header('Host', 'x') }))).toContain('belongs to the connection');
    expect(await problems(plain({ access: header('X-A', 'a\nb') }))).toContain('no header can carry');
    const { id } = await center.invoke('remote.add', { draft: plain() });
    expect(await problems(plain())).toContain('already');
    await center.invoke('worker.remove', { id });
  });
});
