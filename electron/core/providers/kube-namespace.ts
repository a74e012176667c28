import { z } from 'zod';
import { EnsembleError } from '../../../shared/errors.ts';
import { type Clock, sleep } from '../ports.ts';
import type { ApiAnswer } from './api-client.ts';
import { type KubeClient, kubeFailure, messageIn } from './kube-client.ts';
import { CONTROLLER_LABEL } from './kube-manifests.ts';
import { type Pod, podListSchema, podSchema } from './kube-pod.ts';
import { RentRefused } from './provider.ts';

const CONFIRM_MS = 1_000;
const CONFIRM_TRIES = 60;
/** What we must be allowed to do: verb, resource, subresource. */
const RIGHTS = [
  ['create', 'pods', ''],
  ['watch', 'pods', ''],
  ['delete', 'pods', ''],
  ['create', 'services', ''],
] as const;
const allowedSchema = z.object({ status: z.object({ allowed: z.boolean() }) });

/** The pods of this control center in one namespace, and what goes with them. */
export class KubeNamespace {
  constructor(
    readonly client: KubeClient,
    readonly name: string,
    private readonly controller: string,
    private readonly clock: Clock,
  ) {}

  /** Of our pods, for a list or a watch. */
  get podsPath(): string {
    const selector = encodeURIComponent(`${CONTROLLER_LABEL}=${this.controller}`);
    return `${this.path('api/v1', 'pods')}?labelSelector=${selector}`;
  }

  podPath(name: string): string {
    return `${this.path('api/v1', 'pods')}/${name}`;
  }

  path(group: string, resource: string): string {
    return `${group}/namespaces/${encodeURIComponent(this.name)}/${resource}`;
  }

  async pods(signal: AbortSignal): Promise<readonly Pod[]> {
    const answer = await this.client.call('GET', this.podsPath, undefined, signal);
    const parsed = podListSchema.safeParse(answer.json);
    if (answer.status !== 200 || !parsed.success) throw kubeFailure(answer, this.client.access.name);
    return parsed.data.items;
  }

  /** The one of this name that is there, or a new one. */
  async makePod(name: string, manifest: unknown, signal: AbortSignal): Promise<Pod> {
    const answer = await this.make('api/v1', 'pods', manifest, signal);
    const made =
      answer.status === 409 ? await this.client.call('GET', this.podPath(name), undefined, signal) : answer;
    const parsed = podSchema.safeParse(made.json);
    if (!parsed.success || made.status >= 300) throw kubeFailure(made, this.client.access.name);
    return parsed.data;
  }

  /** Names are unique: what is there already (409) is ours, of a call whose answer was lost. */
  async make(group: string, resource: string, manifest: unknown, signal: AbortSignal): Promise<ApiAnswer> {
    const answer = await this.client.call('POST', this.path(group, resource), manifest, signal);
    if (answer.status < 300 || answer.status === 409) return answer;
    const { name } = this.client.access;
    if (resource !== 'pods' || answer.status >= 500) throw kubeFailure(answer, name);
    throw new RentRefused(
      `The cluster ${name} made no pod: ${messageIn(answer)}.`,
      'A quota may be used up; free something in that namespace, or ask for more.',
    );
  }

  /** Resolves when the pod is not there any more; the cluster removes what it owns. */
  async removePod(name: string, signal: AbortSignal): Promise<void> {
    const answer = await this.client.call('DELETE', this.podPath(name), undefined, signal);
    if (answer.status >= 300 && answer.status !== 404) throw kubeFailure(answer, this.client.access.name);
    for (let attempt = 0; attempt < CONFIRM_TRIES; attempt += 1) {
      const { status } = await this.client.call('GET', this.podPath(name), undefined, signal);
      if (status === 404) return;
      await sleep(this.clock, CONFIRM_MS, signal);
    }
    throw new EnsembleError(
      'timeout',
      'The cluster has not ended the pod within a minute.',
      `Look at it: kubectl describe pod ${name}`,
    );
  }

  /** @throws EnsembleError('unauthorized') that names the first right that is missing */
  async checkRights(forwards: boolean, signal: AbortSignal): Promise<void> {
    const forward = forwards ? [['create', 'pods', 'portforward'] as const] : [];
    for (const right of [...RIGHTS, ...forward]) await this.#mayDo(right, signal);
  }

  async #mayDo(
    [verb, resource, subresource]: readonly [string, string, string],
    signal: AbortSignal,
  ): Promise<void> {
    const body = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { namespace: this.name, verb, resource, subresource } },
    };
    const path = 'apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const answer = await this.client.call('POST', path, body, signal);
    const parsed = allowedSchema.safeParse(answer.json);
    const cluster = this.client.access.name;
    if (answer.status >= 300 || !parsed.success) throw kubeFailure(answer, cluster);
    if (parsed.data.status.allowed) return;
    const what = subresource === '' ? resource : `${resource}/${subresource}`;
    throw new EnsembleError(
      'unauthorized',
      `${cluster} does not let us ${verb} ${what} in ${this.name}.`,
      'Ask for a role with that right, or choose another namespace.',
    );
  }
}
