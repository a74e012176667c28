import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { COMMAND_NAMES } from '../../../shared/parse.ts';
import { instanceSnapshot } from '../../support/fixtures.ts';
import { endAfterTest, MASTER, startAgent, type World } from './agent-world.ts';

/** What a master, and anybody else, gets from an agent's address. */

interface Got {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

const MIB = 1_048_576;

async function comfy(handler: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(handler);
  const sockets = new WebSocketServer({ server });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endAfterTest(() => {
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { sockets, instance: instanceSnapshot({ url: `http://127.0.0.1:${port}`, port }) };
}

function trusting({ side, port }: World, token: string | null): RequestOptions {
  return {
    ...{ host: '127.0.0.1', port, ca: side.identity.certificate, checkServerIdentity: () => undefined },
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
  };
}

function send(
  world: World,
  token: string | null,
  path: string,
  {
    method = 'GET',
    body = null,
    headers = {},
  }: { method?: string; body?: Readable | null; headers?: object } = {},
): Promise<Got> {
  const options = trusting(world, token);
  return new Promise((resolve, reject) => {
    const asked = request(
      { ...options, path, method, headers: { ...options.headers, ...headers } },
      async (reply) => {
        const chunks: Buffer[] = [];
        for await (const chunk of reply) chunks.push(chunk as Buffer);
        resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: Buffer.concat(chunks) });
      },
    );
    asked.on('error', reject);
    if (body === null) asked.end();
    else body.pipe(asked);
  });
}

function command(world: World, token: string | null, name: string, args: unknown): Promise<Got> {
  return send(world, token, `/api/commands/${name}`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: Readable.from([JSON.stringify(args)]),
  });
}

describe('the address of an agent', () => {
  it('tells strangers nothing and takes nothing from them', async () => {
    const { instance } = await comfy((_, response) => response.end('secret'));
    const world = await startAgent({ instances: [instance] });
    const token = await world.side.masters.admit(MASTER);
    expect((await send(world, null, '/')).body.toString()).toBe('A Comfy Ensemble agent.\n');
    for (const wrong of [null, 'x', `${token}x`]) {
      expect((await send(world, wrong, '/instances/worker-1/queue')).status).toBe(401);
      expect((await command(world, wrong, 'fleet.snapshot', {})).status).toBe(401);
    }
    // A page of some site that has got hold of the token is still a page of some site.
    const page = { headers: { origin: 'https://evil.example' } };
    expect((await send(world, token, '/instances/worker-1/queue', page)).status).toBe(401);
    expect(world.center.calls).toEqual([]);
    const socket = new WebSocket(`wss://127.0.0.1:${world.port}/events`, { rejectUnauthorized: false });
    const [, reply] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(reply.statusCode).toBe(401);
    socket.on('error', () => {});
    socket.terminate();
  });

  it('lets a master do what is about servers and GPUs, and nothing else', async () => {
    const remote = instanceSnapshot({ id: 'worker-2', type: 'remote' });
    const world = await startAgent({ instances: [instanceSnapshot(), remote] });
    const token = await world.side.masters.admit(MASTER);
    const allowed: string[] = [];
    for (const name of COMMAND_NAMES) {
      const { status, body } = await command(world, token, name, { id: 'worker-1' });
      if (!body.toString().includes('may not call')) allowed.push(name);
      else expect(status).toBe(401);
    }
    expect(allowed.sort()).toEqual(
      [
        ...['fleet.snapshot', 'gpus.rescan', 'instance.restart', 'instance.start', 'instance.stop'],
        ...['logs.clear', 'logs.read', 'telemetry.history'],
      ].sort(),
    );
    const foreign = await command(world, token, 'instance.stop', { id: 'worker-2' });
    expect(foreign.body.toString()).toContain('no instance “worker-2”');
    const snapshot = JSON.parse((await command(world, token, 'fleet.snapshot', {})).body.toString());
    expect(snapshot.result.instances.map(({ id }: { id: string }) => id)).toEqual(['worker-1']);
  });

  it('passes requests to its servers on as streams, ranges and heads included', async () => {
    const seen: IncomingMessage[] = [];
    const { instance } = await comfy(async (incoming, response) => {
      seen.push(incoming);
      let size = 0;
      for await (const chunk of incoming) size += (chunk as Buffer).length;
      if (incoming.headers.range !== undefined) response.statusCode = 206;
      response.setHeader('content-range', 'bytes 1-2/9');
      response.end(incoming.method === 'HEAD' ? undefined : `${incoming.method} ${incoming.url} ${size}`);
    });
    const world = await startAgent({ instances: [instance] });
    const token = await world.side.masters.admit(MASTER);
    const base = '/instances/worker-1';
    const part = await send(world, token, `${base}/view?filename=a%2Fb.png`, {
      headers: { range: 'bytes=1-2' },
    });
    expect(part).toMatchObject({ status: 206, headers: { 'content-range': 'bytes 1-2/9' } });
    expect(part.body.toString()).toBe('GET /view?filename=a%2Fb.png 0');
    expect((await send(world, token, `${base}/view`, { method: 'HEAD' })).body.byteLength).toBe(0);
    const pieces = Array.from({ length: 64 }, () => Buffer.alloc(MIB));
    const upload = { method: 'POST', body: Readable.from(pieces), headers: { 'content-length': 64 * MIB } };
    expect((await send(world, token, `${base}/upload/image`, upload)).body.toString()).toBe(
      `POST /upload/image ${64 * MIB}`,
    );
    // ComfyUI compares Host with Origin; our token is nobody else's business.
    for (const { headers } of seen) {
      expect(headers.authorization).toBeUndefined();
      expect(headers.host).toBe(new URL(instance.url).host);
    }
  });

  it('reaches nothing but its servers', async () => {
    const { instance } = await comfy((incoming, response) => response.end(incoming.url));
    const world = await startAgent({ instances: [instance] });
    const token = await world.side.masters.admit(MASTER);
    for (const path of [
      '/instances/worker-9/queue',
      '/instances/../etc/passwd',
      '/instances/worker-1',
      '/files/x',
    ]) {
      expect((await send(world, token, path)).status, path).toBe(404);
    }
    // However the path begins, the host stays the same.
    for (const path of ['//evil.example/x', '/@evil.example/x', '/http://evil.example/x', '/../x']) {
      const { status, body } = await send(world, token, `/instances/worker-1${path}`);
      expect(status, path).toBe(200);
      expect(body.toString()).toMatch(/x$/);
    }
    const down = instanceSnapshot({ id: 'worker-3', url: 'http://127.0.0.1:9', name: 'Worker 3' });
    const other = await startAgent({ instances: [down] });
    const answer = await send(other, await other.side.masters.admit(MASTER), '/instances/worker-3/queue');
    expect(answer.status).toBe(503);
    expect(answer.body.toString()).toContain('Worker 3 does not answer');
  });
});

describe('sockets at an agent', () => {
  it('are passed on from end to end, pings included, and end with either side', async () => {
    const { instance, sockets } = await comfy((_, response) => response.end());
    sockets.on('connection', (client, incoming) => {
      client.send(`hello ${incoming.url} ${incoming.headers.authorization ?? 'nobody'}`);
      client.on('message', (data, isBinary) => client.send(data, { binary: isBinary }));
    });
    const world = await startAgent({ instances: [instance] });
    const token = await world.side.masters.admit(MASTER);
    const url = `wss://127.0.0.1:${world.port}/instances/worker-1/ws?clientId=7`;
    const client = new WebSocket(url, trusting(world, token) as object);
    const [hello] = await once(client, 'message');
    expect(String(hello)).toBe('hello /ws?clientId=7 nobody');
    const large = Buffer.alloc(8 * MIB, 7);
    client.send(large);
    const [echo] = (await once(client, 'message')) as [Buffer];
    expect(echo.equals(large)).toBe(true);
    client.ping('there?');
    expect(String((await once(client, 'pong'))[0])).toBe('there?');
    for (const one of sockets.clients) one.terminate();
    await once(client, 'close');

    const refused = new WebSocket(url.replace('worker-1', 'worker-9'), trusting(world, token) as object);
    const [, reply] = (await once(refused, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(reply.statusCode).toBe(404);
    refused.on('error', () => {});
    refused.terminate();
  });

  it('tell a master of its own servers alone, and end when it is dismissed', async () => {
    const mine = instanceSnapshot();
    const world = await startAgent({ instances: [mine] });
    const token = await world.side.masters.admit(MASTER);
    const client = new WebSocket(`wss://127.0.0.1:${world.port}/events`, trusting(world, token) as object);
    await once(client, 'open');
    const frames: { event: string; payload: { instances: unknown[]; order: unknown } }[] = [];
    client.on('message', (data) => frames.push(JSON.parse(String(data))));
    expect(world.side.masters.list[0]?.connected).toBe(true);
    const remote = instanceSnapshot({ id: 'worker-2', type: 'cloud' });
    const root = {};
    world.center.emit('settings', {} as never);
    world.center.emit('fleet', {
      ...{ epoch: 'e', revision: 3, root, instances: [mine, remote], order: ['worker-1', 'worker-2'] },
    });
    await once(client, 'message');
    expect(frames).toMatchObject([
      { event: 'fleet', payload: { revision: 3, instances: [{ id: 'worker-1' }], order: ['worker-1'] } },
    ]);
    const closed = once(client, 'close');
    expect(await world.side.masters.dismiss(MASTER.id)).toBe(true);
    await closed;
    expect(world.side.masters.list).toEqual([]);
    expect((await command(world, token, 'fleet.snapshot', {})).status).toBe(401);
  });

  it('are let go of by the master itself, who gets its answer', async () => {
    const world = await startAgent();
    const token = await world.side.masters.admit(MASTER);
    const post = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Readable.from(['{}']),
    };
    expect(await send(world, token, '/pair/end', post)).toMatchObject({ status: 200 });
    expect(world.side.masters.list).toEqual([]);
  });
});
