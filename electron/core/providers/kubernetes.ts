import type { KubernetesProviderSettings, LeaseId, Offer } from '../../../shared/providers.ts';
import type { Clock, Random } from '../ports.ts';
import { KubeClient } from './kube-client.ts';
import { PodInformer } from './kube-informer.ts';
import { COMFY_PORT, ingressHostOf, ingressOf, podOf, serviceOf } from './kube-manifests.ts';
import { KubeNamespace } from './kube-namespace.ts';
import { keyOf, type Pod, readPod } from './kube-pod.ts';
import { readClusterAccess } from './kubeconfig.ts';
import { PortForward } from './port-forward.ts';
import { type Holding, type LeaseSpec, tagOf, type Watcher, type WorkerProvider } from './provider.ts';

export interface KubernetesDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly controller: string;
  readonly environment: () => Readonly<Record<string, string>>;
  /** Of this process: $KUBECONFIG and the service account are found by it. */
  readonly processEnvironment: NodeJS.ProcessEnv;
  readonly home: string;
}

const OFFER = 'pod';

/** One pod with its service per lease, followed by an informer, reached by a port-forward or an ingress. */
export class KubernetesProvider implements WorkerProvider {
  readonly leash = 'itself';
  readonly isRepeatable = true;
  readonly #forwards = new Map<LeaseId, { readonly forward: PortForward; readonly url: Promise<string> }>();
  #opened: Promise<KubeNamespace> | null = null;

  constructor(
    private readonly settings: KubernetesProviderSettings,
    private readonly deps: KubernetesDeps,
  ) {}

  async test(signal: AbortSignal): Promise<string> {
    this.#opened = null;
    const cluster = await this.#cluster();
    await cluster.checkRights(this.settings.ingressHost === '', signal);
    const pods = await cluster.pods(signal);
    return `${cluster.client.access.name} lets us make pods in ${cluster.name}; ${pods.length} of ours are there.`;
  }

  async offers(): Promise<readonly Offer[]> {
    const { id, gpus, pricePerHour, name } = this.settings;
    const what = gpus === 0 ? 'without a GPU' : gpus === 1 ? '1 GPU' : `${gpus} GPUs`;
    return [
      {
        ...{ id: OFFER, provider: id, name: `${name}, ${what}`, vramGb: null, pricePerHour },
        ...{ stock: 'unknown', leash: this.leash },
        warnings: ['The price is what was entered for this provider; the cluster does not tell one.'],
      },
    ];
  }

  async ensure(key: LeaseId, { ttlMinutes }: LeaseSpec, signal: AbortSignal): Promise<string> {
    const cluster = await this.#cluster();
    const { settings, deps } = this;
    const { controller } = deps;
    const options = { settings, controller, key, ttlMinutes, environment: deps.environment() };
    const { metadata } = await cluster.makePod(this.#nameOf(key), podOf(options), signal);
    await cluster.make('api/v1', 'services', serviceOf(options, metadata.uid), signal);
    if (settings.ingressHost !== '') {
      const ingress = ingressOf(options, metadata.uid);
      await cluster.make('apis/networking.k8s.io/v1', 'ingresses', ingress, signal);
    }
    return metadata.name;
  }

  watch(watcher: Watcher, expected: readonly LeaseId[]): () => void {
    const known = new Set(expected);
    const isOver = { value: false };
    const take = (pod: Pod, isDeleted: boolean): void => {
      const key = keyOf(pod);
      if (key === null) return;
      if (isDeleted) known.delete(key);
      else known.add(key);
      void this.#tell(pod, key, isDeleted, watcher, isOver);
    };
    const stop = new PodInformer({
      ...this.deps,
      cluster: () => this.#cluster(),
      onTrouble: watcher.onTrouble,
      onChange: take,
      onList: (pods) => {
        const there = new Set(pods.map(keyOf));
        for (const key of [...known]) {
          if (there.has(key)) continue;
          known.delete(key);
          this.#unforward(key);
          watcher.onEvent({ key, kind: 'gone', because: 'The pod is not there any more.' });
        }
        for (const pod of pods) take(pod, false);
      },
    }).start();
    return () => {
      isOver.value = true;
      stop();
      for (const key of [...this.#forwards.keys()]) this.#unforward(key);
    };
  }

  async release(key: LeaseId, _reference: string | null, signal: AbortSignal): Promise<void> {
    this.#unforward(key);
    await (await this.#cluster()).removePod(this.#nameOf(key), signal);
  }

  async reconcile(signal: AbortSignal): Promise<readonly Holding[]> {
    const pods = await (await this.#cluster()).pods(signal);
    return pods.flatMap((pod) => {
      const key = keyOf(pod);
      if (key === null || pod.metadata.deletionTimestamp) return [];
      return [{ key, reference: pod.metadata.name, url: null, pricePerHour: this.settings.pricePerHour }];
    });
  }

  async #tell(
    pod: Pod,
    key: LeaseId,
    isDeleted: boolean,
    { onEvent, onTrouble }: Watcher,
    isOver: { readonly value: boolean },
  ): Promise<void> {
    const reading = isDeleted ? ({ kind: 'gone', because: 'The pod was deleted.' } as const) : readPod(pod);
    if (reading.kind !== 'up') {
      if (reading.kind === 'gone') this.#unforward(key);
      onEvent({ key, ...reading });
      return;
    }
    try {
      const url = await this.#addressOf(pod, key);
      if (!isOver.value) onEvent({ key, kind: 'up', address: { url, headers: {} }, pricePerHour: null });
    } catch {
      onTrouble('No port of this machine could be opened for a port-forward.');
    }
  }

  async #addressOf(pod: Pod, key: LeaseId): Promise<string> {
    if (this.settings.ingressHost !== '') return `https://${ingressHostOf(this.settings, pod.metadata.name)}`;
    const known = this.#forwards.get(key);
    if (known !== undefined) return known.url;
    const cluster = await this.#cluster();
    const forward = new PortForward(cluster.client, cluster.podPath(pod.metadata.name), COMFY_PORT);
    const url = forward.open().then((port) => `http://127.0.0.1:${port}`);
    this.#forwards.set(key, { forward, url });
    return url;
  }

  #unforward(key: LeaseId): void {
    this.#forwards.get(key)?.forward.close();
    this.#forwards.delete(key);
  }

  #nameOf(key: LeaseId): string {
    return `${tagOf(this.deps.controller)}${key}`;
  }

  /** Read anew after a failure: the file may have been mended. */
  #cluster(): Promise<KubeNamespace> {
    const { kubeconfig: file, context, namespace } = this.settings;
    const { processEnvironment: environment, home, controller, clock } = this.deps;
    this.#opened ??= readClusterAccess({ file, context, environment, home })
      .then((access) => {
        const name = namespace === '' ? access.namespace : namespace;
        return new KubeNamespace(new KubeClient(access, this.deps), name, controller, clock);
      })
      .catch((error: unknown) => {
        this.#opened = null;
        throw error;
      });
    return this.#opened;
  }
}
