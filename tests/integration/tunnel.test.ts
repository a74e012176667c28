import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { readRegistry } from '../../electron/core/supervisor/registry.ts';
import type { Settings } from '../../shared/settings.ts';
import type { TunnelState } from '../../shared/tunnel.ts';
import { type RawRequest, send } from '../contract/raw-http.ts';
import { installStandIn, type Life, type StandIn } from '../support/cloudflared/install.ts';
import { prepareDemo, QUICK } from './support/fleets.ts';
import { type Host, runCli } from './support/host.ts';
import { newPlace, startHost } from './support/places.ts';
import { until } from './support/until.ts';
import { freePorts, kill, type Workplace } from './support/workplace.ts';

const NAME = 'calm-river-otter-song.trycloudflare.com';
const URL_OF_TUNNEL = `https://${NAME}`;
const WORKFLOW: unknown = JSON.parse(
  readFileSync(new URL('../../examples/model-free.json', import.meta.url), 'utf8'),
);

interface Scene {
  readonly place: Workplace;
  readonly standIn: StandIn;
  readonly edgePort: number;
  readonly gatewayPort: number;
  start(): Promise<Host>;
}

async function scene(settings: Partial<Settings> = {}, lives: readonly Life[] = [{}]): Promise<Scene> {
  const place = newPlace();
  const [edgePort = 0, gatewayPort = 0] = await freePorts(2);
  await prepareDemo(place, 1, { gatewayPort, ...settings });
  const standIn = installStandIn(place.bin, { edgePort, lives });
  const start = async (): Promise<Host> => {
    const host = await startHost(place, { args: ['--demo=1'], environment: QUICK });
    await host.allReady(1);
    return host;
  };
  return { place, standIn, edgePort, gatewayPort, start };
}

async function reaches(host: Host, status: TunnelState['status']): Promise<TunnelState> {
  return until(`the tunnel is ${status}`, async () => {
    const { state } = await host.invoke('tunnel.status', {});
    return state.status === status && state;
  });
}

const addresses = async (host: Host) => (await host.invoke('gateway.status', {})).addresses;

/** A browser or a program somewhere in the world. */
function world(edgePort: number) {
  const ask = (request: RawRequest) =>
    send(edgePort, { ...request, headers: { host: NAME, ...request.headers } });
  const listen = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    new Promise<WebSocket | number>((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${edgePort}${path}`, {
        headers: { host: NAME, ...headers },
      });
      socket.once('open', () => resolve(socket));
      socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
      socket.once('error', () => resolve(0));
    });
  return { ask, listen };
}

describe('a tunnel to the ComfyUI address', () => {
  it('lets the world run a prompt with the token, and nobody without it', async () => {
    const { start, edgePort, gatewayPort } = await scene();
    const host = await start();
    const { ask, listen } = world(edgePort);
    expect(await addresses(host)).toEqual([]);
    await host.invoke('tunnel.start', { kind: 'quick' });
    expect(await reaches(host, 'up')).toMatchObject({ url: URL_OF_TUNNEL });
    expect(await addresses(host)).toEqual([URL_OF_TUNNEL]);
    const { token } = await host.invoke('gateway.token', {});
    const authorization = `Bearer ${token}`;
    const prompt = JSON.stringify({ prompt: WORKFLOW, client_id: 'far' });
    const json = { 'content-type': 'application/json' };

    for (const path of ['/', '/system_stats', '/queue', '/view?filename=a.png', '/ensemble']) {
      expect((await ask({ path })).status, path).toBe(401);
    }
    expect((await ask({ path: '/prompt', method: 'POST', headers: json, body: prompt })).status).toBe(401);
    expect(await listen('/ws?clientId=far')).toBe(401);

    const page = await ask({ path: `/?token=${token}`, headers: { accept: 'text/html' } });
    expect(page.status).toBe(303);
    const [cookie = ''] = page.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict; Max-Age=\d+; Secure$/);
    const pass = { cookie: cookie.split(';')[0] ?? '' };
    expect((await ask({ path: '/system_stats', headers: pass })).status).toBe(200);
    const near = await send(gatewayPort, {
      path: '/queue',
      headers: { ...pass, host: `localhost:${gatewayPort}`, via: 'x' },
    });
    expect(near.status).toBe(401);

    const socket = await listen(`/ws?clientId=far`, { ...pass, origin: URL_OF_TUNNEL });
    if (typeof socket === 'number') throw new Error(`the WebSocket got ${socket}`);
    const heard: string[] = [];
    socket.on('message', (data, isBinary) => {
      if (!isBinary) heard.push(String((JSON.parse(String(data)) as { type: unknown }).type));
    });
    const answer = await ask({
      path: '/prompt',
      method: 'POST',
      headers: { ...json, authorization },
      body: prompt,
    });
    expect(answer.status).toBe(200);
    await until('it has run', () => heard.includes('execution_success'));

    await host.invoke('tunnel.stop', {});
    await until('the WebSocket has ended', () => socket.readyState === WebSocket.CLOSED);
    expect(await addresses(host)).toEqual([]);
    const stale = await send(gatewayPort, { path: '/queue', headers: { host: NAME, authorization } });
    expect(stale.status).toBe(403);
  });

  it('ends with a control center that is killed, and does not come back by itself', async () => {
    const { start, place, standIn } = await scene({ stopOnQuit: false });
    const host = await start();
    await host.invoke('tunnel.start', { kind: 'quick' });
    await reaches(host, 'up');
    const guarded = readRegistry(place.file('data', 'tunnel', 'processes.json'));
    await host.end('SIGKILL');
    const pid = guarded.processes['tunnel']?.pid;
    expect(pid).toBe(standIn.lives[0]?.pid);
    await until(
      'the tunnel has ended',
      async () => !(await place.processes()).some((row) => row.pid === pid),
      8_000,
    );

    const again = await start();
    expect((await again.invoke('tunnel.status', {})).state).toEqual({ status: 'off' });
    expect(await addresses(again)).toEqual([]);
    expect(standIn.lives).toHaveLength(1);
    await again.invoke('fleet.stopAll', {});
  });

  it('is ended by the next one where its guardian was killed too', async () => {
    const { start, place } = await scene();
    const host = await start();
    await host.invoke('tunnel.start', { kind: 'quick' });
    await reaches(host, 'up');
    const file = place.file('data', 'tunnel', 'processes.json');
    const { guardian, processes } = readRegistry(file);
    kill(guardian?.pid ?? 0, 'SIGKILL');
    await until('another guardian is there', () => readRegistry(file).guardian?.pid !== guardian?.pid);
    kill(readRegistry(file).guardian?.pid ?? 0, 'SIGSTOP');
    const stopped = readRegistry(file).guardian?.pid ?? 0;
    await host.end('SIGKILL');
    kill(stopped, 'SIGKILL');
    const pid = processes['tunnel']?.pid ?? 0;
    const runs = async (): Promise<boolean> => (await place.processes()).some((row) => row.pid === pid);
    expect(await runs()).toBe(true);
    // As if it had been killed before it could write anything down.
    place.write({ version: 1, processes: {} }, 'data', 'tunnel', 'processes.json');
    const again = await start();
    expect(await runs()).toBe(false);
    expect((await again.invoke('tunnel.status', {})).state).toEqual({ status: 'off' });
  });

  it('comes up with the app where that is set, and is restored after it died', async () => {
    const { start, standIn } = await scene({ tunnelAtStart: 'quick' }, [{ end: { afterMs: 500 } }, {}]);
    const host = await start();
    await reaches(host, 'up');
    await until('it has had a second life', () => standIn.lives.length === 2);
    await reaches(host, 'up');
    expect(await addresses(host)).toEqual([URL_OF_TUNNEL]);
    await host.notice(/is on the internet/);
  });

  it('is opened, shown and closed by the command line', async () => {
    const { start, place } = await scene();
    await start();
    const cli = (...args: readonly string[]) => runCli(place, ['tunnel', ...args]).ended;
    const refused = await cli('start');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('whole internet') });
    const opened = await cli('start', '--yes');
    expect(opened).toMatchObject({ code: 0, stdout: expect.stringContaining(URL_OF_TUNNEL) });
    expect(JSON.parse((await cli('status', '--json')).stdout).state).toMatchObject({ status: 'up' });
    expect(await cli('stop')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('There is no tunnel.'),
    });
  });
});
