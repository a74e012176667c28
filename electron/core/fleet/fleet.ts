import path from 'node:path';
import { EnsembleError, toEnvelope } from '../../../shared/errors.ts';
import type { ComfyInstall, GpuInfo, InstanceId } from '../../../shared/model.ts';
import { MASTER_ID } from '../../../shared/model.ts';
import type { Settings } from '../../../shared/settings.ts';
import { ComfyHttp } from '../comfy/http.ts';
import { InstanceMonitor } from '../comfy/monitor.ts';
import { Pacer } from '../comfy/pacer.ts';
import type { GpuInventory } from '../gpu/inventory.ts';
import { InstanceLog } from '../logs/instance-log.ts';
import { RemoteLog } from '../logs/remote-log.ts';
import type { Notices } from '../notices.ts';
import { type Clock, type Logger, type Random, sleep } from '../ports.ts';
import type { Climber } from '../readiness/climber.ts';
import { removeLeftovers } from '../runs/leftovers.ts';
import type { Secrets } from '../settings/secrets.ts';
import type { SettingsStore } from '../settings/store.ts';
import { type LaunchPlan, type LaunchProgram, planLaunch } from '../supervisor/launch-plan.ts';
import { ManagedProcess } from '../supervisor/managed-process.ts';
import { checkPort } from '../supervisor/ports.ts';
import type { ProcessRegistry } from '../supervisor/registry.ts';
import type { FleetState } from './fleet-state.ts';
import type { Instance } from './instance.ts';
import type { Keeper } from './keeper.ts';
import { LocalInstance, localUrl } from './local-instance.ts';
import { noticeOf } from './process-notices.ts';
import { foldersOf } from './program.ts';
import { RemoteInstance } from './remote-instance.ts';
import {
  type InstanceDefinition,
  isLocal,
  type LocalDefinition,
  type RemoteDefinition,
  resolveGpu,
  rosterOf,
} from './roster.ts';

/** Between two spawns of a start-all: 8 servers begin within a second without reading the disk all at once. */
export const STAGGER_MS = 100;
/** Between two servers elsewhere that are looked for, ms: hundreds of them are there, or gone, at the same moment. */
const REMOTE_GAP_MS = 5;

export interface FleetDeps {
  /** Holds instances/, processes.json and, for the demo, its own settings. */
  readonly directory: string;
  readonly install: ComfyInstall;
  readonly program: LaunchProgram;
  /** The roster: the person's settings, or the demo's own. */
  readonly store: SettingsStore;
  readonly preferences: () => Settings;
  readonly registry: ProcessRegistry;
  /** What opens the remote workers, by their id. */
  readonly secrets: Secrets;
  readonly climber: Climber;
  /** Whoever starts and stops a remote worker where it is; null when nobody can. */
  readonly keeperOf: (definition: RemoteDefinition) => Keeper | null;
  readonly inventory: GpuInventory;
  readonly state: FleetState;
  readonly notices: Notices;
  readonly memory: () => { readonly used: number; readonly total: number } | null;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
}

/** The instances of one install: built from the roster, started, watched and shown. */
export class Fleet {
  readonly #instances = new Map<InstanceId, Instance>();
  readonly #pacer: Pacer;

  constructor(readonly deps: FleetDeps) {
    this.#pacer = new Pacer(deps.clock, REMOTE_GAP_MS);
  }

  get gpus(): readonly GpuInfo[] {
    return this.deps.inventory.gpus;
  }

  get roster(): readonly InstanceDefinition[] {
    return rosterOf(this.deps.store.value, this.gpus);
  }

  get instances(): readonly Instance[] {
    return [...this.#instances.values()];
  }

  get local(): readonly LocalInstance[] {
    return this.instances.filter((instance) => instance instanceof LocalInstance);
  }

  get remote(): readonly RemoteInstance[] {
    return this.instances.filter((instance) => instance instanceof RemoteInstance);
  }

  get master(): LocalInstance {
    const master = this.local.find(({ id }) => id === MASTER_ID);
    if (master !== undefined) return master;
    throw new EnsembleError('not-ready', 'The fleet is still being set up.', 'Wait a moment and try again.');
  }

  find(id: InstanceId): Instance | null {
    return this.#instances.get(id) ?? null;
  }

  /** @throws EnsembleError('not-found') */
  get(id: InstanceId): Instance {
    const instance = this.find(id);
    if (instance !== null) return instance;
    const known = [...this.#instances.keys()].join(', ');
    throw new EnsembleError('not-found', `There is no instance “${id}”.`, `Known are: ${known}.`);
  }

  /** Brings the instances in line with the roster; those that left it must have been stopped before. */
  syncRoster(): void {
    const roster = this.roster;
    for (const definition of roster) {
      if (!this.#update(definition)) this.#add(definition);
    }
    const wanted = new Set(roster.map((definition) => definition.id));
    for (const instance of this.instances) {
      if (wanted.has(instance.id)) continue;
      instance.dispose();
      this.#instances.delete(instance.id);
    }
    this.deps.state.setOrder(roster.map((definition) => definition.id));
  }

  /**
   * Starts what auto-launch starts: the master and every selected worker, a moment apart, all at once; but none that was
   * stopped since the fleet is shown.
   */
  async startSelected(): Promise<void> {
    await this.#startEach(
      this.local.filter(
        ({ id, definition, stops }) => stops === 0 && (id === MASTER_ID || definition.selected),
      ),
    );
  }

  /** Of this machine: what others keep is started one by one. */
  async startAll(): Promise<void> {
    await this.#startEach(this.local);
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.local.map((instance) => instance.stop()));
  }

  /** Lets go without stopping anything: the processes go on and are adopted at the next start. */
  release(): void {
    for (const instance of this.local) instance.process.release();
    for (const instance of this.instances) instance.dispose();
  }

  dispose(): void {
    for (const instance of this.instances) instance.dispose();
    this.#instances.clear();
    this.deps.state.setOrder([]);
  }

  planFor(definition: LocalDefinition): LaunchPlan {
    const { install, program, environment, platform } = this.deps;
    const folders = foldersOf(install);
    return planLaunch({
      id: definition.id,
      role: definition.role,
      port: definition.port,
      device: definition.device,
      extraArgs: definition.extraArgs,
      program,
      gpus: this.gpus,
      directories: {
        instance: this.#directoryOf(definition.id),
        input: folders.input,
        output: definition.role === 'master' ? folders.output : null,
        base: install.baseDirectory,
      },
      inherited: environment,
      platform,
    });
  }

  async #startEach(instances: readonly LocalInstance[]): Promise<void> {
    await Promise.all(
      instances.map(async (instance, index) => {
        const { stops } = instance;
        await sleep(this.deps.clock, index * STAGGER_MS);
        if (instance.stops !== stops) return;
        // One that cannot start says so; the others start all the same.
        await instance.start().catch((error: unknown) => {
          const { message, hint } = toEnvelope(error);
          const name = instance.definition.name;
          this.deps.notices.add(
            'error',
            `${name} could not be started`,
            `${message} ${hint ?? ''}`.trim(),
            instance.id,
          );
        });
      }),
    );
  }

  /** @returns false when there is none yet, or it became one of another kind */
  #update(definition: InstanceDefinition): boolean {
    const instance = this.#instances.get(definition.id);
    if (instance instanceof LocalInstance && isLocal(definition)) instance.update(definition);
    else if (instance instanceof RemoteInstance && !isLocal(definition)) instance.update(definition);
    else return false;
    return true;
  }

  #add(definition: InstanceDefinition): void {
    const { state } = this.deps;
    this.#instances.get(definition.id)?.dispose();
    const instance = isLocal(definition) ? this.#createLocal(definition) : this.#createRemote(definition);
    this.#instances.set(definition.id, instance);
    instance.onChange(() => {
      if (this.#instances.get(instance.id) === instance) state.setInstance(instance.snapshot());
    });
    state.setInstance(instance.snapshot());
  }

  #createLocal(definition: LocalDefinition): LocalInstance {
    const { clock, logger, random, install } = this.deps;
    const log = new InstanceLog({
      file: path.join(this.#directoryOf(definition.id), 'comfyui.log'),
      clock,
      logger,
    });
    const instance = new LocalInstance(definition, {
      log,
      createProcess: (current, itsLog) => this.#createProcess(current, itsLog),
      createMonitor: (address) => new InstanceMonitor({ ...address, clock, logger, random }),
      gpuUuidOf: ({ device }) => resolveGpu(device, this.gpus)?.uuid ?? null,
      simulated: install.source === 'simulated',
    });
    this.#tellTransitions(instance);
    return instance;
  }

  #createRemote(definition: RemoteDefinition): RemoteInstance {
    const { clock, logger, random, secrets, climber, keeperOf } = this.deps;
    return new RemoteInstance(definition, {
      createMonitor: (address) =>
        new InstanceMonitor({ ...address, clock, logger, random, pacer: this.#pacer }),
      createLog: (instance) =>
        new RemoteLog({
          clock,
          http: () => new ComfyHttp(instance.address, { clock }),
          monitor: () => instance.monitor,
        }),
      headers: () => secrets.read(definition.id),
      keeper: keeperOf(definition),
      readiness: {
        ...{ climber, clock, random },
        masterVersion: () => this.master.monitor.value.server?.comfyuiVersion ?? null,
      },
    });
  }

  #createProcess(definition: () => LocalDefinition, log: InstanceLog): ManagedProcess {
    const { clock, logger, random, registry, preferences, memory } = this.deps;
    return new ManagedProcess({
      id: definition().id,
      plan: async () => {
        const plan = this.planFor(definition());
        // A new life of the server has no cache yet that could answer with these files.
        await removeLeftovers(plan.outputDirectory, null);
        return plan;
      },
      log,
      registry,
      clock,
      random,
      logger,
      probe: (signal) => this.#probeOwn(definition(), signal),
      checkPort,
      port: () => definition().port,
      policy: () => ({
        restartCrashed: preferences().restartCrashed,
        readyTimeoutMs: preferences().readyTimeoutSeconds * 1000,
        stopOnExit: preferences().stopOnQuit,
      }),
      memory,
    });
  }

  /** A stranger that took the port between our check and the child's bind answers too, but not with our folder. */
  async #probeOwn({ id, port }: LocalDefinition, signal: AbortSignal): Promise<void> {
    const { system } = await new ComfyHttp(localUrl(port), { clock: this.deps.clock }).systemStats(signal);
    if (system.argv == null || system.argv.includes(this.#directoryOf(id))) return;
    throw new EnsembleError('port-in-use', `Another ComfyUI answers on port ${port}.`);
  }

  #tellTransitions(instance: LocalInstance): void {
    let before = instance.process.state;
    instance.process.onChange((after) => {
      const notice = noticeOf(instance.definition.name, before, after);
      before = after;
      if (notice !== null) this.deps.notices.add(notice.level, notice.title, notice.detail, instance.id);
    });
  }

  #directoryOf(id: InstanceId): string {
    return path.join(this.deps.directory, 'instances', id);
  }
}
