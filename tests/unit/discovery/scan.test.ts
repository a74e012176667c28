import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcp } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { pluginWorkers, scanPorts } from '../../../electron/core/discovery/scan.ts';
import { systemClock } from '../../../electron/core/ports.ts';

const HOST = '127.0.0.1';
const DEPS = { clock: systemClock, isKnown: ({ port }: { readonly port: number }) => port % 2 === 0 };
const STATS = {
  system: { os: 'posix', comfyui_version: '0.33.0', python_version: '3', argv: [] },
  devices: [
    {
      name: 'cuda:0 RTX',
      type: 'cuda',
      index: 0,
      vram_total: 7,
      vram_free: 1,
      torch_vram_total: 1,
      torch_vram_free: 1,
    },
  ],
};

const servers: { close(): unknown }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listening(listener: RequestListener): Promise<number> {
  const server: Server = createServer(listener);
  servers.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return (server.address() as AddressInfo).port;
}

describe('asking the ports of one machine', { timeout: 20_000 }, () => {
  it('says what listens on each: a ComfyUI, something else, nothing', async () => {
    const comfy = await listening((_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(STATS));
    });
    const page = await listening((_, response) =>
      response.setHeader('content-type', 'text/html').end('<p>router'),
    );
    const free = createTcp();
    await new Promise<void>((resolve) => free.listen(0, HOST, resolve));
    const closed = (free.address() as AddressInfo).port;
    await new Promise((resolve) => free.close(resolve));
    const ports = await scanPorts(HOST, `${comfy},${page},${closed}`, DEPS);
    const of = (port: number) => ports.find((one) => one.port === port);
    expect(of(comfy)).toMatchObject({
      status: 'comfyui',
      version: '0.33.0',
      gpu: 'cuda:0 RTX',
      vramTotal: 7,
    });
    expect(of(comfy)).toMatchObject({ reason: null, known: comfy % 2 === 0 });
    expect(of(page)).toMatchObject({ status: 'other', reason: expect.stringMatching(/\S/) });
    expect(of(closed)).toMatchObject({ status: 'closed', reason: expect.stringMatching(/\S/) });
  });

  it.each(['192.168.1.0/24', '10.0.0.1-10.0.0.9', '*', 'a b', 'http://x'])(
    'never scans a network: “%s”',
    async (host) => {
      await expect(scanPorts(host, '8188', DEPS)).rejects.toMatchObject({ code: 'bad-argument' });
    },
  );
});

describe('the worker list of the plugin', () => {
  it('becomes suggestions; its own machine is that machine', async () => {
    const config = {
      master: { host: '' },
      workers: [
        { id: '1', name: 'Two', port: 8189, cuda_device: 1, enabled: true },
        { id: '2', name: 'Local', host: 'localhost', port: 8190, type: 'local' },
        { id: '3', name: 'Far', host: '10.0.0.7', port: 8188, type: 'remote' },
        { id: '4', name: 'Pod', host: 'abc-8188.proxy.runpod.net', port: 443, type: 'cloud' },
        { id: '5', name: 'Broken', host: 'not a host', port: 1 },
      ],
      settings: {},
    };
    const port = await listening((incoming, response) => {
      expect(incoming.url).toBe('/distributed/config');
      response.end(JSON.stringify(config));
    });
    const plain = { secure: false, path: '' };
    expect(await pluginWorkers(HOST, port, DEPS)).toEqual([
      { name: 'Two', host: HOST, port: 8189, known: false, ...plain },
      { name: 'Local', host: HOST, port: 8190, known: true, ...plain },
      { name: 'Far', host: '10.0.0.7', port: 8188, known: true, ...plain },
      { name: 'Pod', host: 'abc-8188.proxy.runpod.net', port: 443, known: false, secure: true, path: '' },
    ]);
  });

  it('says what is there instead', async () => {
    const port = await listening((_, response) => {
      response.statusCode = 404;
      response.end();
    });
    await expect(pluginWorkers(HOST, port, DEPS)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('status 404'),
    });
    const other = await listening((_, response) => response.end('[]'));
    await expect(pluginWorkers(HOST, other, DEPS)).rejects.toMatchObject({ code: 'bad-argument' });
  });
});
