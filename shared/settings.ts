import type { AgentSettings } from './agents.ts';
import type { DeviceRef, InstanceId } from './model.ts';
import { NO_CAPS, type ProviderSettings, type SpendCaps } from './providers.ts';
import type { RemoteWorkerSettings } from './remote.ts';
import type { TunnelAtStart } from './tunnel.ts';

/** The settings file, version 1. Unknown keys written by a newer version are kept on write. */

export interface MasterSettings {
  readonly name: string;
  readonly port: number;
  readonly device: DeviceRef | null;
  readonly extraArgs: string;
  readonly selected: boolean;
}

export interface LocalWorkerSettings {
  readonly id: InstanceId;
  readonly type: 'local';
  readonly name: string;
  readonly port: number;
  readonly device: DeviceRef;
  readonly extraArgs: string;
  /** The card's checkbox: takes part in runs; also what auto-launch starts. */
  readonly selected: boolean;
}

export type WorkerSettings = LocalWorkerSettings | RemoteWorkerSettings;

export type ThemeChoice = 'system' | 'light' | 'dark';

/** balance: whole, to whoever is soonest; fan-out: one copy per participant where seeds make them differ; master: there. */
export type Distribution = 'balance' | 'fan-out' | 'master';

export interface Settings {
  readonly version: 1;
  readonly comfyui: { readonly root: string; readonly python: string | null } | null;
  readonly master: MasterSettings;
  readonly workers: readonly WorkerSettings[];
  /** First-launch population happened; never again, even when all workers were deleted. */
  readonly populated: boolean;
  /** Start the master and selected local workers when the control center starts. */
  readonly autoLaunch: boolean;
  /** End local servers on quit, crash and kill -9 alike; otherwise they go on and are adopted at the next start. */
  readonly stopOnQuit: boolean;
  readonly restartCrashed: boolean;
  readonly theme: ThemeChoice;
  readonly nativeNotifications: boolean;
  readonly closeToTray: boolean;
  readonly launchAtLogin: boolean;
  /** Seconds that a starting server may take before it counts as failed (custom nodes can be slow). */
  readonly readyTimeoutSeconds: number;
  readonly telemetrySeconds: number;
  /** Of the fleet’s own ComfyUI address; at a start the next free one where it is taken. */
  readonly gatewayPort: number;
  /** Other machines reach the ComfyUI address too, with a token. */
  readonly gatewayOpen: boolean;
  /** Further "name" or "name:port" under which browsers reach it, e.g. of a proxy. */
  readonly gatewayNames: readonly string[];
  /** Of prompts that come through it and say nothing themselves. */
  readonly gatewayDistribution: Distribution;
  /** Where cloudflared is; null = looked for. */
  readonly tunnelProgram: string | null;
  /** The public name of the named tunnel; null = there is none yet. */
  readonly tunnelHost: string | null;
  /** What is made public when the app starts. */
  readonly tunnelAtStart: TunnelAtStart;
  /** Who rents workers out. */
  readonly providers: readonly ProviderSettings[];
  readonly spendCaps: SpendCaps;
  /** Finished runs that are remembered; files stay in any case. */
  readonly keepRuns: number;
  /** Days after which a finished run is forgotten. */
  readonly keepRunDays: number;
  /** Other machines that were paired. */
  readonly agents: readonly AgentSettings[];
  /** Finds others in this network by mDNS, and is found by them. */
  readonly discovery: boolean;
}

/** Of the ComfyUI address of the whole fleet, until a person chooses another. */
export const DEFAULT_GATEWAY_PORT = 8200;

export const DEFAULT_SETTINGS: Settings = {
  version: 1,
  comfyui: null,
  master: { name: 'Master', port: 8188, device: null, extraArgs: '', selected: true },
  workers: [],
  populated: false,
  autoLaunch: true,
  stopOnQuit: true,
  restartCrashed: true,
  theme: 'system',
  nativeNotifications: true,
  closeToTray: true,
  launchAtLogin: false,
  readyTimeoutSeconds: 600,
  telemetrySeconds: 1,
  gatewayPort: DEFAULT_GATEWAY_PORT,
  gatewayOpen: false,
  gatewayNames: [],
  gatewayDistribution: 'balance',
  tunnelProgram: null,
  tunnelHost: null,
  tunnelAtStart: 'off',
  providers: [],
  spendCaps: NO_CAPS,
  keepRuns: 2000,
  keepRunDays: 365,
  agents: [],
  discovery: false,
};

/** What the ComfyUI address goes by. */
export type GatewaySettings = Pick<
  Settings,
  'gatewayPort' | 'gatewayOpen' | 'gatewayNames' | 'gatewayDistribution'
>;

/** "name", "name:port", "[address]:port": what a Host header can say. */
export const HOST_NAME = /^(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)(?::\d{1,5})?$/i;
export const MOST_GATEWAY_NAMES = 50;

/** The part of the settings that the Settings page edits in place; the rest changes through its own commands. */
export type PreferencePatch = Partial<
  Pick<
    Settings,
    | 'autoLaunch'
    | 'stopOnQuit'
    | 'restartCrashed'
    | 'theme'
    | 'nativeNotifications'
    | 'closeToTray'
    | 'launchAtLogin'
    | 'readyTimeoutSeconds'
    | 'telemetrySeconds'
    | 'gatewayPort'
    | 'gatewayOpen'
    | 'gatewayNames'
    | 'gatewayDistribution'
    | 'tunnelProgram'
    | 'tunnelAtStart'
    | 'keepRuns'
    | 'keepRunDays'
    | 'discovery'
  >
>;

/** Users of the plugin know these: the master on 8188, workers from 8189. */
export const FIRST_WORKER_PORT = 8189;
/** The control center's own page and contract. */
export const DEFAULT_CONTROL_PORT = 8288;
