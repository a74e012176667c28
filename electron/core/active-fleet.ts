import path from 'node:path';
import { toEnvelope } from '../../shared/errors.ts';
import type { ComfyInstall, GpuSample } from '../../shared/model.ts';
import {
  DEFAULT_CONTROL_PORT,
  FIRST_WORKER_PORT,
  type Settings,
  type WorkerSettings,
} from '../../shared/settings.ts';
import { attachMaster } from './fleet/attach-master.ts';
import { Fleet } from './fleet/fleet.ts';
import type { FleetState } from './fleet/fleet-state.ts';
import type { Keeper } from './fleet/keeper.ts';
import { LocalInstance } from './fleet/local-instance.ts';
import { forgetOldSecrets } from './fleet/old-secrets.ts';
import { PlacementWatch } from './fleet/placement-watch.ts';
import { movedToFreePorts, populate } from './fleet/population.ts';
import { RemoteEditing } from './fleet/remote-editing.ts';
import type { RemoteDefinition } from './fleet/roster.ts';
import { runFleetOf } from './fleet/run-fleet-of.ts';
import { WorkerEditing } from './fleet/worker-editing.ts';
import { FleetRuns } from './fleet-runs.ts';
import type { GatewayAccess } from './gateway/gateway.ts';
import type { GpuInventory } from './gpu/inventory.ts';
import type { Notices } from './notices.ts';
import type { Clock, Logger, Random } from './ports.ts';
import type { Climber } from './readiness/climber.ts';
import type { Runs } from './runs/open-runs.ts';
import type { RunFeed } from './runs/run-feed.ts';
import type { Runtime } from './runtime.ts';
import type { Secrets } from './settings/secrets.ts';
import type { SettingsStore } from './settings/store.ts';
import { type Guardian, startGuardian } from './supervisor/guardian-client.ts';
import type { LaunchProgram } from './supervisor/launch-plan.ts';
import { checkPort, portsFrom } from './supervisor/ports.ts';
import { descendants } from './supervisor/process-tree.ts';
import type { ProcessRegistry } from './supervisor/registry.ts';
import {
  endProcessTree,
  endStrays,
  findSurvivors,
  type Survivor,
  waitForGuardian,
} from './supervisor/survivors.ts';

/** What every fleet of this control center shares. */
export interface FleetSurroundings {
  readonly state: FleetState;
  readonly notices: Notices;
  readonly feed: RunFeed;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly runtime: Runtime;
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  /** Of the ComfyUI address. */
  readonly access: GatewayAccess;
  readonly preferences: () => Settings;
  readonly onPreferences: (listener: () => void) => () => void;
  /** port → whose it is, in words: ports that no server may take. */
  readonly reservedPorts: () => ReadonlyMap<number, string>;
  /** Names and addresses of this machine. */
  readonly ownHosts: () => readonly string[];
  readonly climber: Climber;
  readonly keeperOf: (definition: RemoteDefinition) => Keeper | null;
  readonly memory: () => { readonly used: number; readonly total: number } | null;
  /** Resolves when a ComfyUI answers at this URL; rejects otherwise. */
  readonly probe: (url: string, signal: AbortSignal) => Promise<unknown>;
  /** The fleet has a ComfyUI address now, or will have none. */
  readonly onGateway: () => void;
}

/** What makes this fleet this one: the real machine's, or the demo's. */
export interface FleetPlace {
  readonly directory: string;
  readonly install: ComfyInstall;
  readonly program: LaunchProgram;
  readonly store: SettingsStore;
  readonly inventory: GpuInventory;
  readonly registry: ProcessRegistry;
  /** What opens its remote workers. */
  readonly secrets: Secrets;
}

/** The fleet that runs now, with everything that lives and dies with it. */
export class ActiveFleet {
  readonly fleet: Fleet;
  readonly editing: WorkerEditing;
  readonly remoteEditing: RemoteEditing;
  readonly #placement: PlacementWatch;
  readonly #runs: FleetRuns;
  readonly #stopListening: (() => void)[] = [];
  #guardian: Guardian | null = null;

  constructor(
    private readonly place: FleetPlace,
    private readonly around: FleetSurroundings,
  ) {
    this.fleet = new Fleet({ ...around, ...place });
    this.editing = new WorkerEditing(this.fleet, around.reservedPorts);
    this.remoteEditing = new RemoteEditing(this.fleet, {
      hosts: around.ownHosts,
      ports: around.reservedPorts,
    });
    this.#runs = new FleetRuns({
      ...around,
      directory: place.directory,
      fleet: () => runFleetOf(this.fleet, around.clock),
      gpus: () => this.fleet.gpus,
      reservedPorts: () => {
        const { master, workers } = place.store.value;
        return new Set([DEFAULT_CONTROL_PORT, master.port, ...localPorts(workers)]);
      },
    });
    this.#placement = new PlacementWatch({
      clock: around.clock,
      instances: () => this.fleet.local,
      computeProcesses: () => place.inventory.computeProcesses(),
      tree: async (pid) => [pid, ...(await descendants(pid))],
      onMismatch: (instance, actual) => this.#tellMismatch(instance, actual),
    });
  }

  /**
   * Finds the GPUs, populates on first launch, takes over survivors, attaches a master that somebody else runs, and
   * starts the rest when auto-launch is on.
   */
  async open(): Promise<void> {
    const { inventory, registry, directory } = this.place;
    const { state } = this.around;
    this.#stopListening.push(
      inventory.onInventory(() => this.#onInventory()),
      this.around.onPreferences(() => this.#tellGuardian()),
    );
    await inventory.rescan();
    state.setRoot({ gpus: inventory.gpus, gpuInventory: inventory.state });
    await waitForGuardian(registry, this.around);
    const survivors = await findSurvivors(registry);
    const known = new Set(survivors.map(({ record }) => record.pid));
    await endStrays(path.join(directory, 'instances'), known);
    await this.#prepareRoster(new Set(survivors.map(({ record }) => record.port)));
    await forgetOldSecrets({ ...this.around, ...this.place });
    this.fleet.syncRoster();
    this.#guardian = startGuardian({
      nodeCommand: this.around.runtime.command('guardian'),
      environment: this.around.runtime.environment,
      registry,
      directory,
      logger: this.around.logger,
    });
    this.#tellGuardian();
    await this.#runs.open();
    this.around.onGateway();
    await this.#takeOver(survivors);
    if (!this.isDemo) await attachMaster(this.fleet.master, this.around);
    this.#placement.start();
    if (this.around.preferences().autoLaunch) await this.fleet.startSelected();
  }

  /** @param end false leaves the servers running, to be adopted at the next start */
  async close(end: boolean): Promise<void> {
    this.#placement.stop();
    await this.#runs.close();
    for (const stop of this.#stopListening) stop();
    if (end) await this.fleet.stopLocal();
    else this.fleet.release();
    this.#guardian?.release();
    this.place.inventory.stop();
    this.fleet.dispose();
  }

  /** @throws EnsembleError('not-ready' | what kept the journal from being opened) */
  get runs(): Runs {
    return this.#runs.value;
  }

  /** The ComfyUI address of the whole fleet. */
  get gateway(): Pick<FleetRuns, 'gatewayUrl' | 'gatewayStatus' | 'moveGateway'> {
    return this.#runs;
  }

  get isDemo(): boolean {
    return this.place.program.simulated;
  }

  get samples(): readonly GpuSample[] {
    return this.place.inventory.samples;
  }

  async rescanGpus(): Promise<void> {
    await this.place.inventory.rescan();
  }

  /** Ports that somebody listens on or that are kept, near the ones we use. */
  async takenPorts(): Promise<ReadonlySet<number>> {
    const { master, workers } = this.place.store.value;
    const firsts = [master.port, FIRST_WORKER_PORT, ...localPorts(workers)];
    const ports = [...new Set(firsts.flatMap(portsFrom))];
    const states = await Promise.all(ports.map((port) => checkPort(port)));
    const taken = ports.filter((_, index) => states[index] === 'taken');
    return new Set([...taken, ...this.around.reservedPorts().keys()]);
  }

  /** A kill -9 of ours can come at any moment: what shall happen then must already be on disk. */
  #tellGuardian(): void {
    try {
      this.place.registry.setStopOnExit(this.around.preferences().stopOnQuit);
    } catch (error) {
      const { message, hint } = toEnvelope(error);
      this.around.notices.add('warning', message, hint);
    }
  }

  /** @param own ports that our own survivors listen on */
  async #prepareRoster(own: ReadonlySet<number>): Promise<void> {
    const { inventory, store } = this.place;
    const taken = await this.takenPorts();
    const isTaken = (port: number): boolean => taken.has(port) && !own.has(port);
    try {
      await store.update((settings) => {
        const populated = populate(settings, inventory.gpus, isTaken);
        return this.isDemo ? movedToFreePorts(populated, isTaken) : populated;
      });
    } catch (error) {
      // A full disk, or settings of a newer version: the fleet that is known is better than none.
      const { message, hint } = toEnvelope(error);
      this.around.notices.add('error', 'The fleet could not be saved', `${message} ${hint ?? ''}`.trim());
    }
  }

  async #takeOver(survivors: readonly Survivor[]): Promise<void> {
    for (const { id, record } of survivors) {
      const instance = this.fleet.find(id);
      const adopted = instance instanceof LocalInstance && (await instance.adopt(record));
      if (adopted) continue;
      this.around.logger.info('a survivor that no instance claims is ended', { id, pid: record.pid });
      // One that cannot be seen to end stays on record for the next start.
      if (await endProcessTree(record)) this.place.registry.delete(id);
    }
  }

  #onInventory(): void {
    const { inventory } = this.place;
    this.around.state.setRoot({ gpus: inventory.gpus, gpuInventory: inventory.state });
    if (this.fleet.instances.length > 0) this.fleet.syncRoster();
  }

  #tellMismatch(instance: LocalInstance, actual: readonly string[]): void {
    const name = (uuid: string): string => this.fleet.gpus.find((gpu) => gpu.uuid === uuid)?.name ?? uuid;
    this.around.notices.add(
      'warning',
      `${instance.definition.name} is not on the GPU it was given`,
      `It computes on ${actual.map(name).join(', ')}. Look for --cuda-device or CUDA_VISIBLE_DEVICES in its extra arguments.`,
      instance.id,
    );
  }
}

function localPorts(workers: readonly WorkerSettings[]): readonly number[] {
  return workers.flatMap((worker) => (worker.type === 'local' ? [worker.port] : []));
}
