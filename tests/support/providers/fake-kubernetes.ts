import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { answer, bodyOf, Faults } from './faults.ts';

/** A Kubernetes API server in the shape of the real one, as far as pods of one namespace go. */

interface Metadata {
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  resourceVersion: string;
  readonly ownerReferences?: readonly { readonly uid: string }[];
}
export interface FakeObject {
  readonly kind: string;
  readonly metadata: Metadata;
  readonly spec: Readonly<Record<string, unknown>>;
  status: Readonly<Record<string, unknown>>;
}

export const KUBE_TOKEN = 'kube-token-of-a-test';
export const NAMESPACE = 'gpu';
const BASE = `/api/v1/namespaces/${NAMESPACE}`;

export class FakeKubernetes {
  readonly faults = new Faults();
  readonly objects = new Map<string, FakeObject>();
  readonly requests: string[] = [];
  /** Verbs and resources that SelfSubjectAccessReview denies, e.g. "create pods/portforward". */
  readonly denied = new Set<string>();
  /** Where port-forwards lead. */
  forwardTo: number | null = null;
  readonly #watchers = new Set<ServerResponse>();
  readonly #sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'v4.channel.k8s.io' });
  readonly #server: Server;
  /** What happened, for watches that begin in the past. */
  readonly #history: { readonly version: number; readonly line: string }[] = [];
  #version = 100;

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  static async open(): Promise<FakeKubernetes> {
    const fake = new FakeKubernetes();
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get kubeconfig(): string {
    const address = this.#server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return `apiVersion: v1
kind: Config
current-context: test
contexts:
  - name: test
    context: { cluster: fake, user: me, namespace: ${NAMESPACE} }
clusters:
  - name: fake
    cluster: { server: "http://127.0.0.1:${port}" }
users:
  - name: me
    user: { token: ${KUBE_TOKEN} }
`;
  }

  get pods(): readonly FakeObject[] {
    return [...this.objects.values()].filter(({ kind }) => kind === 'Pod');
  }

  get watches(): number {
    return this.#watchers.size;
  }

  setStatus(name: string, status: Readonly<Record<string, unknown>>): void {
    const pod = this.objects.get(`pods/${name}`);
    if (pod === undefined) throw new Error(`no pod ${name}`);
    pod.status = status;
    this.#bump(pod);
    this.#send({ type: 'MODIFIED', object: pod });
  }

  deletePod(name: string): void {
    const pod = this.objects.get(`pods/${name}`);
    if (pod === undefined) return;
    this.objects.delete(`pods/${name}`);
    for (const [key, { metadata }] of this.objects) {
      if (metadata.ownerReferences?.some(({ uid }) => uid === pod.metadata.uid)) this.objects.delete(key);
    }
    this.#bump(pod);
    this.#send({ type: 'DELETED', object: pod });
  }

  /** Something that goes on without anybody watching: the watchers are cut off first. */
  cutWatches(last?: unknown): void {
    for (const watcher of this.#watchers) {
      if (last !== undefined) watcher.write(`${JSON.stringify(last)}\n`);
      watcher.end();
    }
    this.#watchers.clear();
  }

  async close(): Promise<void> {
    this.#sockets.close();
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request;
    const { pathname, searchParams } = new URL(url, 'http://x');
    this.requests.push(`${method} ${pathname}${searchParams.has('watch') ? '?watch' : ''}`);
    const body = await bodyOf(request);
    const isKnown = request.headers.authorization === `Bearer ${KUBE_TOKEN}`;
    const fault = this.faults.take(method, `${pathname}${searchParams.has('watch') ? '?watch' : ''}`);
    if (!isKnown) answer(response, 401, refusal(401, 'Unauthorized', 'no').body);
    else if (fault?.kind === 'status') answer(response, fault.status, fault.body, fault.headers);
    else if (searchParams.has('watch')) this.#watch(response, Number(searchParams.get('resourceVersion')));
    else {
      const reply = this.#work(method, pathname, body);
      if (fault?.kind === 'answer-lost') response.destroy();
      else answer(response, reply.status, reply.body);
    }
  }

  #watch(response: ServerResponse, from: number): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    this.#watchers.add(response);
    response.on('close', () => this.#watchers.delete(response));
    for (const { version, line } of this.#history) if (version > from) response.write(line);
  }

  #work(method: string, path: string, body: unknown): Reply {
    if (path.endsWith('/selfsubjectaccessreviews')) return { status: 201, body: this.#review(body) };
    const match = /\/namespaces\/gpu\/([a-z]+)(?:\/([a-z0-9-]+))?$/.exec(path);
    const [, resource = '', name] = match ?? [];
    if (method === 'POST') return this.#make(resource, body as FakeObject);
    if (name === undefined) {
      const metadata = { resourceVersion: String(this.#version) };
      return { status: 200, body: { kind: 'PodList', metadata, items: this.pods } };
    }
    const object = this.objects.get(`${resource}/${name}`);
    if (object === undefined) return refusal(404, 'NotFound', `${resource} "${name}" not found`);
    if (method === 'DELETE') this.deletePod(name);
    return { status: 200, body: object };
  }

  #review(body: unknown): unknown {
    const { spec } = body as {
      readonly spec: { readonly resourceAttributes: Readonly<Record<string, string>> };
    };
    const { verb, resource, subresource } = spec.resourceAttributes;
    const right = `${verb} ${resource}${subresource === '' ? '' : `/${subresource}`}`;
    return { status: { allowed: !this.denied.has(right) } };
  }

  #make(resource: string, made: FakeObject): Reply {
    const key = `${resource}/${made.metadata.name}`;
    if (this.objects.has(key)) return refusal(409, 'AlreadyExists', `${key} already exists`);
    const metadata = { ...made.metadata, uid: `uid-${this.#version}`, resourceVersion: '' };
    const object = { ...made, metadata, status: resource === 'pods' ? { phase: 'Pending' } : {} };
    this.#bump(object);
    this.objects.set(key, object);
    if (resource === 'pods') this.#send({ type: 'ADDED', object });
    return { status: 201, body: object };
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    this.requests.push(`FORWARD ${pathname}`);
    const isAllowed = request.headers.authorization === `Bearer ${KUBE_TOKEN}` && pathname.startsWith(BASE);
    const port = this.forwardTo;
    if (!isAllowed || port === null) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (channel) => forward(channel, port));
  }

  #bump({ metadata }: FakeObject): void {
    this.#version += 1;
    metadata.resourceVersion = String(this.#version);
  }

  #send(event: unknown): void {
    const line = `${JSON.stringify(event)}\n`;
    this.#history.push({ version: this.#version, line });
    for (const watcher of this.#watchers) watcher.write(line);
  }
}

/** Channel 0 is data, channel 1 errors; each begins with the port. */
function forward(channel: WebSocket, port: number): void {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(8188);
  channel.send(Buffer.concat([Buffer.of(0), bytes]));
  channel.send(Buffer.concat([Buffer.of(1), bytes]));
  const target = connect(port, '127.0.0.1');
  channel.on('message', (data: Buffer) => target.write(data.subarray(1)));
  target.on('data', (data) => channel.send(Buffer.concat([Buffer.of(0), data])));
  target.on('close', () => channel.close());
  target.on('error', () => channel.close());
  channel.on('close', () => target.destroy());
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

function refusal(code: number, reason: string, message: string): Reply {
  return {
    status: code,
    body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message },
  };
}

export const READY = {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True' }],
  containerStatuses: [{ state: { running: {} }, restartCount: 0 }],
} as const;
