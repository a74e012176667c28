import path from 'node:path';
import { EnsembleError, toEnvelope } from '../../shared/errors.ts';
import type { ComfyInstall, InstallSource, RejectedInstall, SetupState } from '../../shared/model.ts';
import type { Settings } from '../../shared/settings.ts';
import { ActiveFleet, type FleetSurroundings } from './active-fleet.ts';
import { realProgram } from './fleet/program.ts';
import type { GpuInventory, SmiCommand } from './gpu/inventory.ts';
import type { Secrets } from './settings/secrets.ts';
import type { SettingsStore } from './settings/store.ts';
import type { Simulation } from './simulation.ts';
import { ProcessRegistry } from './supervisor/registry.ts';

export interface FoundInstalls {
  readonly found: readonly ComfyInstall[];
  readonly rejected: readonly RejectedInstall[];
}

export interface SetupDeps {
  readonly dataDirectory: string;
  readonly store: SettingsStore;
  readonly openDemoStore: (directory: string) => Promise<SettingsStore>;
  /** Of a fleet's remote workers; the folder is the fleet's. */
  readonly openSecrets: (directory: string) => Promise<Secrets>;
  readonly around: FleetSurroundings;
  readonly simulation: Simulation;
  readonly findInstalls: (settings: Settings) => Promise<FoundInstalls>;
  readonly checkInstall: (
    root: string,
    python: string | null,
    source: InstallSource,
  ) => Promise<ComfyInstall>;
  readonly createInventory: (locate: () => Promise<SmiCommand | null>) => GpuInventory;
  readonly locateSmi: () => Promise<SmiCommand | null>;
}

/** GPUs of the demo fleet that starts by itself where no ComfyUI is found. */
export const DEFAULT_DEMO_GPUS = 4;

/** Decides which fleet runs (the real one or the demo) and changes it, one change at a time. */
export class Setup {
  #active: ActiveFleet | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  /** GPUs of a demo that was asked for on the command line. */
  #state: SetupState = { status: 'searching' };

  constructor(private readonly deps: SetupDeps) {}

  get state(): SetupState {
    return this.#state;
  }

  /** @throws EnsembleError('not-ready') while no fleet is open */
  get active(): ActiveFleet {
    if (this.#active !== null) return this.#active;
    throw new EnsembleError('not-ready', 'The fleet is still being set up.', 'Wait a moment and try again.');
  }

  get isOpen(): boolean {
    return this.#active !== null;
  }

  /**
   * The forced demo; else the configured install; else the first one found; else the demo fleet, so that the first
   * screen is alive.
   */
  async begin(forcedDemo: number | null): Promise<void> {
    await this.#exclusive(async () => {
      if (forcedDemo !== null) {
        await this.#openDemo(forcedDemo);
        return;
      }
      const install = await this.#configured();
      if (install === null) await this.#openDemo(DEFAULT_DEMO_GPUS);
      else await this.#openReal(install);
    });
  }

  async find(): Promise<FoundInstalls> {
    return this.deps.findInstalls(this.deps.store.value);
  }

  async check(root: string, python: string | null): Promise<ComfyInstall> {
    return this.deps.checkInstall(root, python, 'picked');
  }

  /** Leaves whatever runs, and runs on this install from now on. */
  async use(root: string, python: string | null): Promise<void> {
    const install = await this.deps.checkInstall(root, python, 'settings');
    await this.#exclusive(async () => {
      await this.deps.store.update((settings) => ({
        ...settings,
        comfyui: { root: install.root, python: install.python },
      }));
      await this.#closeActive(true);
      await this.#openReal(install);
    });
  }

  async startDemo(gpus: number): Promise<void> {
    await this.#exclusive(async () => {
      await this.#closeActive(true);
      await this.#openDemo(gpus);
    });
  }

  /** Back to the real install where there is one; otherwise to the first-launch page. */
  async stopDemo(): Promise<void> {
    await this.#exclusive(async () => {
      await this.#closeActive(true);
      const install = await this.#configured();
      if (install === null) this.#setState({ status: 'no-comfyui' });
      else await this.#openReal(install);
    });
  }

  /** An imported roster: instances that leave it are stopped first. */
  async applyRoster(settings: Settings): Promise<void> {
    await this.#exclusive(async () => {
      const { store } = this.deps;
      if (this.#state.status !== 'configured') {
        await store.update(() => settings);
        return;
      }
      const { install } = this.#state;
      await this.#closeActive(true);
      await store.update(() => settings);
      await this.#openReal(install);
    });
  }

  /** @param end false leaves real servers running; a demo always ends */
  async close(end: boolean): Promise<void> {
    await this.#exclusive(() => this.#closeActive(end));
  }

  async #configured(): Promise<ComfyInstall | null> {
    const { store, around } = this.deps;
    const { comfyui } = store.value;
    if (comfyui !== null) {
      try {
        return await this.deps.checkInstall(comfyui.root, comfyui.python, 'settings');
      } catch (error) {
        if (!(error instanceof EnsembleError)) throw error;
        around.notices.add(
          'error',
          'The ComfyUI of the settings cannot be used',
          `${error.message} ${error.hint ?? ''}`,
        );
      }
    }
    const { found } = await this.find();
    const [first] = found;
    if (first === undefined) return null;
    // Where it cannot be kept it is found again at the next start.
    await store
      .update((settings) => ({ ...settings, comfyui: { root: first.root, python: first.python } }))
      .catch((error: unknown) => {
        around.notices.add(
          'error',
          'The ComfyUI that was found could not be saved',
          toEnvelope(error).message,
        );
      });
    return first;
  }

  async #openReal(install: ComfyInstall): Promise<void> {
    const { dataDirectory, store, around, createInventory, locateSmi, openSecrets } = this.deps;
    this.#setState({ status: 'configured', install });
    await this.#open(
      new ActiveFleet(
        {
          directory: dataDirectory,
          install,
          program: realProgram(install),
          store,
          inventory: createInventory(locateSmi),
          registry: await ProcessRegistry.open(path.join(dataDirectory, 'processes.json')),
          secrets: await openSecrets(dataDirectory),
        },
        around,
      ),
    );
  }

  async #openDemo(gpus: number): Promise<void> {
    const { dataDirectory, openDemoStore, simulation, around, createInventory, openSecrets } = this.deps;
    const directory = path.join(dataDirectory, 'demo', `${gpus}-gpus`);
    const machine = await simulation.prepare(directory, gpus);
    this.#setState({ status: 'demo', gpus });
    await this.#open(
      new ActiveFleet(
        {
          directory,
          install: machine.install,
          program: machine.program,
          store: await openDemoStore(directory),
          inventory: createInventory(async () => machine.smi),
          registry: await ProcessRegistry.open(path.join(directory, 'processes.json')),
          secrets: await openSecrets(directory),
        },
        around,
      ),
    );
  }

  async #open(active: ActiveFleet): Promise<void> {
    this.#active = active;
    await active.open();
  }

  async #closeActive(end: boolean): Promise<void> {
    const active = this.#active;
    this.#active = null;
    await active?.close(end);
  }

  #setState(state: SetupState): void {
    this.#state = state;
    this.deps.around.state.setRoot({ setup: state });
  }

  /** Two people pressing two buttons must not interleave an opening with a closing. */
  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => {});
    return result;
  }
}
