import path from 'node:path';
import { type ComfyInstall, MASTER_ID } from '../../shared/model.ts';
import type { Settings } from '../../shared/settings.ts';
import { probeComfy } from './comfy/probe.ts';
import { Fleet } from './fleet/fleet.ts';
import type { FleetState } from './fleet/fleet-state.ts';
import { localUrl } from './fleet/instance.ts';
import { PlacementWatch } from './fleet/placement-watch.ts';
import { populate } from './fleet/population.ts';
import { WorkerEditing } from './fleet/worker-editing.ts';
import type { GpuInventory } from './gpu/inventory.ts';
import type { Notices } from './notices.ts';
import type { Clock, Logger, Random } from './ports.ts';
import type { Runtime } from './runtime.ts';
import type { SettingsStore } from './settings/store.ts';
import { type Guardian, startGuardian } from './supervisor/guardian-client.ts';
import type { LaunchProgram } from './supervisor/launch-plan.ts';
import { listPorts } from './supervisor/ports.ts';
import { processTree } from './supervisor/process-tree.ts';
import { ProcessRegistry } from './supervisor/registry.ts';
import { endSurvivor, findSurvivors, waitForGuardian } from './supervisor/survivors.ts';

/** What every fleet of this control center shares. */
export interface FleetSurroundings {
  readonly state: FleetState;
  readonly notices: Notices;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly runtime: Runtime;
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly preferences: () => Settings;
  readonly reservedPorts: () => ReadonlyMap<number, string>;
  readonly memory: () => { readonly used: number; readonly total: number } | null;
}

export interface FleetPlace {
  /** The data directory, or the demo's folder in it. */
  readonly directory: string;
  readonly install: ComfyInstall;
  readonly program: LaunchProgram;
  readonly store: SettingsStore;
  readonly inventory: GpuInventory;
}
