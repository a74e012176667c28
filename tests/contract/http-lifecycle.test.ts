import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ControlServer } from '../../electron/transports/http-server.ts';
import { FakeCenter } from './fake-center.ts';
import { serve, TOKEN } from './links.ts';
import { tryUpgrade } from './raw-http.ts';

const bearer = { authorization: `Bearer ${TOKEN}` };
let center: FakeCenter;
let server: ControlServer;
beforeEach(async () => {
  center = new FakeCenter();
  server = await serve(center);
});
afterEach(() => server.close());

it('closes within its bound, whatever is open', async () => {
  const idle = connect(server.port, '127.0.0.1');
  const half = connect(server.port, '127.0.0.1');
  half.write('POST /api/commands/fleet.startAll HTTP/1.1\r\n');
  const ended = [idle, half].map(
    (socket) => new Promise((resolve) => socket.on('error', resolve).on('close', resolve)),
  );
  await tryUpgrade(server.port, '/events', bearer);
  await server.close();
  await Promise.all(ended);
  expect(center.listeners).toBe(0);
});

describe('a port that is taken', () => {
  it('is named, with the next free one', async () => {
    const error = await serve(center, { port: server.port }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'port-in-use',
      message: `Port ${server.port} is already in use on this machine.`,
    });
    expect(String((error as { hint: unknown }).hint)).toMatch(/^Port \d+ is free: use --port \d+\.$/);
  });

  it('is passed over when nobody asked for it', async () => {
    const second = await serve(center, { port: server.port, fallback: true });
    expect(second.port).toBeGreaterThan(server.port);
    await second.close();
  });

  it('is no excuse for an address that this machine lacks', async () => {
    await expect(serve(center, { host: '192.0.2.1' })).rejects.toMatchObject({ code: 'bad-argument' });
  });
});
