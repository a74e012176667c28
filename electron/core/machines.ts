import { hostname } from 'node:os';
import path from 'node:path';
import type { ActiveFleet } from './active-fleet.ts';
import { AgentSide } from './agent-side/agent-side.ts';
import type { Connect } from './agents/agent-connection.ts';
import type { WorkerBook } from './agents/agent-workers.ts';
import { Agents } from './agents/agents.ts';
import { openOwnId } from './agents/own-id.ts';
import { pairWith } from './agents/pair-with.ts';
import type { Peer } from './agents/pairing-proof.ts';
import { BonjourResponder } from './discovery/bonjour.ts';
import { Discovery } from './discovery/discovery.ts';
import type { OwnService } from './discovery/found.ts';
import type { ScanDeps } from './discovery/scan.ts';
import type { Clock, Logger } from './ports.ts';
import type { DataDirectory } from './settings/data-directory.ts';
import { type Keychain, Secrets } from './settings/secrets.ts';
import type { SettingsStore } from './settings/store.ts';
import type { Setup } from './setup.ts';

/** What this control center is asked to be for others. */
export interface AgentOptions {
  /** null = the machine's own name. */
  readonly name: string | null;
}

export interface MachineDeps {
  readonly directory: DataDirectory;
  readonly store: SettingsStore;
  readonly keychain: Keychain | null;
  readonly agent: AgentOptions | null;
  readonly connect: Connect;
  readonly setup: () => Setup;
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** This control center among machines: those that work for it, and those that it works for. */
export interface Machines {
  readonly self: Peer;
  readonly agents: Agents;
  /** null unless it was started as an agent. */
  readonly agentSide: AgentSide | null;
  readonly discovery: Discovery;
  readonly scan: ScanDeps;
  /** Where our own page is served. */
  tellPage(url: string): void;
  /** Before the first fleet. */
  open(): void;
  close(): void;
}

export async function createMachines(deps: MachineDeps): Promise<Machines> {
  const { directory, store, keychain, agent, clock, logger } = deps;
  const id = await openOwnId(directory.file('machine-id'));
  const self = { id, name: agent?.name ?? hostname() };
  const agents = new Agents({
    ...{ self, clock, logger, connect: deps.connect, pair: pairWith },
    secrets: await Secrets.open(directory.file('agent-secrets.json'), keychain),
    settings: () => store.value.agents,
    save: async (change) => {
      await store.update((settings) => ({ ...settings, agents: change(settings.agents) }));
    },
    book: () => {
      const setup = deps.setup();
      return setup.isOpen ? workerBook(setup.active) : null;
    },
  });
  const agentSide = agent === null ? null : await openSide(deps, self);
  let pagePort: number | null = null;
  const workers = (): ReadonlySet<string> => workerPlaces(deps.setup());
  const discovery = new Discovery({
    own: { ...self, version: deps.version },
    services: () => ownServices(deps, agentSide, pagePort),
    known: () => ({ agents: store.value.agents.map((one) => one.id), workers: workers() }),
    enabled: () => store.value.discovery,
    onSettings: (listener) => store.onChange(listener),
    openResponder: () => new BonjourResponder({ clock, logger }),
  });
  agents.onChange(() => discovery.refresh());
  agentSide?.onListening(() => discovery.refresh());
  const isKnown: ScanDeps['isKnown'] = ({ host, port }) => workers().has(`${host}:${port}`);
  return {
    ...{ self, agents, agentSide, discovery, scan: { clock, isKnown } },
    tellPage: (url) => {
      pagePort = Number(new URL(url).port);
    },
    open: () => {
      agents.open();
      discovery.start();
    },
    close: () => {
      discovery.close();
      agents.close();
    },
  };
}

/** What of us others can reach: an agent is one before anything else. */
function ownServices(
  { store, setup }: MachineDeps,
  side: AgentSide | null,
  page: number | null,
): readonly OwnService[] {
  const services: OwnService[] = [];
  if (side !== null && side.port !== null) {
    services.push({ role: 'agent', port: side.port, fingerprint: side.fingerprint });
  } else if (page !== null) services.push({ role: 'control-center', port: page, fingerprint: null });
  const current = setup();
  const gateway = current.isOpen ? current.active.gateway.gatewayUrl : null;
  if (gateway !== null && store.value.gatewayOpen) {
    services.push({ role: 'gateway', port: Number(new URL(gateway).port), fingerprint: null });
  }
  return services;
}

function workerPlaces(setup: Setup): ReadonlySet<string> {
  const workers = setup.isOpen ? setup.active.fleet.remote : [];
  return new Set(workers.map(({ definition: { host, port } }) => `${host}:${port}`));
}

async function openSide({ directory, keychain, clock, logger }: MachineDeps, self: Peer): Promise<AgentSide> {
  const folder = directory.file('agent');
  return AgentSide.open({
    ...{ ...self, folder, clock, logger },
    openSecrets: () => Secrets.open(path.join(folder, 'masters.json'), keychain),
  });
}

function workerBook({ fleet, remoteEditing, editing, isDemo }: ActiveFleet): WorkerBook {
  return {
    isDemo,
    workers: fleet.remote.map(({ definition }) => definition),
    names: fleet.roster.map(({ name }) => name),
    add: (draft, source) => remoteEditing.add(draft, source),
    update: (id, draft) => remoteEditing.update(id, draft),
    remove: async (id) => {
      await editing.remove(id);
    },
  };
}
