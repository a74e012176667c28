import type { FieldProblem } from './errors.ts';
import type { GpuInfo, InstanceId } from './model.ts';

/** Workers on other machines: how they are reached, what opens them, and how far up the readiness ladder they came. */

export type RemoteType = 'remote' | 'cloud';

/** Where a ComfyUI listens. */
export interface RemotePlace {
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** https and wss. */
  readonly secure: boolean;
  /** What stands in front of its routes, e.g. "/comfy"; empty for most. */
  readonly path: string;
}

/** Who brought a worker into the fleet; null = a person. */
export type WorkerSource =
  | { readonly kind: 'agent'; readonly agent: string; readonly instance: InstanceId }
  | { readonly kind: 'provider'; readonly provider: string; readonly lease: string };

export interface RemoteWorkerSettings extends RemotePlace {
  readonly id: InstanceId;
  readonly type: RemoteType;
  readonly name: string;
  /** A self-signed certificate (PEM) that is trusted for this worker alone; null = the usual authorities. */
  readonly certificate: string | null;
  readonly selected: boolean;
  readonly source: WorkerSource | null;
}

/** What opens a server that asks for more than its address. `keep`: as it is stored. */
export type AccessDraft =
  | { readonly kind: 'none' }
  | { readonly kind: 'keep' }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  /** A Cloudflare Access service token. */
  | { readonly kind: 'cloudflare'; readonly clientId: string; readonly clientSecret: string }
  | {
      readonly kind: 'headers';
      readonly headers: readonly { readonly name: string; readonly value: string }[];
    };

/** What a form edits before a remote or cloud worker is saved. */
export interface RemoteDraft extends RemotePlace {
  readonly type: RemoteType;
  readonly name: string;
  readonly certificate: string | null;
  readonly access: AccessDraft;
}

export interface RemoteCheck {
  readonly problems: readonly FieldProblem[];
  /** Base URL that would be used; null while host or port are wrong. */
  readonly url: string | null;
}

// ── The readiness ladder ─────────────────────────────────────────────────────

/** From the ground up: a rung is tried only when the one below holds. */
export const RUNGS = ['reachable', 'comfyui', 'nodes', 'models', 'files'] as const;
export type Rung = (typeof RUNGS)[number];

/** A certificate that no authority vouches for, as the server showed it. */
export interface ShownCertificate {
  readonly pem: string;
  /** SHA-256, upper-case hex pairs with colons. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly validTo: string;
}

export type RungState =
  /** Not tried: one below it does not hold, or it is still to come. */
  | { readonly status: 'waiting' }
  | { readonly status: 'checking' }
  | { readonly status: 'passed'; readonly detail: string }
  /** It works, with something to know. */
  | { readonly status: 'warning'; readonly detail: string; readonly remedy: string | null }
  | {
      readonly status: 'failed';
      readonly detail: string;
      /** What the person can do, in words; null when nothing more can be said. */
      readonly remedy: string | null;
      /** To be run on that machine; null where no command helps. */
      readonly command: string | null;
      /** To be trusted with one click, if the person knows it. */
      readonly certificate: ShownCertificate | null;
    };

/** Measured on the way up; null until known. Rates are bytes per second. */
export interface Measured {
  readonly latencyMs: number | null;
  readonly uploadRate: number | null;
  readonly downloadRate: number | null;
  readonly gpu: string | null;
  readonly vramTotal: number | null;
  readonly vramFree: number | null;
  readonly version: string | null;
}

export interface Readiness {
  /** When this climb began, ms since the epoch. */
  readonly at: number;
  readonly done: boolean;
  readonly rungs: Readonly<Record<Rung, RungState>>;
  readonly measured: Measured;
}

export const NOTHING_MEASURED: Measured = {
  latencyMs: null,
  uploadRate: null,
  downloadRate: null,
  gpu: null,
  vramTotal: null,
  vramFree: null,
  version: null,
};

/** The rung that does not hold; null when all do or it is not known yet. */
export function failedRung(readiness: Readiness): Rung | null {
  return RUNGS.find((rung) => readiness.rungs[rung].status === 'failed') ?? null;
}

/** What a card shows of a worker elsewhere, beyond what every instance has. */
export interface RemoteFacts {
  readonly secure: boolean;
  readonly path: string;
  readonly certificate: string | null;
  /** How it is opened, its secrets masked, e.g. "Bearer ••••3f9a"; null when nothing is stored. */
  readonly access: string | null;
  readonly readiness: Readiness | null;
  readonly source: WorkerSource | null;
  /** Whoever starts and stops it there; null when nobody does. */
  readonly agent: AgentFacts | null;
}

/** What an agent tells of one of its servers. */
export interface AgentFacts {
  /** A sentence that says why it cannot be asked now; null when it can. */
  readonly unreachable: string | null;
  /** Its uuid names no GPU of another machine; readings come with the telemetry. */
  readonly gpu: GpuInfo | null;
}

/** How far a climb has come, for the dialog that asked for it. */
export interface ClimbProgress {
  readonly testId: string;
  readonly readiness: Readiness;
}

export interface RemoteCommands {
  /** What is wrong with a draft without asking anybody; `id` null: a new worker. */
  'remote.check': {
    args: { readonly id: InstanceId | null; readonly draft: RemoteDraft };
    result: RemoteCheck;
  };
  'remote.add': { args: { readonly draft: RemoteDraft }; result: { readonly id: InstanceId } };
  'remote.update': { args: { readonly id: InstanceId; readonly draft: RemoteDraft }; result: null };
  /**
   * Climbs the ladder with a draft; `climb` events with this `testId` tell how far it is. With a workflow (its text) nodes
   * and models are those that it needs.
   */
  'remote.test': {
    args: {
      readonly testId: string;
      readonly id: InstanceId | null;
      readonly draft: RemoteDraft;
      readonly workflow: string | null;
    };
    result: Readiness;
  };
  /** Lets go of a test that is no longer wanted; one that is over is no error. */
  'remote.stopTest': { args: { readonly testId: string }; result: null };
  /** Climbs again for a worker of the fleet; its card follows. */
  'remote.climb': { args: { readonly id: InstanceId }; result: Readiness };
}
