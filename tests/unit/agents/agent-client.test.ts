import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { ConnectionState } from '../../../electron/core/agents/agent-connection.ts';
import { ask } from '../../../electron/core/comfy/ask.ts';
import { type Clock, systemClock } from '../../../electron/core/ports.ts';
import { AgentClient } from '../../../electron/transports/agent-client.ts';
import { BlackHole } from '../comfy/black-hole.ts';
import { until } from '../comfy/until.ts';
import { endAfterTest, MASTER, startAgent, type World } from './agent-world.ts';

/** A master's connection to a real agent server, over a network that fails in every way. */

interface Followed {
  readonly client: AgentClient;
  readonly states: readonly ConnectionState[];
}

function follow(world: World, token: string, port = world.port, clock: Clock = systemClock): Followed {
  const address = {
    url: `https://127.0.0.1:${port}`,
    headers: { authorization: `Bearer ${token}` },
    certificate: world.side.identity.certificate,
  };
  const client = new AgentClient({ address, clock, random: () => 0.2 });
  const states: ConnectionState[] = [];
  client.onState((state) => states.push(state));
  endAfterTest(() => client.close());
  client.open();
  return { client, states };
}

describe('the connection to an agent', { timeout: 40_000 }, () => {
  it('brings events and answers, and refusals as they were meant', async () => {
    const world = await startAgent();
    const { client, states } = follow(world, await world.side.masters.admit(MASTER));
    await until('it is open', () => states.length > 0);
    expect(states).toEqual([{ status: 'open' }]);
    const seen: unknown[] = [];
    client.subscribe('telemetry', (sample) => seen.push(sample));
    const sample = { at: 1, gpus: [], host: {} };
    world.center.emit('telemetry', sample as never);
    await until('the event is here', () => seen.length === 1);
    expect(seen).toEqual([sample]);
    expect((await client.invoke('fleet.snapshot', {})).instances).toEqual([]);
    await expect(client.invoke('system.quit', {})).rejects.toMatchObject({
      // Not “unauthorized”: our own client would believe itself signed out.
      code: 'conflict',
      message: expect.stringContaining('may not call'),
    });
  });

  it('notices a half-open link within 6 s, and comes back when packets flow again', async () => {
    const world = await startAgent();
    const hole = await BlackHole.before(world.port);
    endAfterTest(() => hole.close());
    const port = Number(new URL(hole.url).port);
    const { states } = follow(world, await world.side.masters.admit(MASTER), port);
    await until('it is open', () => states.length > 0);
    const cutAt = Date.now();
    hole.swallow();
    await until('it is closed', () => states.length > 1);
    expect(Date.now() - cutAt).toBeLessThan(6_000);
    expect(states[1]).toMatchObject({ status: 'closed', reason: 'no sign of life for some seconds' });
    hole.restore();
    await until('it is open again', () => states.at(-1)?.status === 'open');
  });

  it('outlives a clock that jumps, ahead and back', async () => {
    const world = await startAgent();
    let offset = 0;
    const clock: Clock = { now: () => Date.now() + offset, after: systemClock.after };
    const { client, states } = follow(world, await world.side.masters.admit(MASTER), world.port, clock);
    await until('it is open', () => states.length > 0);
    for (const jump of [86_400_000, -172_800_000]) {
      offset = jump;
      // Longer than a ping, which is when it looks at the clock.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect((await client.invoke('fleet.snapshot', {})).instances).toEqual([]);
    }
    expect(states).toEqual([{ status: 'open' }]);
  });

  it('says when it is refused, and is let in again after a new pairing without being told', async () => {
    const world = await startAgent();
    const token = await world.side.masters.admit(MASTER);
    const { states } = follow(world, token);
    await until('it is open', () => states.length > 0);
    await world.side.masters.dismiss(MASTER.id);
    await until('it is refused', () => states.some((state) => state.status === 'closed' && state.refused));
    expect(states.at(-1)).toMatchObject({ reason: expect.stringContaining('pair the two anew') });
  });

  it('believes no other certificate than the one that was pinned', async () => {
    const [world, other] = [await startAgent(), await startAgent()];
    const token = await other.side.masters.admit(MASTER);
    const { client, states } = follow(world, token, other.port);
    await until('it fails', () => states.length > 0);
    expect(states[0]).toMatchObject({ status: 'closed', refused: false });
    await expect(client.invoke('fleet.snapshot', {})).rejects.toMatchObject({ code: 'disconnected' });
  });
});

it('a request is given up as soon as nobody wants it, also while its connection is being made', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  endAfterTest(() => silent.close());
  const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const controller = new AbortController();
  const asked = ask({ url, certificate: null }, '/queue', { method: 'GET', signal: controller.signal });
  silent.once('connection', (socket) => {
    endAfterTest(() => socket.destroy());
    controller.abort(new Error('enough'));
  });
  const begun = Date.now();
  await expect(asked).rejects.toThrow('enough');
  expect(Date.now() - begun).toBeLessThan(2_000);
});
