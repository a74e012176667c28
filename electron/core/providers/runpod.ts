import type { LeaseId, Offer, RunPodProviderSettings } from '../../../shared/providers.ts';
import { type Clock, type Random, sleep } from '../ports.ts';
import { PollWatch } from './poll-watch.ts';
import {
  type Holding,
  type LeaseSpec,
  type ProviderEvent,
  RentRefused,
  tagOf,
  type Watcher,
  type WorkerProvider,
} from './provider.ts';
import { type CreatePod, detailOf, failureOf, RUNPOD_URL, RunPodApi, type RunPodPod } from './runpod-api.ts';

export interface RunPodDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly controller: string;
  /** Read anew at each call, so that a changed key holds at once. */
  readonly apiKey: () => string;
  readonly environment: () => Readonly<Record<string, string>>;
  /** Another address than RunPod's own; for tests. */
  readonly baseUrl?: string;
}

export const COMFY_PORT = 8188;
const POLL_MS = 10_000;
const CONFIRM_MS = 2_000;
const CONFIRM_TRIES = 30;
/** A price may be rounded. */
const PRICE_SLACK = 1.005;

/** One pod per lease, found again by its name. */
export class RunPodProvider implements WorkerProvider {
  readonly isRepeatable = false;
  readonly #api: RunPodApi;
  readonly #tag: string;

  constructor(
    private readonly settings: RunPodProviderSettings,
    private readonly deps: RunPodDeps,
  ) {
    this.#api = new RunPodApi(deps.baseUrl ?? RUNPOD_URL, deps.apiKey, deps);
    this.#tag = tagOf(deps.controller);
  }

  /** The API knows no time after which a pod ends: only what starts in the pod can see to that. */
  get leash(): 'itself' | 'nobody' {
    return this.settings.startCommand === '' ? 'nobody' : 'itself';
  }

  async test(signal: AbortSignal): Promise<string> {
    const [pods, offers] = [await this.#api.pods(signal), await this.offers(signal)];
    const ours = pods.filter(({ name }) => name.startsWith(this.#tag)).length;
    return `RunPod accepts the key: ${pods.length} pods, ${ours} of them from here; ${offers.length} GPU types to choose from.`;
  }

  async offers(signal: AbortSignal): Promise<readonly Offer[]> {
    const { cloud, gpus, id } = this.settings;
    const secure = cloud === 'SECURE';
    return (await this.#api.gpus(cloud, signal)).flatMap((gpu) => {
      const price = (secure ? gpu.price.secure : gpu.price.community) ?? 0;
      if (price <= 0 || !(secure ? gpu.secure : gpu.community)) return [];
      if (gpus.length > 0 && !gpus.includes(gpu.id)) return [];
      return {
        id: gpu.id,
        provider: id,
        name: gpu.name,
        vramGb: gpu.memory,
        pricePerHour: price,
        stock: stockOf(gpu.availability),
        leash: this.leash,
        warnings: this.#warnings(),
      };
    });
  }

  async ensure(key: LeaseId, spec: LeaseSpec, signal: AbortSignal): Promise<string> {
    const [known] = await this.#podsOf(key, signal);
    if (known !== undefined) return known.id;
    const made = await this.#api.create(this.#podFor(key, spec), signal);
    if (!('pod' in made)) throw this.#refused(made.answer);
    const { id, cost } = made.pod;
    if (cost !== null && cost !== undefined && cost > spec.pricePerHour * PRICE_SLACK) {
      await this.release(key, id, signal);
      throw new RentRefused(
        `RunPod would have charged $${cost} per hour in place of $${spec.pricePerHour}; the pod was ended at once.`,
        'Look at the offers again.',
      );
    }
    return id;
  }

  watch(watcher: Watcher, expected: readonly LeaseId[]): () => void {
    return new PollWatch({
      ...this.deps,
      watcher,
      expected,
      everyMs: POLL_MS,
      poll: async (signal) => (await this.#ours(signal)).map(({ key, pod }) => eventOf(key, pod)),
    }).start();
  }

  async release(key: LeaseId, reference: string | null, signal: AbortSignal): Promise<void> {
    const named = await this.#podsOf(key, signal);
    const ids = new Set([...named.map(({ id }) => id), ...(reference === null ? [] : [reference])]);
    for (const id of ids) {
      await this.#api.delete(id, signal);
      await this.#confirm(id, signal);
    }
  }

  async reconcile(signal: AbortSignal): Promise<readonly Holding[]> {
    return (await this.#ours(signal)).map(({ key, pod }) => ({
      key,
      reference: pod.id,
      url: pod.status === 'RUNNING' ? urlOf(pod.id) : null,
      pricePerHour: pod.cost ?? null,
    }));
  }

  async #confirm(id: string, signal: AbortSignal): Promise<void> {
    for (let attempt = 0; attempt < CONFIRM_TRIES; attempt += 1) {
      const pod = await this.#api.pod(id, signal);
      if (pod === null || pod.status === 'TERMINATED') return;
      await sleep(this.deps.clock, CONFIRM_MS, signal);
    }
    throw new RentRefused(
      `RunPod has not ended the pod ${id} after a minute.`,
      'End it in the RunPod console.',
    );
  }

  async #podsOf(key: LeaseId, signal: AbortSignal): Promise<readonly RunPodPod[]> {
    return (await this.#ours(signal)).filter((one) => one.key === key).map(({ pod }) => pod);
  }

  async #ours(signal: AbortSignal): Promise<readonly { readonly key: LeaseId; readonly pod: RunPodPod }[]> {
    return (await this.#api.pods(signal)).flatMap((pod) =>
      pod.name.startsWith(this.#tag) && pod.status !== 'TERMINATED'
        ? [{ key: pod.name.slice(this.#tag.length), pod }]
        : [],
    );
  }

  #podFor(key: LeaseId, { offer, ttlMinutes }: LeaseSpec): CreatePod {
    const { image, templateId, startCommand, networkVolume, volumePath, cloud, diskGb } = this.settings;
    return {
      name: `${this.#tag}${key}`,
      gpu: { id: offer, count: 1 },
      cloud,
      disk: diskGb,
      ports: [`${COMFY_PORT}/http`],
      env: { ...this.deps.environment() },
      ...(image === '' ? {} : { image }),
      ...(templateId === '' ? {} : { templateId }),
      ...(startCommand === '' ? {} : { args: endsItself(startCommand, ttlMinutes) }),
      ...(networkVolume === ''
        ? {}
        : { mounts: { network: [{ volumeId: networkVolume, path: volumePath }] } }),
    };
  }

  #refused(answer: Parameters<typeof failureOf>[0]): Error {
    // Nobody knows then whether there is a pod.
    if (answer.status >= 500) return failureOf(answer);
    if (answer.status === 402) {
      return new RentRefused(
        `RunPod wants money first: ${detailOf(answer)}.`,
        'Add credit in the RunPod console.',
      );
    }
    const { message, hint } = failureOf(answer);
    return new RentRefused(message, hint ?? 'Another GPU type or another data center may be free.');
  }

  #warnings(): readonly string[] {
    const open =
      'Its address at proxy.runpod.net asks nobody for a password: who knows it can use the worker.';
    const left =
      'If this computer is off when the time is over, the pod goes on and costs: give the provider a start command, so that the pod ends itself.';
    return this.leash === 'itself' ? [open] : [open, left];
  }
}

const GRACE_MINUTES = 5;

/** The pod's own key may end the pod, whatever has become of us. */
function endsItself(startCommand: string, ttlMinutes: number): string {
  const seconds = (ttlMinutes + GRACE_MINUTES) * 60;
  const end = `curl -fsS -X DELETE -H "Authorization: Bearer $RUNPOD_API_KEY" ${RUNPOD_URL}/v2/pods/$RUNPOD_POD_ID || runpodctl remove pod $RUNPOD_POD_ID`;
  const script = `(sleep ${seconds}; until ${end}; do sleep 60; done) & exec ${startCommand}`;
  return `bash -c '${script.replaceAll("'", `'\\''`)}'`;
}

function eventOf(key: LeaseId, pod: RunPodPod): ProviderEvent {
  switch (pod.status) {
    case 'RUNNING':
      return {
        key,
        kind: 'up',
        address: { url: urlOf(pod.id), headers: {} },
        pricePerHour: pod.cost ?? null,
      };
    case 'PROVISIONING':
      return { key, kind: 'starting', note: 'RunPod looks for a machine.' };
    case 'STARTING':
      return { key, kind: 'starting', note: 'The image is fetched and started.' };
    case 'EXITED':
      return { key, kind: 'gone', because: 'The pod has stopped.' };
    case 'ERROR':
      return { key, kind: 'gone', because: 'The pod’s container failed.' };
    default:
      return { key, kind: 'starting', note: `RunPod says ${pod.status.toLowerCase()}.` };
  }
}

function urlOf(pod: string): string {
  return `https://${pod}-${COMFY_PORT}.proxy.runpod.net`;
}

function stockOf(availability: string | null | undefined): Offer['stock'] {
  switch (availability?.toUpperCase()) {
    case 'HIGH':
      return 'high';
    case 'MEDIUM':
      return 'medium';
    case 'LOW':
      return 'low';
    case 'NONE':
    case 'UNAVAILABLE':
      return 'none';
    default:
      return 'unknown';
  }
}
