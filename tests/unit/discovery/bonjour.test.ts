import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { BonjourResponder } from '../../../electron/core/discovery/bonjour.ts';
import type { SeenService } from '../../../electron/core/discovery/responder.ts';
import { silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { until } from '../comfy/until.ts';

/** Real multicast packets, on the loopback alone. */

const LOOPBACK = '127.0.0.1';
const GROUP = '224.0.0.251';
const PORT = 5353;

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** Containers and some systems have no multicast on the loopback. */
async function hasMulticast(): Promise<boolean> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(PORT, '0.0.0.0', resolve);
    });
    socket.addMembership(GROUP, LOOPBACK);
    socket.setMulticastInterface(LOOPBACK);
    const heard = new Promise<boolean>((resolve) => {
      socket.once('message', () => resolve(true));
      setTimeout(() => resolve(false), 1_000);
    });
    socket.send(Buffer.from([0]), PORT, GROUP);
    return await heard;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

const works = await hasMulticast();
if (!works)
  console.warn('SKIPPED: multicast does not work on the loopback here, so that two responders cannot meet.');

function responder(): { readonly it: BonjourResponder; readonly seen: () => readonly SeenService[] } {
  const created = new BonjourResponder({ clock: systemClock, logger: silentLogger, addresses: [LOOPBACK] });
  open.push(created);
  let latest: readonly SeenService[] = [];
  created.onSeen((services) => {
    latest = services;
  });
  return { it: created, seen: () => latest };
}

describe.skipIf(!works)('two responders', { timeout: 30_000 }, () => {
  it('find each other, hear of changes, and of a good-bye', async () => {
    const [near, far] = [responder(), responder()];
    far.it.announce([{ name: 'cellar agent 1', port: 8290, txt: { id: 'x', name: 'cellar' } }]);
    const isFar = ({ name }: SeenService): boolean => name === 'cellar agent 1';
    const [found] = await until('it is found', () => {
      const those = near.seen().filter(isFar);
      return those.length > 0 ? those : null;
    });
    expect(found).toMatchObject({ type: 'comfy-ensemble', port: 8290, txt: { id: 'x', name: 'cellar' } });
    far.it.announce([]);
    await until('it is gone', () => !near.seen().some(isFar));
  });

  it('live through packets that are none, and through names that are no names', async () => {
    const near = responder();
    const sender = createSocket({ type: 'udp4', reuseAddr: true });
    open.push(sender);
    await new Promise<void>((resolve) => sender.bind(0, LOOPBACK, resolve));
    sender.setMulticastInterface(LOOPBACK);
    for (let size = 0; size < 400; size += 7) {
      const noise = Buffer.from(Array.from({ length: size }, (_, k) => (k * 31 + size * 17) % 256));
      // The head of a response with answers that are not there, or are nonsense.
      const head = Buffer.from([0, 0, 0x84, 0, 0, 0, 0, size % 9, 0, 0, 0, 0]);
      for (const packet of [noise, Buffer.concat([head, noise])]) sender.send(packet, PORT, GROUP);
    }
    const far = responder();
    far.it.announce([{ name: '\u0000..\u202E__proto__', port: 1, txt: { __proto__: 'x', '': '' } }]);
    far.it.announce([{ name: 'still there', port: 8290, txt: {} }]);
    await until('it is found all the same', () => near.seen().some(({ name }) => name === 'still there'));
  });
});
