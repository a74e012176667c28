import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Clock } from '../../electron/core/ports.ts';
import { HttpClient } from '../../electron/transports/http-client.ts';
import { FakeCenter, SETTINGS_EVENT, telemetryAt } from './fake-center.ts';
import { connected, serve, TOKEN } from './links.ts';

const DEADLINE = { timeout: 15_000 };

/** Runs what is due when a test says so. */
class ManualClock implements Clock {
  readonly #due: (() => void)[] = [];
  now(): number {
    return 0;
  }
  after(_ms: number, callback: () => void): () => void {
    this.#due.push(callback);
    return () => {
      const index = this.#due.indexOf(callback);
      if (index >= 0) this.#due.splice(index, 1);
    };
  }
  fire(): void {
    for (const callback of this.#due.splice(0)) callback();
  }
}

describe('a client whose control center restarts', () => {
  it('is told, fails its commands with words, and comes back by itself', async () => {
    const center = new FakeCenter();
    const first = await serve(center);
    const client = new HttpClient({ url: first.url, token: TOKEN });
    const heard = vi.fn();
    const states: boolean[] = [];
    client.onConnection((isConnected) => states.push(isConnected));
    client.subscribe('telemetry', heard);
    await connected(client);
    await first.close();
    await vi.waitFor(() => expect(states).toEqual([true, false]), DEADLINE);
    await expect(client.invoke('system.info', {})).rejects.toMatchObject({ code: 'disconnected' });
    const second = await serve(center, { port: first.port });
    await vi.waitFor(() => expect(states).toEqual([true, false, true]), DEADLINE);
    center.emit('telemetry', telemetryAt(7));
    await vi.waitFor(() => expect(heard).toHaveBeenCalledWith(telemetryAt(7)), DEADLINE);
    client.close();
    await second.close();
  });

  it('is refused with the code of the control center when its token is wrong', async () => {
    const server = await serve(new FakeCenter());
    const client = new HttpClient({ url: server.url, token: 'wrong' });
    await expect(client.invoke('system.info', {})).rejects.toMatchObject({ code: 'unauthorized' });
    client.close();
    await server.close();
  });

  it('lets go of a long wait when it is told to', async () => {
    const center = new FakeCenter();
    const never = new Promise<never>(() => undefined);
    const server = await serve(
      Object.assign(center, { handlers: { ...center.handlers, 'logs.read': () => never } }),
    );
    const client = new HttpClient({ url: server.url, token: TOKEN });
    const abort = new AbortController();
    const reading = client.invoke(
      'logs.read',
      { id: 'a', after: null, limit: 1, waitMs: 30_000 },
      abort.signal,
    );
    abort.abort();
    await expect(reading).rejects.toMatchObject({ name: 'EnsembleError' });
    client.close();
    await server.close();
  });
});

describe('the event socket', () => {
  const open = async (port: number): Promise<WebSocket> => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const socket = new WebSocket(`ws://127.0.0.1:${port}/events`, { headers, autoPong: false });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return socket;
  };

  it('ends a peer that answers no ping, and keeps one that does', async () => {
    const clock = new ManualClock();
    const server = await serve(new FakeCenter(), { clock });
    const [dead, alive] = await Promise.all([open(server.port), open(server.port)]);
    const pinged = Promise.all(
      [dead, alive].map((socket) => new Promise((resolve) => socket.once('ping', resolve))),
    );
    const ended = new Promise((resolve) => dead.once('close', resolve));
    clock.fire();
    await pinged;
    alive.pong();
    // Our pong travels before the next round: an echo of the server shows that it was read.
    await new Promise((resolve) => {
      alive.once('pong', resolve);
      alive.ping();
    });
    clock.fire();
    await ended;
    expect(alive.readyState).toBe(WebSocket.OPEN);
    alive.terminate();
    await server.close();
  });

  it('drops telemetry for a client that does not read, and disconnects it rather than lose a change of state', async () => {
    const center = new FakeCenter();
    const server = await serve(center);
    const socket = connect(server.port, '127.0.0.1');
    socket.write(
      `GET /events HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${TOKEN}\r\n` +
        'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    const closed = new Promise((resolve) => socket.once('close', resolve).once('error', resolve));
    const wide = { ...telemetryAt(1), gpus: Array.from({ length: 2000 }, () => gpuSample()) };
    const before = process.memoryUsage().arrayBuffers;
    for (let round = 0; round < 400; round += 1) center.emit('telemetry', wide);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
    center.emit('settings', SETTINGS_EVENT);
    socket.resume();
    await closed;
    await server.close();
  });

  it('ends a client that talks', async () => {
    const server = await serve(new FakeCenter());
    const socket = await open(server.port);
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    socket.send('x'.repeat(2000));
    expect(await closed).toBe(1009);
    await server.close();
  });

  it('says good-bye when the control center ends', async () => {
    const server = await serve(new FakeCenter());
    const socket = await open(server.port);
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    await server.close();
    expect(await closed).toBe(1001);
  });
});

function gpuSample() {
  const uuid = 'GPU-00000000-0000-0000-0000-000000000000';
  return { uuid, memoryUsed: 1e9, utilization: 0.5, temperature: 60, power: 200, powerLimit: 300 };
}
