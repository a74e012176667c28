import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';

/** Where a cluster is and what opens it, out of a kubeconfig file or the service account of the pod that we run in. */

export interface ExecPlugin {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly apiVersion: string;
}

export interface ClusterAccess {
  readonly server: URL;
  /** PEM; null = the usual authorities. */
  readonly ca: string | null;
  readonly isInsecure: boolean;
  /** What the certificate is to name in place of the server's host; null = that. */
  readonly serverName: string | null;
  /** PEM of a client certificate and its key; null = none. */
  readonly certificate: { readonly cert: string; readonly key: string } | null;
  readonly credential:
    | { readonly kind: 'none' }
    | { readonly kind: 'token'; readonly token: string }
    | { readonly kind: 'token-file'; readonly file: string }
    | { readonly kind: 'basic'; readonly user: string; readonly password: string }
    | { readonly kind: 'exec'; readonly plugin: ExecPlugin };
  readonly namespace: string;
  /** For people. */
  readonly name: string;
}

export interface KubeconfigPlace {
  /** As configured; empty = the usual places. */
  readonly file: string;
  /** Empty = the current one. */
  readonly context: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly home: string;
}

const text = z.string().optional();
const clusterSchema = z.looseObject({
  server: z.string(),
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': text,
});
const userSchema = z.looseObject({
  token: text,
  tokenFile: text,
  username: text,
  password: text,
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  exec: z
    .looseObject({
      apiVersion: z.string(),
      command: z.string(),
      args: z.array(z.string()).nullish(),
      env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
    })
    .optional(),
});
type User = z.infer<typeof userSchema>;
const configSchema = z.looseObject({
  'current-context': text,
  contexts: z.array(
    z.object({
      name: z.string(),
      context: z.looseObject({ cluster: z.string(), user: text, namespace: text }),
    }),
  ),
  clusters: z.array(z.object({ name: z.string(), cluster: clusterSchema })),
  users: z.array(z.object({ name: z.string(), user: userSchema.nullish() })).nullish(),
});

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** @throws EnsembleError('bad-argument') that says what is missing or wrong */
export async function readClusterAccess(place: KubeconfigPlace): Promise<ClusterAccess> {
  const { environment, home } = place;
  const named = place.file === '' ? (environment['KUBECONFIG'] ?? '').split(path.delimiter)[0] : place.file;
  const file = named === undefined || named === '' ? path.join(home, '.kube', 'config') : named;
  const content = await readFile(file, 'utf8').catch((error: unknown) => {
    if (named === undefined || named === '') return null;
    throw EnsembleError.badArgument('kubeconfig', `${file} cannot be read: ${messageOf(error)}.`);
  });
  if (content !== null) return accessIn(content, place.context, file);
  const host = environment['KUBERNETES_SERVICE_HOST'];
  if (host !== undefined && host !== '') return serviceAccount(host, environment);
  throw EnsembleError.badArgument(
    'kubeconfig',
    `There is no kubeconfig at ${file}.`,
    'Name the file, e.g. the one that your cluster’s provider gave you.',
  );
}

/** @param file for messages, and what relative paths in it are relative to */
export async function accessIn(content: string, context: string, file: string): Promise<ClusterAccess> {
  const parsed = configSchema.safeParse(yaml(content, file));
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('.') ?? '';
    throw EnsembleError.badArgument('kubeconfig', `${file} is no kubeconfig: look at “${where}”.`);
  }
  const config = parsed.data;
  const name = context === '' ? config['current-context'] : context;
  const chosen = config.contexts.find((one) => one.name === name)?.context;
  const cluster = config.clusters.find((one) => one.name === chosen?.cluster)?.cluster;
  if (chosen === undefined || cluster === undefined) {
    const known = config.contexts.map((one) => one.name).join(', ');
    throw EnsembleError.badArgument(
      'context',
      `${file} has no context “${name ?? ''}”.`,
      `It has: ${known}.`,
    );
  }
  const user = config.users?.find((one) => one.name === chosen.user)?.user ?? {};
  const pem = (data: string | undefined, named: string | undefined) => pemOf(data, named, path.dirname(file));
  const cert = await pem(user['client-certificate-data'], user['client-certificate']);
  const key = await pem(user['client-key-data'], user['client-key']);
  return {
    server: serverUrl(cluster.server, file),
    ca: await pem(cluster['certificate-authority-data'], cluster['certificate-authority']),
    isInsecure: cluster['insecure-skip-tls-verify'] ?? false,
    serverName: cluster['tls-server-name'] ?? null,
    certificate: cert === null || key === null ? null : { cert, key },
    credential: credentialOf(user, path.dirname(file)),
    namespace: chosen.namespace ?? 'default',
    name: name ?? '',
  };
}

function credentialOf(user: User, folder: string): ClusterAccess['credential'] {
  const { token, tokenFile, username, password, exec } = user;
  if (token !== undefined) return { kind: 'token', token };
  if (tokenFile !== undefined) return { kind: 'token-file', file: path.resolve(folder, tokenFile) };
  if (username !== undefined) return { kind: 'basic', user: username, password: password ?? '' };
  if (exec === undefined) return { kind: 'none' };
  const program = /[\\/]/.test(exec.command) ? path.resolve(folder, exec.command) : exec.command;
  const environment = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]));
  const plugin = { argv: [program, ...(exec.args ?? [])], environment, apiVersion: exec.apiVersion };
  return { kind: 'exec', plugin };
}

async function serviceAccount(host: string, environment: NodeJS.ProcessEnv): Promise<ClusterAccess> {
  const port = environment['KUBERNETES_SERVICE_PORT'] ?? '443';
  const read = (name: string) => readFile(path.posix.join(SERVICE_ACCOUNT, name), 'utf8').catch(() => null);
  const bracketed = host.includes(':') ? `[${host}]` : host;
  return {
    server: new URL(`https://${bracketed}:${port}`),
    ca: await read('ca.crt'),
    isInsecure: false,
    serverName: null,
    certificate: null,
    credential: { kind: 'token-file', file: path.posix.join(SERVICE_ACCOUNT, 'token') },
    namespace: (await read('namespace'))?.trim() || 'default',
    name: 'service account',
  };
}

async function pemOf(
  data: string | undefined,
  file: string | undefined,
  folder: string,
): Promise<string | null> {
  if (data !== undefined && data !== '') return Buffer.from(data, 'base64').toString('utf8');
  if (file === undefined || file === '') return null;
  try {
    return await readFile(path.resolve(folder, file), 'utf8');
  } catch (error) {
    throw EnsembleError.badArgument('kubeconfig', `${file} cannot be read: ${messageOf(error)}.`);
  }
}

function yaml(content: string, file: string): unknown {
  try {
    return parse(content);
  } catch (error) {
    throw EnsembleError.badArgument('kubeconfig', `${file} is no YAML: ${messageOf(error).split('\n')[0]}.`);
  }
}

function serverUrl(server: string, file: string): URL {
  try {
    // With a slash at the end, so that paths are put behind it.
    return new URL(server.endsWith('/') ? server : `${server}/`);
  } catch {
    throw EnsembleError.badArgument('kubeconfig', `${file} names no usable server: “${server}”.`);
  }
}
