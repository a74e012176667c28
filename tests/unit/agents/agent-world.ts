import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach } from 'vitest';
import { AgentSide } from '../../../electron/core/agent-side/agent-side.ts';
import type { SecretStore } from '../../../electron/core/agents/secret-store.ts';
import { type Clock, silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { type AgentServer, startAgentServer } from '../../../electron/transports/agent-server.ts';
import { Dispatcher } from '../../../electron/transports/dispatcher.ts';
import type { InstanceSnapshot } from '../../../shared/model.ts';
import { FakeCenter } from '../../contract/fake-center.ts';
import { SAMPLES } from '../../contract/samples.ts';

/** An agent with its real server and certificate, in front of a control center that answers by rote. */

const clean: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const end of clean.splice(0).reverse()) await end();
});

export class MemorySecrets implements SecretStore {
  readonly values = new Map<string, Readonly<Record<string, string>>>();

  get keys(): readonly string[] {
    return [...this.values.keys()];
  }

  read(key: string): Readonly<Record<string, string>> {
    return this.values.get(key) ?? {};
  }

  async write(key: string, values: Readonly<Record<string, string>>): Promise<void> {
    this.values.set(key, values);
  }

  async delete(key: string): Promise<void> {
    this.values.delete(key);
  }
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'ensemble-agent-'));
  clean.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Before what it depends on. */
export function endAfterTest(end: () => Promise<unknown> | unknown): void {
  clean.push(end);
}

export interface World {
  readonly side: AgentSide;
  readonly secrets: MemorySecrets;
  readonly center: FakeCenter;
  readonly server: AgentServer;
  readonly port: number;
}

export interface WorldOptions {
  readonly clock?: Clock;
  readonly instances?: readonly InstanceSnapshot[];
  readonly folder?: string;
  readonly secrets?: MemorySecrets;
}

export const AGENT_ID = '11111111-1111-4111-8111-111111111111';
export const MASTER = { id: '22222222-2222-4222-8222-222222222222', name: 'Office' };

export async function openSide(options: WorldOptions = {}): Promise<AgentSide> {
  const { clock = systemClock, folder = temporaryFolder(), secrets = new MemorySecrets() } = options;
  return AgentSide.open({
    folder,
    id: AGENT_ID,
    name: 'cellar',
    openSecrets: async () => secrets,
    clock,
    logger: silentLogger,
  });
}

export async function startAgent(options: WorldOptions = {}): Promise<World> {
  const { clock = systemClock, instances = [], secrets = new MemorySecrets() } = options;
  const side = await openSide({ ...options, secrets });
  const center = new FakeCenter();
  const snapshot = { ...SAMPLES['fleet.snapshot'].result, instances };
  const handlers = { ...center.handlers, 'fleet.snapshot': async () => snapshot };
  const server = await startAgentServer({
    side,
    dispatcher: new Dispatcher(handlers, silentLogger),
    events: center.events,
    instances: () => instances,
    host: '127.0.0.1',
    port: 0,
    clock,
    logger: silentLogger,
  });
  endAfterTest(() => server.close());
  return { side, secrets, center, server, port: server.port };
}
