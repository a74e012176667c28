import type { ComfyInstall } from '../../../shared/model.ts';
import type { Settings } from '../../../shared/settings.ts';
import type { GpuInventory } from '../gpu/inventory.ts';
import type { Notices } from '../notices.ts';
import type { Clock, Logger, Random } from '../ports.ts';
import type { Climber } from '../readiness/climber.ts';
import type { Secrets } from '../settings/secrets.ts';
import type { SettingsStore } from '../settings/store.ts';
import type { LaunchProgram } from '../supervisor/launch-plan.ts';
import type { ProcessRegistry } from '../supervisor/registry.ts';
import type { FleetState } from './fleet-state.ts';
import type { Keeper } from './keeper.ts';
import type { RemoteDefinition } from './roster.ts';

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
