import type { AgentCommands, AgentStatus } from './agents.ts';
import type { DiscoveryCommands, DiscoveryState } from './discovery.ts';
import type { EditorState, PaneBounds } from './editor.ts';
import type { InstanceCommands, Target } from './instance-commands.ts';
import type {
  ComfyInstall,
  FleetPatch,
  FleetSnapshot,
  Notice,
  RejectedInstall,
  TelemetrySample,
} from './model.ts';
import type { ModelCommands } from './models.ts';
import type { NoArgs } from './no-args.ts';
import type { ProviderCommands } from './provider-commands.ts';
import type { ProvidersState } from './providers.ts';
import type { ClimbProgress, RemoteCommands } from './remote.ts';
import type { RunCommands } from './run-commands.ts';
import type { Artifact, RunsChange, Shard } from './runs.ts';
import type { PreferencePatch, Settings } from './settings.ts';
import type { TunnelCommands, TunnelStatus } from './tunnel.ts';

/** The one map of commands and events. Both ends of every transport derive from it; parse.ts checks its arguments. */

/** Where the plugin's gpu_config.json comes from: a path on this machine, or its text (dropped into a browser). */
export type ImportSource = { readonly path: string } | { readonly text: string };

export interface ImportPreview {
  /** One sentence per change, in order. */
  readonly changes: readonly string[];
  /** One sentence per thing that is left out, and why. */
  readonly skipped: readonly string[];
}

/** What this control center is and what its host can do. */
export interface SystemInfo {
  readonly name: string;
  readonly version: string;
  readonly shell: 'desktop' | 'headless';
  readonly platform: string;
  readonly dataDirectory: string;
  /** Address of the page, without a token. */
  readonly url: string;
  /** The ComfyUI address of the whole fleet; null while there is none. */
  readonly gatewayUrl: string | null;
  readonly pid: number;
  /** A native folder dialog, tray and login item exist. */
  readonly canPickFolders: boolean;
  readonly canLaunchAtLogin: boolean;
  readonly versions: Readonly<Record<string, string>>;
}

/** Somebody at the ComfyUI address. */
export interface GatewayClient {
  /** Tells two sockets of one client apart. */
  readonly id: string;
  readonly address: string;
  /** What it calls itself in prompts and at the WebSocket; null when it does not. */
  readonly clientId: string | null;
  /** Its User-Agent; empty when it says none. */
  readonly program: string;
  /** ms since the epoch. */
  readonly since: number;
  /** Unfinished prompts of it. */
  readonly prompts: number;
  /** It has a WebSocket open; otherwise only its prompts are here. */
  readonly connected: boolean;
}

/** The ComfyUI address of the whole fleet, as it is now. */
export interface GatewayStatus {
  /** On this machine; null while there is none. */
  readonly url: string | null;
  /** Other machines reach it too, with the token. */
  readonly open: boolean;
  /** --gateway-host decides where it listens; the setting has no say then. */
  readonly fixedHost: string | null;
  /** How other machines reach it, a tunnel's first; empty unless it is open or has a tunnel. */
  readonly addresses: readonly string[];
  /** At most 200, the longest there first. */
  readonly clients: readonly GatewayClient[];
  readonly clientCount: number;
}

export type DoctorLevel = 'ok' | 'warning' | 'problem';

export interface DoctorFinding {
  readonly topic: 'gpus' | 'driver' | 'comfyui' | 'python' | 'ports' | 'disk' | 'electron' | 'data';
  readonly level: DoctorLevel;
  readonly text: string;
  readonly hint: string | null;
}

export interface DoctorReport {
  readonly at: number;
  readonly findings: readonly DoctorFinding[];
}

/** command name → its arguments and result. Commands without arguments take `{}`. */
export interface Commands
  extends InstanceCommands,
    RunCommands,
    RemoteCommands,
    TunnelCommands,
    AgentCommands,
    ModelCommands,
    DiscoveryCommands,
    ProviderCommands {
  'system.info': { args: NoArgs; result: SystemInfo };
  'system.quit': { args: NoArgs; result: null };
  'doctor.run': { args: NoArgs; result: DoctorReport };

  'fleet.snapshot': { args: NoArgs; result: FleetSnapshot };
  'fleet.startAll': { args: NoArgs; result: null };
  'fleet.stopAll': { args: NoArgs; result: null };
  'fleet.setParticipation': { args: { readonly participate: boolean }; result: null };
  'telemetry.history': { args: NoArgs; result: readonly TelemetrySample[] };

  'gpus.rescan': { args: NoArgs; result: null };

  'comfyui.find': {
    args: NoArgs;
    result: { readonly found: readonly ComfyInstall[]; readonly rejected: readonly RejectedInstall[] };
  };
  'comfyui.check': { args: { readonly root: string; readonly python: string | null }; result: ComfyInstall };
  /** Leaves the demo, populates the fleet on first use, starts it when auto-launch is on. */
  'comfyui.use': { args: { readonly root: string; readonly python: string | null }; result: null };
  'demo.start': { args: { readonly gpus: number }; result: null };
  'demo.stop': { args: NoArgs; result: null };

  'import.preview': { args: { readonly source: ImportSource }; result: ImportPreview };
  'import.apply': { args: { readonly source: ImportSource }; result: ImportPreview };

  'settings.get': { args: NoArgs; result: Settings };
  'settings.update': { args: { readonly patch: PreferencePatch }; result: null };

  'gateway.status': { args: NoArgs; result: GatewayStatus };
  /** What other machines have to show. */
  'gateway.token': { args: NoArgs; result: { readonly token: string } };
  /** Ends every connection that the old one let in. */
  'gateway.renewToken': { args: NoArgs; result: { readonly token: string } };

  'notices.list': { args: NoArgs; result: readonly Notice[] };
  'notices.clear': { args: NoArgs; result: null };

  /** Native folder dialog; null when cancelled. Refused with `unavailable` on a headless host. */
  'shell.pickFolder': { args: { readonly title: string }; result: { readonly path: string } | null };
  /** Opens an instance's own page, or a documentation link, in the default browser. */
  'shell.openInstance': { args: Target; result: { readonly url: string } };
  /** Opens the ComfyUI page of the whole fleet in the default browser. */
  'shell.openGateway': { args: NoArgs; result: { readonly url: string } };

  /** Puts the ComfyUI page there, over ours, and begins it where there is none. `unavailable` on a headless host. */
  'editor.show': { args: { readonly bounds: PaneBounds }; result: EditorState };
  /** Out of sight; it goes on as it is. */
  'editor.hide': { args: NoArgs; result: null };
  'editor.reload': { args: NoArgs; result: null };
}

export type CommandName = keyof Commands;
export type CommandArgs<C extends CommandName> = Commands[C]['args'];
export type CommandResult<C extends CommandName> = Commands[C]['result'];

/** event name → payload. Events broadcast state; they never orchestrate. */
export interface Events {
  /** At most ten a second: changes in between are merged. */
  fleet: FleetPatch;
  telemetry: TelemetrySample;
  notice: Notice;
  settings: Settings;
  /** Runs that changed; at most ten a second. */
  runs: RunsChange;
  /** Shards that changed, of any run; at most ten a second. */
  shards: readonly Shard[];
  /** A file that has just come home. */
  artifact: Artifact;
  /** At most one a second. */
  gateway: GatewayStatus;
  /** What becomes of the ComfyUI page in the desktop window. */
  editor: EditorState;
  /** How far a test of a remote or cloud worker has come. */
  climb: ClimbProgress;
  tunnel: TunnelStatus;
  /** At most four a second. */
  providers: ProvidersState;
  /** The paired machines, whenever one of them changes. */
  agents: readonly AgentStatus[];
  /** Who is found in the network. */
  discovery: DiscoveryState;
}

export type EventName = keyof Events;
export const EVENT_NAMES = [
  'fleet',
  'telemetry',
  'notice',
  'settings',
  'runs',
  'shards',
  'artifact',
  'gateway',
  'editor',
  'climb',
  'tunnel',
  'providers',
  'agents',
  'discovery',
] as const satisfies readonly EventName[];

/** What a user interface talks to, whatever carries it. */
export interface ControlClient {
  /**
   * Rejects with EnsembleError. `signal`, an AbortSignal (which code without DOM and Node cannot name), lets go of a
   * long wait (logs.read): the reply is no longer wanted.
   */
  invoke<C extends CommandName>(
    command: C,
    args: CommandArgs<C>,
    signal?: unknown,
  ): Promise<CommandResult<C>>;
  /** Returns its own unsubscribe. */
  subscribe<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void;
  /** Follows the connection: a client that comes back fetches a snapshot again. */
  onConnection(listener: (connected: boolean) => void): () => void;
  /** Absolute URL for a path such as "/files/pictures/…". */
  fileUrl(path: string): string;
}

/** One handler per command: what the control center implements and the dispatcher calls. */
export type CommandHandlers = {
  readonly [C in CommandName]: (args: CommandArgs<C>) => Promise<CommandResult<C>>;
};

/** Where the transports get their events from. */
export interface EventSource {
  on<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void;
}
