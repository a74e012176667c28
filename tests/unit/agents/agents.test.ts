import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCertificate } from '../../../electron/core/agent-side/certificate.ts';
import type { AgentConnection, ConnectionState } from '../../../electron/core/agents/agent-connection.ts';
import { newWorkers, type WorkerBook, workersOf } from '../../../electron/core/agents/agent-workers.ts';
import { Agents } from '../../../electron/core/agents/agents.ts';
import { theirRefusal } from '../../../electron/core/agents/their-refusal.ts';
import { Emitter, silentLogger } from '../../../electron/core/ports.ts';
import type { AgentSettings } from '../../../shared/agents.ts';
import type { FleetPatch, FleetSnapshot, InstanceSnapshot, TelemetrySample } from '../../../shared/model.ts';
import type { RemoteWorkerSettings } from '../../../shared/remote.ts';
import { SAMPLES } from '../../contract/samples.ts';
import { gpu, instanceSnapshot } from '../../support/fixtures.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { AGENT_ID, MASTER, MemorySecrets } from './agent-world.ts';

/** Paired machines as the fleet sees them, with a network that does what the test says. */

class FakeConnection implements AgentConnection {
  readonly states = new Emitter<ConnectionState>();
  readonly fleet = new Emitter<FleetPatch>();
  readonly telemetry = new Emitter<TelemetrySample>();
  readonly calls: string[] = [];
  snapshot: FleetSnapshot;
  failure: Error | null = null;
  isOpen = false;
  ended = 0;

  constructor(
    readonly token: string,
    instances: readonly InstanceSnapshot[],
  ) {
    this.snapshot = {
      ...SAMPLES['fleet.snapshot'].result,
      epoch: 'e',
      revision: 1,
      gpus: [gpu(1)],
      instances,
    };
  }

  open(): void {
    this.isOpen = true;
  }

  close(): void {
    this.isOpen = false;
  }

  onState = (listener: (state: ConnectionState) => void) => this.states.on(listener);

  subscribe: AgentConnection['subscribe'] = (event, listener) =>
    event === 'fleet' ? this.fleet.on(listener as never) : this.telemetry.on(listener as never);

  invoke: AgentConnection['invoke'] = async (command, args) => {
    this.calls.push(`${command} ${JSON.stringify(args)}`);
    if (this.failure !== null) throw this.failure;
    return (command === 'fleet.snapshot' ? this.snapshot : null) as never;
  };

  async end(): Promise<void> {
    this.ended += 1;
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}

const CERTIFICATE = (await createCertificate('agent')).certificate;
const TWO = [
  instanceSnapshot({ id: 'master', role: 'master', name: 'Master', gpuUuid: null }),
  instanceSnapshot({ id: 'worker-1', name: 'Worker 1' }),
];
const AGENT: AgentSettings = {
  ...{ id: AGENT_ID, name: 'cellar', host: '10.0.0.5', port: 8290, certificate: CERTIFICATE, known: [] },
};

interface World {
  readonly agents: Agents;
  readonly clock: ManualClock;
  readonly secrets: MemorySecrets;
  readonly workers: RemoteWorkerSettings[];
  readonly connections: FakeConnection[];
  settings: readonly AgentSettings[];
  demo: boolean;
}

function open(start: Partial<Pick<World, 'settings' | 'demo'>> = {}): World {
  const [clock, secrets] = [new ManualClock(), new MemorySecrets()];
  const workers: RemoteWorkerSettings[] = [];
  const connections: FakeConnection[] = [];
  const book = (): WorkerBook => ({
    isDemo: world.demo,
    workers,
    names: workers.map(({ name }) => name),
    add: async (draft, source) => {
      const id = `worker-${workers.length + 2}`;
      const { access: _, ...place } = draft;
      workers.push({ ...place, id, selected: true, source });
      return id;
    },
    update: async (id, draft) => {
      const index = workers.findIndex((worker) => worker.id === id);
      const before = workers[index];
      if (before !== undefined) workers[index] = { ...before, host: draft.host, port: draft.port };
    },
    remove: async (id) => {
      workers.splice(
        workers.findIndex((worker) => worker.id === id),
        1,
      );
    },
  });
  const agents = new Agents({
    ...{ self: MASTER, secrets, clock, book, logger: silentLogger },
    settings: () => world.settings,
    save: async (change) => {
      world.settings = change(world.settings);
    },
    pair: async () => ({
      agent: { id: AGENT_ID, name: 'cellar' },
      certificate: CERTIFICATE,
      token: 'secret',
    }),
    connect: ({ headers }) => {
      const connection = new FakeConnection(headers?.['authorization'] ?? '', TWO);
      connections.push(connection);
      return connection;
    },
  });
  const world: World = { agents, clock, secrets, workers, connections, settings: [], demo: false, ...start };
  return world;
}

async function pair(world: World): Promise<FakeConnection> {
  const done = world.agents.pair({ host: '10.0.0.5', port: 8290 }, 'code');
  await settled();
  const connection = world.connections.at(-1);
  if (connection === undefined) throw new Error('nobody was connected to');
  connection.states.emit({ status: 'open' });
  await done;
  return connection;
}

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
