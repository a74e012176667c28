import { z } from 'zod';
import { EnsembleError } from '../../../shared/errors.ts';
import { type ApiAnswer, type ApiClientDeps, callApi } from './api-client.ts';

/** RunPod's REST API v2 as its published OpenAPI description has it (read in August 2026). */

export const RUNPOD_URL = 'https://api.runpod.io';

const podSchema = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  cost: z.number().nullish(),
});
export type RunPodPod = z.infer<typeof podSchema>;
const podsSchema = z.object({ pods: z.array(podSchema) });

const gpuSchema = z.object({
  id: z.string(),
  name: z.string(),
  memory: z.number(),
  secure: z.boolean(),
  community: z.boolean(),
  price: z.object({ secure: z.number().nullish(), community: z.number().nullish() }),
  availability: z.string().nullish(),
});
export type RunPodGpu = z.infer<typeof gpuSchema>;
const gpusSchema = z.object({ gpus: z.array(gpuSchema) });

const problemSchema = z.object({
  title: z.string().optional(),
  detail: z.string().optional(),
  errors: z.array(z.string()).optional(),
});

export interface CreatePod {
  readonly name: string;
  readonly gpu: { readonly id: string; readonly count: number };
  readonly cloud: string;
  readonly ports: readonly string[];
  readonly disk: number;
  readonly env: Readonly<Record<string, string>>;
  readonly image?: string;
  readonly templateId?: string;
  readonly args?: string;
  readonly mounts?: { readonly network: readonly { readonly volumeId: string; readonly path: string }[] };
}

export class RunPodApi {
  constructor(
    private readonly base: string,
    private readonly apiKey: () => string,
    private readonly deps: ApiClientDeps,
  ) {}

  async gpus(cloud: string, signal: AbortSignal): Promise<readonly RunPodGpu[]> {
    const query = `include=AVAILABILITY&product=POD&cloud=${cloud}`;
    return checked(await this.#call('GET', `/v2/catalog/gpus?${query}`, undefined, signal), gpusSchema).gpus;
  }

  async pods(signal: AbortSignal): Promise<readonly RunPodPod[]> {
    return checked(await this.#call('GET', '/v2/pods', undefined, signal), podsSchema).pods;
  }

  /** null when there is none of this id. */
  async pod(id: string, signal: AbortSignal): Promise<RunPodPod | null> {
    const answer = await this.#call('GET', `/v2/pods/${encodeURIComponent(id)}`, undefined, signal);
    return answer.status === 404 ? null : checked(answer, podSchema);
  }

  /** Sent once: RunPod makes two pods of one name when asked twice. Any answer but 201 comes back as it is. */
  async create(
    pod: CreatePod,
    signal: AbortSignal,
  ): Promise<{ readonly pod: RunPodPod } | { readonly answer: ApiAnswer }> {
    const answer = await this.#call('POST', '/v2/pods', pod, signal);
    return answer.status === 201 ? { pod: checked(answer, podSchema) } : { answer };
  }

  async delete(id: string, signal: AbortSignal): Promise<void> {
    const answer = await this.#call('DELETE', `/v2/pods/${encodeURIComponent(id)}`, undefined, signal);
    if (answer.status !== 204 && answer.status !== 404) throw failureOf(answer);
  }

  #call(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<ApiAnswer> {
    const key = this.apiKey();
    if (key === '') {
      throw new EnsembleError(
        'unauthorized',
        'RunPod needs an API key.',
        'Make one in the RunPod console (Settings, API keys) and enter it in Settings, “Providers”.',
      );
    }
    const headers = { authorization: `Bearer ${key}` };
    const url = new URL(path, this.base);
    return callApi({ method, url, headers, body, isRepeatable: method !== 'POST' }, this.deps, signal);
  }
}

function checked<T>(answer: ApiAnswer, schema: z.ZodType<T>): T {
  if (answer.status < 200 || answer.status > 299) throw failureOf(answer);
  const parsed = schema.safeParse(answer.json);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new EnsembleError(
    'unavailable',
    `RunPod answered in a form that is not known here (${where || 'no JSON'}).`,
    'Its REST API v2 may have changed: look for a newer Comfy Ensemble.',
  );
}

/** What RunPod says of a refusal, in one sentence. */
export function detailOf({ json, status }: ApiAnswer): string {
  const parsed = problemSchema.safeParse(json);
  if (!parsed.success) return `it answered ${status}`;
  const { detail, title, errors } = parsed.data;
  const said = [detail ?? title ?? `it answered ${status}`, ...(errors ?? []).slice(0, 3)];
  return said.join('; ').slice(0, 500);
}

export function failureOf(answer: ApiAnswer): EnsembleError {
  const detail = detailOf(answer);
  switch (answer.status) {
    case 401:
      return new EnsembleError('unauthorized', `RunPod does not accept the API key: ${detail}.`, KEY_HINT);
    case 403:
      return new EnsembleError('unauthorized', `The RunPod API key may not do this: ${detail}.`, KEY_HINT);
    case 429:
      return new EnsembleError(
        'unavailable',
        'RunPod takes no more requests for now.',
        'Wait a minute; what runs there goes on.',
      );
    default:
      return new EnsembleError('unavailable', `RunPod refused: ${detail}.`);
  }
}

const KEY_HINT =
  'Make a key with the rights to read and write pods in the RunPod console, and enter it again.';
