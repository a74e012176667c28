import type { InstanceId } from './model.ts';

/** Workers that are rented or started elsewhere: who offers them, what they cost, and what became of each. */

export type ProviderId = string;
/** Names the rented thing too, so that it is a DNS label: lower-case letters and digits. */
export type LeaseId = string;

interface ProviderBase {
  readonly id: ProviderId;
  readonly name: string;
  /** A worker that is not ready by then is given back. */
  readonly readyMinutes: number;
}

/** Any program that prints the URL of a ComfyUI. */
export interface CommandProviderSettings extends ProviderBase {
  readonly kind: 'command';
  /** Command lines, taken apart as a shell would but never given to one; the last may be empty. */
  readonly start: string;
  readonly stop: string;
  readonly list: string;
  readonly pricePerHour: number;
}

export interface KubernetesProviderSettings extends ProviderBase {
  readonly kind: 'kubernetes';
  /** A file; empty = $KUBECONFIG, ~/.kube/config or the service account of this pod. */
  readonly kubeconfig: string;
  /** Empty = the current one. */
  readonly context: string;
  /** Empty = that of the context. */
  readonly namespace: string;
  readonly image: string;
  /** Of the container; empty = as the image says. */
  readonly args: string;
  readonly gpus: number;
  /** PersistentVolumeClaim with the models; empty = none. */
  readonly modelClaim: string;
  readonly modelPath: string;
  /** Host name with {name}, e.g. "{name}.gpu.example.com"; empty = a port-forward through the API server. */
  readonly ingressHost: string;
  readonly pricePerHour: number;
}

export type RunPodCloud = 'SECURE' | 'COMMUNITY';

export interface RunPodProviderSettings extends ProviderBase {
  readonly kind: 'runpod';
  /** Either of these two, or both: then the image is put in the place of the template's. */
  readonly image: string;
  readonly templateId: string;
  /** What starts ComfyUI in that image; only with it the pod can end itself. Empty = as image or template say. */
  readonly startCommand: string;
  /** Network volume id; empty = none. */
  readonly networkVolume: string;
  readonly volumePath: string;
  readonly cloud: RunPodCloud;
  /** Only these GPU types, e.g. "NVIDIA GeForce RTX 4090"; empty = all. */
  readonly gpus: readonly string[];
  /** Of the container, GB. */
  readonly diskGb: number;
}

export type ProviderSettings = CommandProviderSettings | KubernetesProviderSettings | RunPodProviderSettings;
export type ProviderKind = ProviderSettings['kind'];

/** What each kind keeps among the secrets. `environment`: lines NAME=value. */
export const CREDENTIALS = {
  command: ['environment'],
  kubernetes: ['environment'],
  runpod: ['apiKey', 'environment'],
} as const satisfies Readonly<Record<ProviderKind, readonly string[]>>;
export type CredentialName = (typeof CREDENTIALS)[ProviderKind][number];
/** Only what is to change; an empty text forgets. */
export type Credentials = Readonly<Partial<Record<CredentialName, string>>>;

/** USD; null = no limit. */
export interface SpendCaps {
  /** All leases that run at one time, per hour. */
  readonly perHour: number | null;
  /** Any 24 hours. */
  readonly perDay: number | null;
  /** Since this control center began to count. */
  readonly total: number | null;
}
export const NO_CAPS: SpendCaps = { perHour: null, perDay: null, total: null };

/** Who ends a lease when this control center is gone: the provider (or the machine itself), or nobody. */
export type Leash = 'itself' | 'nobody';

export interface Offer {
  readonly id: string;
  readonly provider: ProviderId;
  readonly name: string;
  /** GB; null where it is not told. */
  readonly vramGb: number | null;
  /** USD. */
  readonly pricePerHour: number;
  readonly stock: 'high' | 'medium' | 'low' | 'none' | 'unknown';
  readonly leash: Leash;
  /** What a person has to know before renting, one sentence each. */
  readonly warnings: readonly string[];
}

export type LeaseOutcome = 'released' | 'failed' | 'lost';

/** pending → ready → draining → released | lost | failed; a pending one can end too. */
export type LeaseState =
  | { readonly status: 'pending'; readonly note: string | null }
  | { readonly status: 'ready'; readonly url: string; readonly since: number }
  /** Given back, but the provider has not confirmed that it is gone: it may still cost. */
  | {
      readonly status: 'draining';
      readonly because: string;
      readonly outcome: LeaseOutcome;
      readonly since: number;
      /** What keeps it; null while nothing does. */
      readonly trouble: string | null;
    }
  | { readonly status: LeaseOutcome; readonly because: string; readonly at: number };

export interface Lease {
  readonly id: LeaseId;
  readonly provider: ProviderId;
  readonly providerName: string;
  readonly offer: string;
  readonly offerName: string;
  /** USD, as it was confirmed. */
  readonly pricePerHour: number;
  readonly leash: Leash;
  readonly requestedAt: number;
  readonly ttlMinutes: number;
  /** Without a prompt for so long, it is given back; 0 = never. */
  readonly idleMinutes: number;
  /** How long it has been paid for so far, ms. */
  readonly billedMs: number;
  /** How long it has had nothing to do, ms. */
  readonly idleMs: number;
  /** The provider's own id, e.g. of a pod; null until it is known. */
  readonly reference: string | null;
  /** Whose card it is; null until it has been ready. */
  readonly worker: InstanceId | null;
  readonly state: LeaseState;
}

/** Something at the provider that bears our tag and that no lease knows. */
export interface Orphan {
  readonly provider: ProviderId;
  readonly key: LeaseId;
  readonly reference: string;
  /** USD; null where the provider does not say. */
  readonly pricePerHour: number | null;
  readonly url: string | null;
}

export interface ProviderView {
  readonly settings: ProviderSettings;
  /** Names of the secrets that are kept for it. */
  readonly stored: readonly CredentialName[];
  readonly leash: Leash;
  /** Why its leases cannot be looked after now; null when all is well. */
  readonly trouble: string | null;
}

export interface Spending {
  /** USD per hour that the open leases cost together. */
  readonly rate: number;
  /** USD within the last 24 hours. */
  readonly day: number;
  readonly total: number;
}

export interface ProvidersState {
  readonly providers: readonly ProviderView[];
  /** Open ones first, then the newest. */
  readonly leases: readonly Lease[];
  readonly orphans: readonly Orphan[];
  readonly caps: SpendCaps;
  readonly spending: Spending;
}

export interface LeaseTerms {
  readonly ttlMinutes: number;
  readonly idleMinutes: number;
}

export interface RentOrder extends LeaseTerms {
  readonly provider: ProviderId;
  readonly offer: string;
  /** What the person has seen and confirmed, USD: refused when it is another by now. */
  readonly pricePerHour: number;
}

export function isOpen({ state }: Pick<Lease, 'state'>): boolean {
  return state.status === 'pending' || state.status === 'ready' || state.status === 'draining';
}

const MS_PER_HOUR = 3_600_000;

/** USD for so many ms. */
export function costOf(pricePerHour: number, ms: number): number {
  return (pricePerHour * Math.max(0, ms)) / MS_PER_HOUR;
}

/** ms that a lease may still be paid for. */
export function timeLeft({ ttlMinutes, billedMs }: Pick<Lease, 'ttlMinutes' | 'billedMs'>): number {
  return Math.max(0, ttlMinutes * 60_000 - billedMs);
}

/** "$0.44", and as many digits as small sums need. */
export function dollars(amount: number): string {
  const digits = amount > 0 && amount < 0.1 ? 4 : 2;
  return `$${amount.toFixed(digits)}`;
}
