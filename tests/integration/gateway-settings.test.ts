import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { thisMachine } from '../../electron/core/gateway/access/machine.ts';
import type { GatewayStatus } from '../../shared/contract.ts';
import { freePort } from '../conformance/servers.ts';
import { send } from '../contract/raw-http.ts';
import { prepareDemo, QUICK } from './support/fleets.ts';
import { runCli } from './support/host.ts';
import { newPlace, startHost } from './support/places.ts';
import { until } from './support/until.ts';

/** The ComfyUI address of a whole control center, as its settings, its command line and its options have it. */

const LAN = thisMachine.addresses().find((address) => !address.startsWith('[')) ?? '';

async function startAt(place: ReturnType<typeof newPlace>, args: readonly string[] = []) {
  const ports = await prepareDemo(place, 2);
  const gatewayPort = await freePort();
  place.write({ version: 1, autoLaunch: false, gatewayPort }, 'data', 'settings.json');
  const host = await startHost(place, { args: ['--demo=2', ...args], environment: QUICK });
  return { host, gatewayPort, ports };
}

it('moves and opens by its settings at once, tells who is there, and keeps what could be had', async () => {
  const place = newPlace();
  const { host, gatewayPort, ports } = await startAt(place);
  expect(host.announcement.gateway).toBe(`http://127.0.0.1:${gatewayPort}`);
  const told: GatewayStatus[] = [];
  host.client.subscribe('gateway', (status) => told.push(status));

  const next = await freePort();
  await host.invoke('settings.update', { patch: { gatewayPort: next } });
  expect((await host.invoke('system.info', {})).gatewayUrl).toBe(`http://127.0.0.1:${next}`);
  const socket = new WebSocket(`ws://127.0.0.1:${next}/ws?clientId=me`, {
    headers: { 'user-agent': 'Krita' },
  });
  await once(socket, 'open');
  await until('the client is told of', () => told.some(({ clients }) => clients[0]?.program === 'Krita'));

  const page = Number(new URL(host.announcement.url).port);
  const taken = host.invoke('settings.update', { patch: { gatewayPort: page } });
  await expect(taken).rejects.toMatchObject({
    code: 'port-in-use',
    message: /^Port \d+ is taken by another/,
  });
  const owned = host.invoke('settings.update', { patch: { gatewayPort: ports[1] ?? 0 } });
  await expect(owned).rejects.toMatchObject({ message: `Port ${ports[1]} belongs to Worker 1.` });
  expect((await host.invoke('settings.get', {})).gatewayPort).toBe(next);
  expect(socket.readyState).toBe(WebSocket.OPEN);

  const gone = once(socket, 'close');
  await host.invoke('settings.update', { patch: { gatewayOpen: true } });
  await gone;
  const { token } = await host.invoke('gateway.token', {});
  const file = place.file('data', 'gateway-token');
  expect(readFileSync(file, 'utf8').trim()).toBe(token);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(place.file('data', 'settings.json'), 'utf8')).not.toContain(token);
  if (LAN !== '') {
    const ask = (headers = {}) => send(next, { host: LAN, path: '/prompt', headers });
    expect((await ask()).status).toBe(401);
    expect((await ask({ authorization: `Bearer ${token}` })).status).toBe(200);
  }

  const cli = await runCli(place, ['gateway', '--json', '--show-token']).ended;
  expect(JSON.parse(cli.stdout)).toMatchObject({ url: `http://127.0.0.1:${next}`, open: true, token });
  expect((await runCli(place, ['gateway']).ended).stdout).not.toContain(token);

  await host.end('SIGTERM');
  expect(readFileSync(place.file('data', 'logs', 'control-center.log'), 'utf8')).not.toContain(token);
  const again = await startHost(place, { args: ['--demo=2'], environment: QUICK });
  expect(await again.invoke('gateway.status', {})).toMatchObject({
    url: `http://127.0.0.1:${next}`,
    open: true,
  });
  expect((await again.invoke('gateway.token', {})).token).toBe(token);
  const renewed = await again.invoke('gateway.renewToken', {});
  expect(renewed.token).not.toBe(token);
});

it('listens where --gateway-host says, whatever the settings say', async () => {
  const { host, gatewayPort } = await startAt(newPlace(), ['--gateway-host', '0.0.0.0']);
  const status = await host.invoke('gateway.status', {});
  expect(status).toMatchObject({ open: true, fixedHost: '0.0.0.0', url: `http://127.0.0.1:${gatewayPort}` });
  await host.invoke('settings.update', { patch: { gatewayOpen: false } });
  expect((await host.invoke('gateway.status', {})).open).toBe(true);
});

it('says in one notice that it cannot listen there, and the fleet goes on', async () => {
  const { host } = await startAt(newPlace(), ['--gateway-host', '203.0.113.1']);
  const { detail } = await host.notice(/has no ComfyUI address/);
  expect(detail).toContain('--gateway-host');
  expect(await host.invoke('gateway.status', {})).toMatchObject({ url: null, fixedHost: '203.0.113.1' });
});
