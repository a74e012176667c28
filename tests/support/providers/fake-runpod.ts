import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { answer, bodyOf, Faults } from './faults.ts';

/** RunPod's REST API v2 in the shape of its OpenAPI description, as far as renting a pod goes. */

export interface FakePod {
  readonly id: string;
  readonly name: string;
  status: string;
  readonly cost: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** Lists do not have it before; ms of the process clock. */
  readonly listedAt: number;
}

const GPUS = [
  gpu('NVIDIA GeForce RTX 4090', 'RTX 4090', 24, 0.69, 0.34, 'HIGH'),
  gpu('NVIDIA H100 80GB HBM3', 'H100 SXM', 80, 3.49, 2.69, 'LOW'),
  gpu('NVIDIA RTX A5000', 'RTX A5000', 24, 0.27, 0.16, 'NONE'),
];
export const FAKE_KEY = 'rpa_FAKEKEYFORTESTS';

export class FakeRunPod {
  readonly faults = new Faults();
  readonly pods: FakePod[] = [];
  /** "METHOD /path" of all requests that came. */
  readonly requests: string[] = [];
  /** How long lists lag behind what is made, ms. */
  lagMs = 0;
  /** What a new pod costs in place of the catalogue's price; null = that. */
  cost: number | null = null;
  price = 0.69;
  readonly #server: Server;
  #made = 0;

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async open(): Promise<FakeRunPod> {
    const fake = new FakeRunPod();
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  /** Pods that cost. */
  get running(): readonly FakePod[] {
    return this.pods.filter(({ status }) => status !== 'TERMINATED');
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request;
    const { pathname } = new URL(url, 'http://x');
    this.requests.push(`${method} ${pathname}`);
    const body = await bodyOf(request);
    if (request.headers.authorization !== `Bearer ${FAKE_KEY}`) {
      return problem(response, 401, 'Unauthorized', 'invalid bearer token');
    }
    const fault = this.faults.take(method, pathname);
    if (fault?.kind === 'status') return answer(response, fault.status, fault.body, fault.headers);
    const lost = fault?.kind === 'answer-lost';
    const reply = this.#work(method, pathname, body);
    if (fault?.kind === 'answer-held') return;
    if (lost) response.destroy();
    else if (reply.status >= 400) problem(response, reply.status, reply.title ?? 'Error', reply.detail ?? '');
    else answer(response, reply.status, reply.body);
  }

  #work(method: string, path: string, body: unknown): Reply {
    if (method === 'GET' && path === '/v2/catalog/gpus') {
      const gpus = GPUS.map((one, index) =>
        index === 0 ? { ...one, price: { ...one.price, secure: this.price } } : one,
      );
      return { status: 200, body: { gpus } };
    }
    if (method === 'GET' && path === '/v2/pods') {
      const now = performance.now();
      const listed = this.running.filter(({ listedAt }) => listedAt <= now);
      return { status: 200, body: { pods: listed.map(viewOf) } };
    }
    if (method === 'POST' && path === '/v2/pods')
      return this.#create(body as Readonly<Record<string, unknown>>);
    const id = /^\/v2\/pods\/([a-z0-9]+)$/.exec(path)?.[1];
    const pod = this.running.find((one) => one.id === id);
    if (pod === undefined) return { status: 404, title: 'Not Found', detail: 'resource not found' };
    if (method === 'GET') return { status: 200, body: viewOf(pod) };
    if (method !== 'DELETE') return { status: 405, title: 'Method Not Allowed', detail: '' };
    pod.status = 'TERMINATED';
    return { status: 204 };
  }

  #create(body: Readonly<Record<string, unknown>>): Reply {
    const known = ['name', 'gpu', 'cloud', 'ports', 'disk', 'env', 'image', 'templateId', 'args', 'mounts'];
    const strange = Object.keys(body).find((key) => !known.includes(key));
    if (strange !== undefined || (body['image'] ?? body['templateId']) === undefined) {
      return {
        status: 422,
        title: 'Unprocessable Entity',
        detail: `Request validation failed: ${strange ?? 'image'}`,
      };
    }
    this.#made += 1;
    const { id } = body['gpu'] as { readonly id: string };
    const price = GPUS.find((one) => one.id === id)?.price.secure ?? 0;
    const pod: FakePod = {
      id: `pod${this.#made}`,
      name: String(body['name']),
      status: 'PROVISIONING',
      cost: this.cost ?? (id === GPUS[0]?.id ? this.price : price),
      body,
      listedAt: performance.now() + this.lagMs,
    };
    this.pods.push(pod);
    return { status: 201, body: viewOf(pod) };
  }
}

interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly title?: string;
  readonly detail?: string;
}

function viewOf({ id, name, status, cost, body }: FakePod) {
  return {
    ...{
      id,
      name,
      status,
      cost,
      actions: ['stop', 'terminate'],
      args: '',
      disk: 50,
      mounts: {},
      ports: body['ports'],
    },
    ...{ env: body['env'], registry: null, gpu: body['gpu'], cloud: body['cloud'], dataCenterId: 'US-KS-2' },
    ...{ cudaVersion: '12.8', ssh: null, template: null, locked: false, runtime: null, startedAt: null },
    ...{
      image: body['image'] ?? '',
      globalNetworking: { enabled: false },
      createdAt: '2026-06-01T12:00:00Z',
    },
  };
}

function problem(response: ServerResponse, status: number, title: string, detail: string): void {
  answer(response, status, { title, status, detail }, { 'content-type': 'application/problem+json' });
}

function gpu(
  id: string,
  name: string,
  memory: number,
  secure: number,
  community: number,
  availability: string,
) {
  return {
    ...{ id, name, pool: null, manufacturer: 'NVIDIA', memory, secure: true, community: true },
    ...{ price: { secure, community }, maxCount: { secure: 8, community: 4 }, availability, dataCenters: [] },
  };
}
