import { createInterface } from 'node:readline';
import { z } from 'zod';
import { messageOf } from '../../../shared/errors.ts';
import { type Clock, type Random, sleep } from '../ports.ts';
import { kubeFailure } from './kube-client.ts';
import type { KubeNamespace } from './kube-namespace.ts';
import { type Pod, podListSchema, podSchema } from './kube-pod.ts';

export interface InformerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly cluster: () => Promise<KubeNamespace>;
  /** All that there are, at the beginning and whenever the thread was lost. */
  readonly onList: (pods: readonly Pod[]) => void;
  readonly onChange: (pod: Pod, isDeleted: boolean) => void;
  readonly onTrouble: (trouble: string | null) => void;
}

const eventSchema = z.object({ type: z.string(), object: z.looseObject({}) });
const versionSchema = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
/** The server ends a watch by itself before we take it for dead. */
const WATCH_SECONDS = 240;
const DEAD_MS = 270_000;
const FIRST_PAUSE_MS = 500;
const SLOWEST_MS = 60_000;
const GONE = 410;

/** List, then watch from there; again from the list when the server has forgotten where we were (410 Gone). */
export class PodInformer {
  #version: string | null = null;
  #failures = 0;

  constructor(private readonly deps: InformerDeps) {}

  /** @returns its end */
  start(): () => void {
    const controller = new AbortController();
    void this.#run(controller.signal).catch(() => undefined);
    return () => controller.abort();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, random, onTrouble } = this.deps;
    while (!signal.aborted) {
      try {
        const cluster = await this.deps.cluster();
        this.#version ??= await this.#list(cluster, signal);
        await this.#watch(cluster, this.#version, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#failures += 1;
        onTrouble(messageOf(error));
      }
      const pause = Math.min(SLOWEST_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#failures, 8));
      await sleep(clock, pause * (0.5 + random()), signal);
    }
  }

  async #list({ client, podsPath }: KubeNamespace, signal: AbortSignal): Promise<string> {
    const answer = await client.call('GET', podsPath, undefined, signal);
    const parsed = podListSchema.safeParse(answer.json);
    if (answer.status !== 200 || !parsed.success) throw kubeFailure(answer, client.access.name);
    this.deps.onList(parsed.data.items);
    return parsed.data.metadata.resourceVersion;
  }

  /** Resolves when the stream ends, whatever the reason; forgets the version where it is of no use any more. */
  async #watch({ client, podsPath }: KubeNamespace, version: string, signal: AbortSignal): Promise<void> {
    const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=${WATCH_SECONDS}`;
    const path = `${podsPath}&${query}&resourceVersion=${encodeURIComponent(version)}`;
    const dead = new AbortController();
    const cancel = this.deps.clock.after(DEAD_MS, () => dead.abort());
    const both = AbortSignal.any([signal, dead.signal]);
    try {
      const reply = await client.stream(path, both);
      if (reply.statusCode !== 200) {
        const text = await reply.body.text();
        if (reply.statusCode === GONE) this.#version = null;
        else throw kubeFailure({ status: reply.statusCode, text, json: json(text) }, client.access.name);
        return;
      }
      this.#failures = 0;
      this.deps.onTrouble(null);
      // With an error handler of its own: an aborted body emits one that nobody waits for.
      reply.body.on('error', () => {});
      for await (const line of createInterface({ input: reply.body, crlfDelay: Number.POSITIVE_INFINITY })) {
        if (!this.#take(line)) return;
      }
    } catch (error) {
      if (dead.signal.aborted && !signal.aborted) return;
      throw error;
    } finally {
      cancel();
      dead.abort();
    }
  }

  /** @returns false when the watch is of no use any more */
  #take(line: string): boolean {
    const event = eventSchema.safeParse(json(line));
    if (!event.success) return true;
    const { type, object } = event.data;
    if (type === 'ERROR') {
      // Mostly 410, "too old"; whatever else it is, the list that follows tells it if it lasts.
      this.#version = null;
      return false;
    }
    const version = versionSchema.safeParse(object);
    if (version.success) this.#version = version.data.metadata.resourceVersion;
    if (type === 'BOOKMARK') return true;
    const pod = podSchema.safeParse(object);
    if (pod.success) this.deps.onChange(pod.data, type === 'DELETED');
    return true;
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
