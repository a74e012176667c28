import { EnsembleError, toEnvelope } from '../../../shared/errors.ts';
import type { GpuInfo, InstanceId } from '../../../shared/model.ts';
import { MASTER_ID } from '../../../shared/model.ts';
import { sleep } from '../ports.ts';
import type { LaunchPlan } from '../supervisor/launch-plan.ts';
import type { FleetDeps } from './fleet-deps.ts';
import type { Instance } from './instance.ts';
import { InstanceFactory } from './instance-factory.ts';
import { LocalInstance } from './local-instance.ts';
import { noticeOf } from './process-notices.ts';
import { RemoteInstance } from './remote-instance.ts';
import { type InstanceDefinition, isLocal, type LocalDefinition, rosterOf } from './roster.ts';

/** Between two spawns of a start-all: 8 servers begin within a second without reading the disk all at once. */
export const STAGGER_MS = 100;

/** The instances of one install: built from the roster, started, watched and shown. */
export class Fleet {
  readonly #instances = new Map<InstanceId, Instance>();
  readonly #factory: InstanceFactory;

  constructor(readonly deps: FleetDeps) {
    this.#factory = new InstanceFactory(deps, {
      masterVersion: () => this.master.monitor.value.server?.comfyuiVersion ?? null,
    });
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

  /** Those of other machines that can be started from here, too. */
  async startAll(): Promise<void> {
    await this.#startEach([...this.local, ...this.#kept]);
  }

  async stopAll(): Promise<void> {
    const kept = this.#kept.map((instance) =>
      instance.stop().catch((error: unknown) => this.#tell(instance, 'stopped', error)),
    );
    await Promise.all([this.stopLocal(), ...kept]);
  }

  /** What ends with the control center. */
  async stopLocal(): Promise<void> {
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
    return this.#factory.planFor(definition);
  }

  async #startEach(instances: readonly Instance[]): Promise<void> {
    await Promise.all(
      instances.map(async (instance, index) => {
        const { stops } = instance;
        await sleep(this.deps.clock, index * STAGGER_MS);
        if (instance.stops !== stops) return;
        // One that cannot start says so; the others start all the same.
        await instance.start().catch((error: unknown) => this.#tell(instance, 'started', error));
      }),
    );
  }

  #tell({ id, definition }: Instance, done: string, error: unknown): void {
    const { message, hint } = toEnvelope(error);
    const title = `${definition.name} could not be ${done}`;
    this.deps.notices.add('error', title, `${message} ${hint ?? ''}`.trim(), id);
  }

  /** Those of other machines that somebody there starts and stops for us. */
  get #kept(): readonly RemoteInstance[] {
    return this.remote.filter(({ keeper }) => keeper !== null);
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
    const instance = isLocal(definition)
      ? this.#factory.createLocal(definition)
      : this.#factory.createRemote(definition);
    if (instance instanceof LocalInstance) this.#tellTransitions(instance);
    this.#instances.set(definition.id, instance);
    instance.onChange(() => {
      if (this.#instances.get(instance.id) === instance) state.setInstance(instance.snapshot());
    });
    state.setInstance(instance.snapshot());
  }

  #tellTransitions(instance: LocalInstance): void {
    let before = instance.process.state;
    instance.process.onChange((after) => {
      const notice = noticeOf(instance.definition.name, before, after);
      before = after;
      if (notice !== null) this.deps.notices.add(notice.level, notice.title, notice.detail, instance.id);
    });
  }
}
