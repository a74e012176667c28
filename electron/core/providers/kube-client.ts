import { readFile } from 'node:fs/promises';
import { Agent, type Dispatcher, request } from 'undici';
import { z } from 'zod';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import { runCommand } from '../programs/run-command.ts';
import { type ApiAnswer, type ApiClientDeps, callApi } from './api-client.ts';
import type { ClusterAccess, ExecPlugin } from './kubeconfig.ts';

/**
 * The little of the Kubernetes API that workers need. The official client is not used: version 2 brings 2 MB of models and
 * an undici that does not load in Node 20.
 */

export interface TlsTrust {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized?: boolean;
  readonly servername?: string;
}

const statusSchema = z.object({ message: z.string().optional(), reason: z.string().optional() });
const execSchema = z.object({
  status: z.object({ token: z.string().optional(), expirationTimestamp: z.string().optional() }),
});
const EXEC_MS = 60_000;
/** Before a token ends by its own account. */
const EXPIRY_SLACK_MS = 60_000;
const TOKEN_MS = 60_000;

export class KubeClient {
  readonly tls: TlsTrust;
  readonly #agent: Agent;
  #token: { readonly value: string; readonly until: number } | null = null;

  constructor(
    readonly access: ClusterAccess,
    private readonly deps: ApiClientDeps,
  ) {
    this.tls = trustOf(access);
    // Watches stand still between two events.
    this.#agent = new Agent({ connect: { ...this.tls, timeout: 10_000 }, bodyTimeout: 0 });
  }

  urlOf(path: string): URL {
    return new URL(path.replace(/^\//, ''), this.access.server);
  }

  /** Every method but POST is repeatable; so are our POSTs, since names are unique. */
  async call(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<ApiAnswer> {
    const url = this.urlOf(path);
    const headers = await this.headers();
    const asked = { method, url, headers, body, dispatcher: this.#agent, isRepeatable: true };
    const answer = await callApi(asked, this.deps, signal);
    if (answer.status === 401) this.#token = null;
    return answer;
  }

  /** An answer that goes on until the signal or the server ends it. */
  async stream(path: string, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const headers = { accept: 'application/json', ...(await this.headers()) };
    try {
      return await request(this.urlOf(path), { headers, dispatcher: this.#agent, signal, bodyTimeout: 0 });
    } catch (error) {
      signal.throwIfAborted();
      throw new EnsembleError(
        'disconnected',
        `The API server of ${this.access.name} cannot be reached: ${messageOf(error)}.`,
      );
    }
  }

  /** What proves who we are; read anew when it is old, so that a renewed token holds. */
  async headers(): Promise<Readonly<Record<string, string>>> {
    const { credential } = this.access;
    switch (credential.kind) {
      case 'none':
        return {};
      case 'token':
        return { authorization: `Bearer ${credential.token}` };
      case 'basic': {
        const pair = Buffer.from(`${credential.user}:${credential.password}`).toString('base64');
        return { authorization: `Basic ${pair}` };
      }
      default: {
        const now = this.deps.clock.now();
        if (this.#token === null || now >= this.#token.until)
          this.#token = await this.#renewed(credential, now);
        return { authorization: `Bearer ${this.#token.value}` };
      }
    }
  }

  async #renewed(
    credential: Extract<ClusterAccess['credential'], { kind: 'token-file' | 'exec' }>,
    now: number,
  ): Promise<{ readonly value: string; readonly until: number }> {
    if (credential.kind === 'exec') return execToken(credential.plugin, now);
    const value = await readFile(credential.file, 'utf8').catch((error: unknown) => {
      throw EnsembleError.badArgument(
        'kubeconfig',
        `${credential.file} cannot be read: ${messageOf(error)}.`,
      );
    });
    return { value: value.trim(), until: now + TOKEN_MS };
  }
}

function trustOf({ ca, isInsecure, serverName, certificate }: ClusterAccess): TlsTrust {
  return {
    ...(ca === null ? {} : { ca }),
    ...(isInsecure ? { rejectUnauthorized: false } : {}),
    ...(serverName === null ? {} : { servername: serverName }),
    ...certificate,
  };
}

/** Programs of cloud providers that make a token: aws, gke-gcloud-auth-plugin, kubelogin … */
async function execToken(
  { argv, environment, apiVersion }: ExecPlugin,
  now: number,
): Promise<{ readonly value: string; readonly until: number }> {
  const info = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } });
  const line = { command: argv, environment: { ...environment, KUBERNETES_EXEC_INFO: info } };
  const { code, stdout, stderr, spawnError } = await runCommand(line, [], { timeoutMs: EXEC_MS });
  const parsed = execSchema.safeParse(code === 0 ? parsedJson(stdout) : null);
  const token = parsed.success ? parsed.data.status.token : undefined;
  if (token === undefined) {
    const last = spawnError ?? stderr.trim().split('\n').at(-1) ?? '';
    throw EnsembleError.badArgument(
      'kubeconfig',
      `“${argv[0] ?? ''}” of the kubeconfig gave no token: ${last.slice(0, 300) || 'it said nothing'}.`,
      'Run it by hand; often one has to sign in again.',
    );
  }
  const expires = Date.parse((parsed.success && parsed.data.status.expirationTimestamp) || '');
  return { value: token, until: Number.isNaN(expires) ? now + 10 * TOKEN_MS : expires - EXPIRY_SLACK_MS };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What the API server says of a refusal, in one sentence. */
export function messageIn({ json, status }: Pick<ApiAnswer, 'json' | 'status'>): string {
  const parsed = statusSchema.safeParse(json);
  return (parsed.success ? parsed.data.message : undefined)?.slice(0, 500) ?? `it answered ${status}`;
}

export function kubeFailure(answer: ApiAnswer, name: string): EnsembleError {
  const said = messageIn(answer);
  if (answer.status === 401 || answer.status === 403) {
    return new EnsembleError(
      'unauthorized',
      `The cluster ${name} does not allow it: ${said}.`,
      'Ask for the rights to create, watch and delete pods and services, and to forward ports, in that namespace.',
    );
  }
  return new EnsembleError('unavailable', `The cluster ${name} refused: ${said}.`);
}
