import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NO_CAPS } from '../../../shared/providers.ts';
import { KeeperWorld, ORDER, RUNPOD } from './keeper-world.ts';

const RUNPOD_SLOW = { ...RUNPOD, readyMinutes: 30 };
let world: KeeperWorld;
beforeEach(async () => {
  world = await KeeperWorld.open();
});
afterEach(() => world.close());

async function readyLease(): Promise<string> {
  const lease = await world.providers.keeper.rent(ORDER);
  await world.until(({ reference }) => reference !== null);
  run();
  await world.untilStatus('ready');
  return lease;
}

function run(): void {
  for (const pod of world.runpod.running) pod.status = 'RUNNING';
}

test('a lease goes from the request to a card and back, and costs what it lasted', async () => {
  const lease = await readyLease();
  expect(world.cards).toEqual(new Map([[lease, 'https://pod1-8188.proxy.runpod.net']]));
  await world.providers.keeper.release(lease, false);
  await world.untilStatus('released');
  expect(world.runpod.running).toEqual([]);
  expect(world.cards.size).toBe(0);
  await vi.waitFor(() => expect(world.notices).toEqual(['RTX 4090 is ready', 'RTX 4090 was given back']));
});

test('it is on disk before RunPod hears of it', async () => {
  world.runpod.faults.add('POST', /pods$/, { kind: 'answer-lost' });
  await world.providers.keeper.rent(ORDER);
  expect(world.runpod.requests).not.toContain('POST /v2/pods');
  expect(await readFile(path.join(world.folder, 'leases.json'), 'utf8')).toContain('"status":"pending"');
});

describe('the price', () => {
  test('is refused when it has changed since it was confirmed', async () => {
    world.runpod.price = 0.74;
    await expect(world.providers.keeper.rent(ORDER)).rejects.toThrow(
      'RTX 4090 costs $0.74 per hour by now, not $0.69.',
    );
    expect(world.providers.state.leases).toEqual([]);
  });

  test('that rises afterwards ends the lease', async () => {
    await world.providers.keeper.rent(ORDER);
    await world.until(({ reference }) => reference !== null);
    const [pod] = world.runpod.pods;
    Object.assign(pod ?? {}, { cost: 2, status: 'RUNNING' });
    const { state } = await world.untilStatus('failed');
    expect(state).toMatchObject({
      because: 'It costs $2.00 per hour in place of the $0.69 that were agreed to.',
    });
    expect(world.runpod.running).toEqual([]);
  });
});

describe('caps', () => {
  test('let two at once through only as far as they go', async () => {
    world.settings = { ...world.settings, spendCaps: { ...NO_CAPS, perHour: 1 } };
    const results = await Promise.allSettled([
      world.providers.keeper.rent(ORDER),
      world.providers.keeper.rent(ORDER),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(world.providers.state.leases).toHaveLength(1);
  });

  test('end what runs when they are lowered', async () => {
    await readyLease();
    await world.providers.setCaps({ ...NO_CAPS, perHour: 0.1 });
    const { state } = await world.untilStatus('released');
    expect(state).toMatchObject({ because: 'No more than $0.10 per hour may be spent.' });
  });
});

describe('the end', () => {
  test('waits for a prompt that runs, but not for ever', async () => {
    const lease = await readyLease();
    world.busy.add(lease);
    await world.providers.keeper.release(lease, false);
    await world.untilStatus('draining');
    expect(world.cards.has(lease)).toBe(true);
    expect(world.runpod.running).toHaveLength(1);
    world.busy.clear();
    await world.untilStatus('released');
  });

  test('comes by its time and by having nothing to do', async () => {
    await world.providers.keeper.rent({ ...ORDER, idleMinutes: 30 });
    await world.until(({ reference }) => reference !== null);
    run();
    await world.untilStatus('ready');
    world.clock.jump(31 * 60_000);
    const { state } = await world.untilStatus('released');
    expect(state).toMatchObject({ because: 'It had nothing to do for 30 minutes.' });
  });

  test('is tried until RunPod confirms it; meanwhile it says that it may still cost', async () => {
    const lease = await readyLease();
    world.runpod.faults.add('DELETE', /./, { kind: 'status', status: 500 }, 9);
    await world.providers.keeper.release(lease, true);
    await world.until(({ state }) => state.status === 'draining' && state.trouble !== null);
    await world.untilStatus('released');
    expect(world.notices).toContain('RTX 4090 may still cost');
    expect(world.runpod.running).toEqual([]);
  });

  test('of a pod that somebody else ended is a loss', async () => {
    await readyLease();
    const [pod] = world.runpod.pods;
    if (pod !== undefined) pod.status = 'TERMINATED';
    expect((await world.untilStatus('lost')).state).toMatchObject({ because: 'It is not there any more.' });
  });
});

test('a slow image: what it waits for is told, and at its limit it is given back', async () => {
  world.settings = { ...world.settings, providers: [RUNPOD_SLOW] };
  await world.providers.keeper.rent(ORDER);
  await world.until(({ reference }) => reference !== null);
  for (const pod of world.runpod.running) pod.status = 'STARTING';
  await world.until(
    ({ state }) => state.status === 'pending' && state.note === 'The image is fetched and started.',
  );
  world.clock.jump(31 * 60_000);
  const { state } = await world.untilStatus('failed');
  expect(state).toMatchObject({ because: expect.stringMatching(/^It was not ready within 30 minutes\./) });
  expect(world.runpod.running).toEqual([]);
});

test('a pod that runs is not ready before ComfyUI answers', async () => {
  world.answers = false;
  await world.providers.keeper.rent(ORDER);
  await world.until(({ reference }) => reference !== null);
  run();
  await world.until(
    ({ state }) => state.status === 'pending' && (state.note ?? '').includes('502 Bad Gateway'),
  );
  expect(world.cards.size).toBe(0);
  world.answers = true;
  await world.untilStatus('ready');
});

describe('what cannot be rented', () => {
  test('is failed at once, with RunPod’s own words', async () => {
    const body = { title: 'Bad Request', status: 400, detail: 'no instances available' };
    world.runpod.faults.add('POST', /pods$/, { kind: 'status', status: 400, body });
    await world.providers.keeper.rent(ORDER);
    expect((await world.untilStatus('failed')).state).toMatchObject({
      because: expect.stringContaining('no instances available'),
    });
  });

  test('because nothing is left of it is refused before', async () => {
    const order = { ...ORDER, offer: 'NVIDIA RTX A5000', pricePerHour: 0.27 };
    await expect(world.providers.keeper.rent(order)).rejects.toThrow('RunPod does not have this any more.');
  });
});

describe('a crash', () => {
  test('between request and answer: the pod is found by its name and nothing is rented twice', async () => {
    world.runpod.lagMs = 30;
    world.runpod.faults.add('POST', /pods$/, { kind: 'answer-lost' });
    await world.providers.keeper.rent(ORDER);
    await asked();
    await world.die();
    expect(world.runpod.running).toHaveLength(1);
    await world.begin();
    await world.until(({ reference }) => reference === 'pod1');
    run();
    await world.untilStatus('ready');
    expect(world.runpod.pods).toHaveLength(1);
    expect(world.providers.state.orphans).toEqual([]);
  });

  test('before the request: it is given up when the lists have had their time', async () => {
    world.runpod.faults.add('POST', /pods$/, { kind: 'status', status: 500 });
    await world.providers.keeper.rent(ORDER);
    await asked();
    await world.die();
    await world.begin();
    const { state } = await world.untilStatus('failed');
    expect(state).toMatchObject({ because: 'It was not made. The request may never have arrived.' });
    expect(world.runpod.pods).toEqual([]);
  });

  test('of a ready one: it goes on, and what it cost meanwhile is counted', async () => {
    await readyLease();
    await world.die();
    world.clock.jump(3_600_000);
    await world.begin();
    const lease = await world.until(({ billedMs }) => billedMs >= 3_600_000);
    expect(lease.state.status).toBe('ready');
    expect(world.providers.state.spending.total).toBeGreaterThan(0.69);
    expect(world.runpod.pods).toHaveLength(1);
  });

  test('while giving back: that goes on', async () => {
    const lease = await readyLease();
    world.runpod.faults.add('DELETE', /./, { kind: 'status', status: 500 }, 4);
    await world.providers.keeper.release(lease, true);
    await world.until(({ state }) => state.status === 'draining' && state.trouble !== null);
    await world.die();
    await world.begin();
    await world.untilStatus('released');
    expect(world.runpod.running).toEqual([]);
  });

  async function asked(): Promise<void> {
    while (!world.runpod.requests.includes('POST /v2/pods'))
      await new Promise((resolve) => setImmediate(resolve));
  }
});

test('the card of a lease that ended while there was no fleet goes when there is one', async () => {
  const lease = await readyLease();
  await world.providers.keeper.release(lease, true);
  await world.untilStatus('released');
  world.cards.set(lease, 'left behind');
  await vi.waitFor(() => expect(world.cards.size).toBe(0));
});

describe('orphans', () => {
  test('are found by the tag, told of, and adopted or released', async () => {
    await readyLease();
    const { pods } = world.runpod;
    const [known] = pods;
    if (known === undefined) throw new Error('no pod');
    const orphan = (id: string, name: string) => pods.push({ ...known, id, name });
    orphan('podx', 'ensemble-abcdefghij-x');
    orphan('pody', 'ensemble-abcdefghij-y');
    orphan('podz', 'ensemble-of-somebody-else');
    const { orphans } = await world.providers.reconcile();
    expect(orphans.map(({ key, reference }) => [key, reference])).toEqual([
      ['x', 'podx'],
      ['y', 'pody'],
    ]);
    expect(world.notices.at(-1)).toBe('2 rented workers are there that nobody uses');
    await world.providers.releaseOrphan('runpod', 'y');
    await world.providers.adopt('runpod', 'x', 0.69, { ttlMinutes: 60, idleMinutes: 0 });
    await world.until(({ id, state }) => id === 'x' && state.status === 'ready');
    expect(world.cards.get('x')).toBe('https://podx-8188.proxy.runpod.net');
    expect(world.runpod.running.map(({ id }) => id)).toEqual(['pod1', 'podx', 'podz']);
    expect((await world.providers.reconcile()).orphans).toEqual([]);
  });

  test('of a lease that is over are given back without a question', async () => {
    const lease = await readyLease();
    await world.providers.keeper.release(lease, true);
    await world.untilStatus('released');
    const [pod] = world.runpod.pods;
    if (pod !== undefined) pod.status = 'RUNNING';
    world.clock.jump(200_000);
    expect((await world.providers.reconcile()).orphans).toEqual([]);
    while (world.runpod.running.length > 0) await new Promise((resolve) => setImmediate(resolve));
  });
});

test('a provider with leases is neither changed nor removed', async () => {
  await readyLease();
  await expect(world.providers.remove('runpod')).rejects.toThrow(
    'cannot be removed while something of it is rented',
  );
  await expect(world.providers.save(RUNPOD_SLOW, {})).rejects.toThrow('cannot be changed');
});
