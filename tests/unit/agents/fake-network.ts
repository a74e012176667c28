import { createCertificate } from '../../../electron/core/agent-side/certificate.ts';
import type { AgentConnection, ConnectionState } from '../../../electron/core/agents/agent-connection.ts';
import type { WorkerBook } from '../../../electron/core/agents/agent-workers.ts';
import { Agents } from '../../../electron/core/agents/agents.ts';
import { Emitter, silentLogger } from '../../../electron/core/ports.ts';
import type { AgentSettings } from '../../../shared/agents.ts';
import type { FleetPatch, FleetSnapshot, InstanceSnapshot, TelemetrySample } from '../../../shared/model.ts';
import type { RemoteWorkerSettings } from '../../../shared/remote.ts';
import { SAMPLES } from '../../contract/samples.ts';
import { gpu, instanceSnapshot } from '../../support/fixtures.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { AGENT_ID, MASTER, MemorySecrets } from './agent-world.ts';

/** Paired machines as the fleet sees them, with a network that does what the test says. */

export class FakeConnection implements AgentConnection {
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

export async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}

const CERTIFICATE = (await createCertificate('agent')).certificate;
export const TWO = [
  instanceSnapshot({ id: 'master', role: 'master', name: 'Master', gpuUuid: null }),
  instanceSnapshot({ id: 'worker-1', name: 'Worker 1' }),
];
export const AGENT: AgentSettings = {
  ...{ id: AGENT_ID, name: 'cellar', host: '10.0.0.5', port: 8290, certificate: CERTIFICATE, known: [] },
};

export interface World {
  readonly agents: Agents;
  readonly clock: ManualClock;
  readonly secrets: MemorySecrets;
  readonly workers: RemoteWorkerSettings[];
  readonly connections: FakeConnection[];
  settings: readonly AgentSettings[];
  demo: boolean;
}

export function open(start: Partial<Pick<World, 'settings' | 'demo'>> = {}): World {
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

export async function pair(world: World): Promise<FakeConnection> {
  const done = world.agents.pair({ host: '10.0.0.5', port: 8290 }, 'code');
  await settled();
  const connection = world.connections.at(-1);
  if (connection === undefined) throw new Error('nobody was connected to');
  connection.states.emit({ status: 'open' });
  await done;
  return connection;
}
