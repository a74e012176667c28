import type { ProcessState } from './lifecycle.ts';
import type { RemoteFacts } from './remote.ts';

/** Readonly snapshots that cross the transports. Times are ms since the epoch, sizes bytes, shares 0..1 unless said otherwise. */

export type InstanceId = string;
export const MASTER_ID: InstanceId = 'master';

export type WorkerType = 'local' | 'remote' | 'cloud';
export type MasterMode = 'participating' | 'orchestrator-only' | 'fallback';

/**
 * Where an instance computes: a GPU's UUID ("GPU-…", "MIG-…"), a physical index ("1"; "0,1" for two), or "cpu".
 * UUIDs are what we write; indices are what people and imported configurations write.
 */
export type DeviceRef = string;

// ── GPUs ─────────────────────────────────────────────────────────────────────

export interface GpuInfo {
  readonly uuid: string;
  /** nvidia-smi's index: PCI bus order. */
  readonly index: number;
  readonly pciBusId: string;
  readonly name: string;
  readonly memoryTotal: number;
  readonly driver: string;
  readonly mig: boolean;
  readonly health: 'ok' | 'lost';
  readonly simulated: boolean;
}

export interface GpuSample {
  readonly uuid: string;
  readonly memoryUsed: number | null;
  readonly utilization: number | null;
  /** °C */
  readonly temperature: number | null;
  /** W */
  readonly power: number | null;
  /** W */
  readonly powerLimit: number | null;
}

export interface HostSample {
  readonly cpu: number | null;
  readonly memoryUsed: number | null;
  readonly memoryTotal: number | null;
  /** Free bytes on the volume of the data directory. */
  readonly diskFree: number | null;
  readonly diskTotal: number | null;
}

/** One row of the 1 Hz telemetry. */
export interface TelemetrySample {
  readonly at: number;
  readonly gpus: readonly GpuSample[];
  readonly host: HostSample;
}

export type GpuInventoryState =
  | { readonly status: 'searching' }
  | { readonly status: 'ok'; readonly command: string; readonly driver: string | null }
  /** No nvidia-smi, or it fails: `message` and `hint` are for people. */
  | { readonly status: 'unavailable'; readonly message: string; readonly hint: string };

// ── ComfyUI installs ─────────────────────────────────────────────────────────

export type InstallSource =
  | 'settings'
  | 'environment'
  | 'usual-folder'
  | 'windows-portable'
  | 'comfy-desktop'
  | 'picked'
  | 'simulated';

/** A folder with ComfyUI's main.py and a Python that runs it. */
export interface ComfyInstall {
  /** The folder that holds main.py. */
  readonly root: string;
  readonly python: string;
  readonly version: string | null;
  readonly source: InstallSource;
  /** Long flags that its `main.py --help` lists, e.g. "--port". */
  readonly flags: readonly string[];
  /** Comfy Desktop keeps models and nodes apart from the code: passed as --base-directory. */
  readonly baseDirectory: string | null;
}

/** A folder that was looked at and cannot be used, with the sentence that says why. */
export interface RejectedInstall {
  readonly root: string;
  readonly message: string;
  readonly hint: string;
}

// ── Instances ────────────────────────────────────────────────────────────────

/** What an instance does right now, told by its own WebSocket and queue. */
export interface Activity {
  readonly promptId: string | null;
  readonly node: string | null;
  /** The node's title or class, for people. */
  readonly nodeTitle: string | null;
  readonly step: number | null;
  readonly steps: number | null;
  /** True when the running prompt is ours. */
  readonly ours: boolean;
}

/** Whether an instance's ComfyUI answers over HTTP, whoever started it. */
export type LinkState =
  | { readonly status: 'unknown' }
  | {
      readonly status: 'up';
      readonly since: number;
      readonly latencyMs: number;
      /** How often it was lost within the last UNSTABLE_WITHIN_MS; absent while that is seldom. */
      readonly losses?: number;
    }
  | { readonly status: 'down'; readonly since: number; readonly reason: string };

export interface ServerInfo {
  readonly comfyuiVersion: string | null;
  readonly pythonVersion: string | null;
  readonly pytorchVersion: string | null;
  readonly deviceName: string | null;
  readonly vramTotal: number | null;
  /** Its paths have backslashes. */
  readonly windows: boolean;
}

/** Does the child really sit on the GPU it was given? (nvidia-smi's compute processes by pid) */
export type PlacementCheck =
  | { readonly status: 'not-applicable' }
  | { readonly status: 'pending' }
  | { readonly status: 'verified'; readonly gpuUuid: string }
  | { readonly status: 'mismatch'; readonly expected: string; readonly actual: readonly string[] };

/** A test picture that a person queued from the card. */
export interface TestPicture {
  readonly id: string;
  readonly status: 'queued' | 'running' | 'done' | 'failed';
  readonly at: number;
  readonly step: number | null;
  readonly steps: number | null;
  /** Path below the control center's address, e.g. "/files/pictures/ID.png". */
  readonly url: string | null;
  readonly workflow: 'model-free' | 'txt2img';
  readonly seconds: number | null;
  readonly error: string | null;
}

export interface InstanceSnapshot {
  readonly id: InstanceId;
  readonly role: 'master' | 'worker';
  readonly type: WorkerType;
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Base URL of its ComfyUI, without a trailing slash. */
  readonly url: string;
  readonly device: DeviceRef;
  /** The GPU that `device` resolves to; null for CPU, unknown or several. */
  readonly gpuUuid: string | null;
  readonly extraArgs: string;
  /** Takes part in runs (the checkbox). */
  readonly selected: boolean;
  /**
   * managed: our child, or started and stopped through an agent; attached: somebody else's server that we use but never
   * stop.
   */
  readonly control: 'managed' | 'attached';
  readonly process: ProcessState;
  readonly link: LinkState;
  readonly server: ServerInfo | null;
  /** Prompts running and waiting there; null while unknown. */
  readonly queue: number | null;
  readonly activity: Activity | null;
  /** Grows with each live preview frame; 0 = none. Image at /files/previews/ID?n=REVISION. */
  readonly preview: number;
  readonly placement: PlacementCheck;
  readonly picture: TestPicture | null;
  /** When it last finished a prompt. */
  readonly lastRunAt: number | null;
  /** Pictures per minute on its latest workflow; null until measured. */
  readonly imagesPerMinute: number | null;
  readonly simulated: boolean;
  /** null for local ones. */
  readonly remote: RemoteFacts | null;
}

// ── The fleet ────────────────────────────────────────────────────────────────

export type NoticeLevel = 'info' | 'success' | 'warning' | 'error';

/** An event worth telling; the notification centre keeps the latest 200. */
export interface Notice {
  readonly id: number;
  readonly at: number;
  readonly level: NoticeLevel;
  readonly title: string;
  readonly detail: string | null;
  readonly instanceId: InstanceId | null;
}

/** How far the set-up has come; decides what the first screen teaches. */
export type SetupState =
  | { readonly status: 'searching' }
  | { readonly status: 'no-comfyui' }
  | { readonly status: 'demo'; readonly gpus: number }
  | { readonly status: 'configured'; readonly install: ComfyInstall };

export interface FleetSnapshot {
  /** Identifies one life of the control center; a client that sees a new one starts over. */
  readonly epoch: string;
  /** Grows by one with every change. */
  readonly revision: number;
  readonly setup: SetupState;
  readonly mode: MasterMode;
  /** The master's toggle: renders too. */
  readonly masterParticipates: boolean;
  readonly gpuInventory: GpuInventoryState;
  readonly gpus: readonly GpuInfo[];
  /** Master first, then workers in settings order. */
  readonly instances: readonly InstanceSnapshot[];
}

/**
 * What changed between `revision - 1` and `revision`. A client whose revision is not `revision - 1` fetches a snapshot.
 * `order` is present when instances were added, removed or moved.
 */
export interface FleetPatch {
  readonly epoch: string;
  readonly revision: number;
  readonly root: Partial<Omit<FleetSnapshot, 'epoch' | 'revision' | 'instances'>>;
  readonly instances: readonly InstanceSnapshot[];
  readonly order: readonly InstanceId[] | null;
}
