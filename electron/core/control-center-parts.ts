import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { masterMode } from '../../shared/condition.ts';
import type { DoctorReport } from '../../shared/contract.ts';
import type { InstanceSnapshot } from '../../shared/model.ts';
import { openOwnId } from './agents/own-id.ts';
import { TestPictureRunner } from './comfy/test-picture.ts';
import type { ControlCenterOptions } from './control-center.ts';
import { type FleetServer, runDoctor } from './doctor/doctor.ts';
import { type FleetRoot, FleetState } from './fleet/fleet-state.ts';
import { surroundings } from './fleet-surroundings.ts';
import { AccessKey } from './gateway/access/access-key.ts';
import { thisMachine } from './gateway/access/machine.ts';
import { GatewayFeed, NO_GATEWAY } from './gateway/gateway-feed.ts';
import { HostMetrics } from './gpu/host-metrics.ts';
import { GpuInventory } from './gpu/inventory.ts';
import { locateNvidiaSmi } from './gpu/locate.ts';
import { checkInstall, type InstallCandidate } from './installs/check.ts';
import { CheckCache } from './installs/check-cache.ts';
import { findInstalls } from './installs/find.ts';
import { createMachines, type Machines } from './machines.ts';
import { Notices } from './notices.ts';
import { type Clock, systemClock } from './ports.ts';
import { runCommand } from './programs/run-command.ts';
import { openProviders } from './providers/open-providers.ts';
import type { Providers } from './providers/providers.ts';
import { Climber } from './readiness/climber.ts';
import { RemoteTests } from './readiness/remote-tests.ts';
import { RunFeed } from './runs/run-feed.ts';
import type { DataDirectory } from './settings/data-directory.ts';
import { Secrets } from './settings/secrets.ts';
import { SettingsStore } from './settings/store.ts';
import { Setup } from './setup.ts';
import { Telemetry } from './telemetry.ts';
import { createTunnel } from './tunnel/create-tunnel.ts';
import type { Tunnel } from './tunnel/tunnel.ts';

/** Everything a control center is made of, wired once. */
export interface Parts {
  readonly options: ControlCenterOptions;
  readonly directory: DataDirectory;
  readonly store: SettingsStore;
  readonly state: FleetState;
  readonly notices: Notices;
  readonly feed: RunFeed;
  readonly gatewayFeed: GatewayFeed;
  /** What other machines show at the ComfyUI address. */
  readonly gatewayKey: AccessKey;
  readonly hostMetrics: HostMetrics;
  readonly telemetry: Telemetry;
  readonly pictures: TestPictureRunner;
  readonly setup: Setup;
  readonly remoteTests: RemoteTests;
  readonly tunnel: Tunnel;
  readonly providers: Providers;
  readonly machines: Machines;
  /** Resolves with the first fleet that has a ComfyUI address, or will have none. */
  readonly whenGatewayIsKnown: Promise<void>;
  readonly doctor: () => Promise<DoctorReport>;
}

export async function createParts(options: ControlCenterOptions, directory: DataDirectory): Promise<Parts> {
  const { logger, environment, platform, home } = options;
  const clock: Clock = systemClock;
  const store = await SettingsStore.open(directory.path, { clock, logger });
  const state = new FleetState(
    {
      setup: { status: 'searching' },
      mode: 'participating',
      masterParticipates: true,
      gpuInventory: { status: 'searching' },
      gpus: [],
    },
    randomUUID(),
    clock,
    deriveMode,
  );
  const notices = new Notices(clock);
  const feed = new RunFeed(clock);
  const gatewayKey = await AccessKey.open(directory.file('gateway-token'));
  if (gatewayKey.problem !== null) notices.add('warning', 'The token is not kept', gatewayKey.problem);
  const gatewayFeed: GatewayFeed = new GatewayFeed(clock, () =>
    setup.isOpen ? setup.active.gateway.gatewayStatus : NO_GATEWAY,
  );
  const access = {
    settings: () => store.value,
    key: gatewayKey,
    machine: thisMachine,
    fixedHost: options.gatewayHost,
    feed: gatewayFeed,
    publicUrl: () => tunnel.url,
  };
  const intervalMs = (): number => store.value.telemetrySeconds * 1000;
  const hostMetrics = new HostMetrics({ clock, logger, directory: directory.path, intervalMs });
  let onGateway = (): void => {};
  const whenGatewayIsKnown = new Promise<void>((resolve) => {
    onGateway = resolve;
  });
  const ownId = await openOwnId(directory.file('machine-id'));
  const climber = new Climber(clock, ownId.slice(0, 8));
  const keychain = await options.host.openKeychain();
  const tunnel: Tunnel = await createTunnel({
    ...{ options, store, notices, clock, gatewayFeed, random: Math.random },
    directory: directory.file('tunnel'),
    secrets: await Secrets.open(directory.file('tunnel', 'secrets.json'), keychain),
    target: () => (setup.isOpen ? setup.active.gateway.gatewayUrl : null),
  });
  const checkDeps = {
    run: runCommand,
    cache: new CheckCache(directory.file('installs.json')),
    env: environment,
    platform,
    home,
  };
  const check = (candidate: InstallCandidate) => checkInstall(candidate, checkDeps);
  const machines = await createMachines({
    ...{ directory, store, keychain, clock, logger, agent: options.agent, connect: options.connectAgent },
    version: options.version,
    setup: () => setup,
  });
  const setup: Setup = new Setup({
    dataDirectory: directory.path,
    store,
    openDemoStore: (folder) => SettingsStore.open(folder, { clock, logger }),
    openSecrets: (folder) => Secrets.open(path.join(folder, 'worker-secrets.json'), keychain),
    around: {
      ...surroundings({ options, state, notices, feed, store, hostMetrics, clock, access, climber }),
      keeperOf: ({ source }) => machines.agents.keeperOf(source),
      onGateway: () => {
        onGateway();
        machines.agents.onFleet();
      },
    },
    simulation: options.simulation,
    findInstalls: (settings) =>
      findInstalls({
        env: environment,
        platform,
        home,
        cwd: process.cwd(),
        extra: settings.comfyui === null ? [] : [{ ...settings.comfyui, source: 'settings' }],
        check,
      }),
    checkInstall: (root, python, source) => check({ root, python, source }),
    createInventory: (locate) => new GpuInventory({ clock, logger, locate, run: runCommand, intervalMs }),
    locateSmi: () => locateNvidiaSmi(environment, platform),
  });
  const telemetry = new Telemetry({
    clock,
    intervalMs,
    gpus: () => [...(setup.isOpen ? setup.active.samples : []), ...machines.agents.samples],
    host: () => hostMetrics.sample,
  });
  const pictures = new TestPictureRunner({
    directory: directory.file('pictures'),
    clock,
    random: Math.random,
    logger,
  });
  return {
    options,
    directory,
    store,
    state,
    notices,
    feed,
    gatewayFeed,
    gatewayKey,
    hostMetrics,
    telemetry,
    pictures,
    setup,
    remoteTests: new RemoteTests(climber),
    tunnel,
    providers: await openProviders({
      ...{ directory, store, keychain, notices, clock, environment, platform, home },
      active: () => (setup.isOpen ? setup.active : null),
    }),
    machines,
    whenGatewayIsKnown,
    doctor: () =>
      runDoctor(
        options,
        setup,
        directory.path,
        state.instances.filter(({ type }) => type === 'local').map(serverOf),
      ),
  };
}

/** What the doctor shall not take for a stranger. */
function serverOf({ name, port, control, process }: InstanceSnapshot): FleetServer {
  const serves = process.status === 'ready' || process.status === 'unresponsive';
  return { name, port, ours: control === 'managed' && serves };
}

/** The master's toggle and the usable workers decide the mode. */
function deriveMode(instances: readonly InstanceSnapshot[]): Partial<FleetRoot> {
  const master = instances.find(({ role }) => role === 'master');
  if (master === undefined) return {};
  const workers = instances.filter(({ role }) => role === 'worker');
  return { masterParticipates: master.selected, mode: masterMode(master.selected, workers) };
}
