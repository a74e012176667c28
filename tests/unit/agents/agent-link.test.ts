import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { theirRefusal } from '../../../electron/core/agents/their-refusal.ts';
import { AGENT_ID } from './agent-world.ts';
import { open, pair, settled } from './fake-network.ts';

describe('a link', () => {
  it('asks again when a snapshot did not come, and when a change is missing', async () => {
    const world = open();
    const connection = await pair(world);
    const asked = (): number => connection.calls.filter((call) => call.startsWith('fleet.snapshot')).length;
    const before = asked();
    connection.failure = new Error('busy');
    connection.fleet.emit({ epoch: 'e', revision: 9, root: {}, instances: [], order: null });
    await settled();
    expect(world.agents.list[0]?.link).toMatchObject({ status: 'offline', reason: 'busy' });
    connection.failure = null;
    connection.snapshot = { ...connection.snapshot, revision: 9 };
    world.clock.advance(1_000);
    await settled();
    expect(asked()).toBe(before + 2);
    expect(world.agents.list[0]?.link.status).toBe('online');
  });

  it('does not wait for an answer that an earlier connection still owes', async () => {
    const world = open();
    const connection = await pair(world);
    const plain = connection.invoke;
    // As on a link that was cut: neither an answer nor an error.
    connection.invoke = () => new Promise<never>(() => {});
    connection.states.emit({ status: 'open' });
    connection.states.emit({ status: 'closed', reason: 'the cable', refused: false });
    connection.invoke = plain;
    connection.snapshot = { ...connection.snapshot, epoch: 'another life', revision: 1, instances: [] };
    connection.states.emit({ status: 'open' });
    await settled();
    expect(world.agents.list[0]).toMatchObject({ link: { status: 'online' } });
    const keeper = world.agents.keeperOf({ kind: 'agent', agent: AGENT_ID, instance: 'worker-1' });
    expect(keeper?.unreachable).toContain('has no instance “worker-1” any more');
  });

  it('that is refused says that only pairing anew helps', async () => {
    const world = open();
    const connection = await pair(world);
    connection.states.emit({ status: 'closed', reason: 'it does not know us', refused: true });
    expect(world.agents.list[0]?.link).toMatchObject({ status: 'refused', reason: 'it does not know us' });
  });

  it('keeps reading a log while somebody does, through a restart of the agent', async () => {
    const world = open();
    const connection = await pair(world);
    const keeper = world.agents.keeperOf({ kind: 'agent', agent: AGENT_ID, instance: 'worker-1' });
    const line = (seq: number, text: string) => ({ seq, at: 1, level: 'info' as const, text });
    const pages = [
      { lines: [line(4, 'four'), line(5, 'five')], dropped: 0, first: 0, next: 6, file: null },
      // Another life: it counts from nothing again.
      { lines: [line(0, 'anew')], dropped: 0, first: 0, next: 1, file: null },
    ];
    const after: (number | null)[] = [];
    const plain = connection.invoke;
    connection.invoke = async (command, args, signal) => {
      if (command !== 'logs.read') return plain(command, args, signal);
      after.push((args as { after: number | null }).after);
      const page = pages.shift();
      if (page !== undefined) return page as never;
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    };
    expect(keeper?.log.read({ after: null, limit: 10 }).lines).toEqual([]);
    await keeper?.log.wait(0, 1_000);
    await settled();
    const texts = keeper?.log.read({ after: null, limit: 10 }).lines.map(({ text }) => text);
    expect(texts).toEqual(['four', 'five', 'anew']);
    expect(after).toEqual([null, 5, 0]);
    keeper?.log.stop();
  });
});

describe('what an agent refuses', () => {
  it('is told in its words, and means nothing else here, whatever it is', () => {
    const refusal = { error: { code: 'unauthorized', message: 'no', hint: 7 } };
    expect(theirRefusal(refusal)).toMatchObject({ code: 'conflict', message: 'no', hint: null });
    fc.assert(
      fc.property(
        fc.oneof(fc.jsonValue(), fc.record({ error: fc.dictionary(fc.string(), fc.jsonValue()) })),
        (reply) => {
          const error = theirRefusal(reply);
          expect(error === null || error.message.length <= 500).toBe(true);
        },
      ),
    );
    expect(theirRefusal({ ok: true, result: null })).toBeNull();
    expect(theirRefusal({ error: { code: 'x', message: 'm'.repeat(9_999) } })?.message).toHaveLength(500);
  });
});
