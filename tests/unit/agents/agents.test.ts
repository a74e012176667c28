import { describe, expect, it } from 'vitest';
import { newWorkers, workersOf } from '../../../electron/core/agents/agent-workers.ts';
import { gpu, instanceSnapshot } from '../../support/fixtures.ts';
import { AGENT_ID } from './agent-world.ts';
import { AGENT, open, pair, settled, TWO } from './fake-network.ts';

describe('pairing a machine', () => {
  it('makes a worker of each of its instances, reached through it with its token', async () => {
    const world = open();
    const connection = await pair(world);
    expect(connection.token).toBe('Bearer secret');
    expect(world.workers).toMatchObject([
      { name: 'cellar · Master', host: '10.0.0.5', port: 8290, secure: true, path: '/instances/master' },
      { name: 'cellar · Worker 1', path: '/instances/worker-1', source: { kind: 'agent', agent: AGENT_ID } },
    ]);
    expect(world.settings).toMatchObject([{ id: AGENT_ID, known: ['master', 'worker-1'] }]);
    expect(JSON.stringify(world.settings)).not.toContain('secret');
    expect(world.agents.list).toMatchObject([
      { name: 'cellar', link: { status: 'online' }, workers: ['worker-2', 'worker-3'], gpus: [gpu(1).name] },
    ]);
  });

  it('waits for a machine that is slow to tell what it has, and not for ever', async () => {
    const world = open();
    const done = world.agents.pair({ host: '10.0.0.5', port: 8290 }, 'code');
    await settled();
    world.clock.advance(10_001);
    expect((await done).workers).toEqual([]);
    world.connections[0]?.states.emit({ status: 'open' });
    await settled();
    expect(world.workers).toHaveLength(2);
  });

  it('anew keeps its workers, and gives them its new address', async () => {
    const world = open();
    const first = await pair(world);
    const done = world.agents.pair({ host: '10.0.0.9', port: 8291 }, 'code');
    await settled();
    expect(first.isOpen).toBe(false);
    world.connections.at(-1)?.states.emit({ status: 'open' });
    await done;
    expect(world.workers).toMatchObject([
      { id: 'worker-2', host: '10.0.0.9', port: 8291 },
      { id: 'worker-3', host: '10.0.0.9' },
    ]);
    expect(world.settings).toHaveLength(1);
  });

  it('is undone with its workers, its secret, and a word to the machine', async () => {
    const world = open();
    const connection = await pair(world);
    await world.agents.unpair(AGENT_ID);
    expect(connection).toMatchObject({ ended: 1, isOpen: false });
    expect(world).toMatchObject({ workers: [], settings: [] });
    expect(world.secrets.keys).toEqual([]);
    await expect(world.agents.unpair(AGENT_ID)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('workers of a paired machine', () => {
  it('come once: what a person removed stays away, what is new comes', async () => {
    const world = open();
    const connection = await pair(world);
    world.workers.pop();
    const third = instanceSnapshot({ id: 'worker-2', name: 'Worker 2' });
    connection.fleet.emit({
      ...{ epoch: 'e', revision: 2, root: {}, instances: [third], order: ['master', 'worker-1', 'worker-2'] },
    });
    await settled();
    expect(world.workers.map(({ name }) => name)).toEqual(['cellar · Master', 'cellar · Worker 2']);
  });

  it('come into a fleet that never had any, but not into the demo', async () => {
    const known = [{ ...AGENT, known: ['master', 'worker-1'] }];
    const world = open({ settings: known, demo: true });
    world.agents.open();
    world.agents.onFleet();
    world.connections[0]?.states.emit({ status: 'open' });
    await settled();
    expect(world.workers).toEqual([]);
    world.demo = false;
    world.agents.onFleet();
    await settled();
    expect(world.workers).toHaveLength(2);
  });

  it('have names of their own', () => {
    const book = { workers: [], names: ['cellar · Worker 1', 'cellar · Worker 1 2'] };
    const [, second] = newWorkers(AGENT, 't', TWO, book, false);
    expect(second?.draft.name).toBe('cellar · Worker 1 3');
    expect(workersOf('other', [])).toEqual([]);
  });

  it('are kept by it: process, GPU, log, start and stop', async () => {
    const world = open();
    const connection = await pair(world);
    const [, source] = world.workers.map((worker) => worker.source);
    const keeper = world.agents.keeperOf(source ?? null);
    if (keeper === null) throw new Error('nobody keeps it');
    expect(keeper.process.status).toBe('ready');
    expect(keeper.gpu).toMatchObject({ name: gpu(1).name, uuid: `${AGENT_ID}/GPU-1` });
    const reading = {
      uuid: 'GPU-1',
      memoryUsed: 7,
      utilization: 1,
      temperature: 40,
      power: 1,
      powerLimit: 2,
    };
    connection.telemetry.emit({ at: 1, gpus: [reading], host: {} as never });
    expect(keeper.sample).toEqual({ ...reading, uuid: `${AGENT_ID}/GPU-1` });
    expect(world.agents.samples).toHaveLength(1);
    await keeper.stop();
    expect(connection.calls.at(-1)).toBe('instance.stop {"id":"worker-1"}');
    let changes = 0;
    keeper.onChange(() => {
      changes += 1;
    });
    connection.states.emit({ status: 'closed', reason: 'the cable', refused: false });
    expect(keeper.unreachable).toBe('cellar cannot be reached: the cable');
    expect(keeper.sample).toBeNull();
    expect(changes).toBe(1);
    expect(world.agents.keeperOf(null)).toBeNull();
  });
});
