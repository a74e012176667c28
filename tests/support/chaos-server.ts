import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { parseExact } from '../../electron/core/exact-json.ts';
import { type Executed, execute, type Graph, missingClass, objectInfo } from './chaos-nodes.ts';

interface Job {
  readonly id: string;
  readonly number: number;
  readonly graph: Graph;
  readonly clientId: string | null;
}

/**
 * A small ComfyUI in this process, for hundreds of schedules of faults: queue, history, cache, files and messages as the
 * real ones have them, and every way in which a server can let its master down.
 */
export class ChaosServer {
  readonly #server: Server;
  readonly #sockets = new Map<WebSocket, string>();
  readonly #connections = new Set<Socket>();
  readonly #files = new Map<string, Buffer>();
  readonly #inputs = new Map<string, Buffer>();
  readonly #cache = new Map<string, Executed>();
  readonly #history = new Map<string, unknown>();
  #pending: Job[] = [];
  #running: { readonly job: Job; interrupted: boolean } | null = null;
  #counter = 0;
  #saved = 0;
  /** One life: work of an earlier one writes nothing any more. */
  #life = 0;
  #port = 0;
  #wakeUp: (() => void)[] = [];
  // What goes wrong.
  hung = false;
  garbage = false;
  duplicates = false;
  drops = false;
  cutDownloads = 0;
  refuseUploads = 0;
  /** Classes that raise an error until they are mended. */
  readonly raises = new Set<string>();

  private constructor(
    readonly id: string,
    readonly stepMs: number,
    /** Classes that this one does not have. */
    readonly lacks: readonly string[],
  ) {
    this.#server = createServer((request, response) => void this.#answer(request, response).catch(() => {}));
    this.#server.on('connection', (socket) => {
      this.#connections.add(socket);
      socket.on('close', () => this.#connections.delete(socket));
    });
    const sockets = new WebSocketServer({ noServer: true });
    this.#server.on('upgrade', (request, socket, head) => {
      if (this.hung) return;
      sockets.handleUpgrade(request, socket, head, (client) => this.#connected(client, request));
    });
  }

  static async start(id: string, stepMs: number, lacks: readonly string[] = []): Promise<ChaosServer> {
    const server = new ChaosServer(id, stepMs, lacks);
    await server.#listen(0);
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Prompt ids that run or wait. */
  get busyWith(): readonly string[] {
    return [...(this.#running === null ? [] : [this.#running.job.id]), ...this.#pending.map(({ id }) => id)];
  }

  /** As SIGKILL: connections break, and nothing is remembered but the files. */
  async die(): Promise<void> {
    this.#life += 1;
    this.#running = null;
    this.#pending = [];
    this.#history.clear();
    this.#cache.clear();
    this.wake();
    for (const socket of this.#sockets.keys()) socket.terminate();
    this.#sockets.clear();
    for (const connection of this.#connections) connection.destroy();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  async revive(): Promise<void> {
    if (!this.#server.listening) await this.#listen(this.#port);
  }

  /** As SIGSTOP: connections stay, nothing moves. */
  hang(): void {
    this.hung = true;
    for (const socket of this.#sockets.keys()) socket.pause();
  }

  wake(): void {
    this.hung = false;
    for (const socket of this.#sockets.keys()) socket.resume();
    for (const wakeUp of this.#wakeUp.splice(0)) wakeUp();
  }

  loseHistory(): void {
    this.#history.clear();
  }

  forgetQueue(): void {
    this.#pending = [];
    this.#sendStatus();
  }

  async #listen(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  #connected(client: WebSocket, request: IncomingMessage): void {
    const id = new URL(request.url ?? '/', 'http://host').searchParams.get('clientId') ?? '';
    this.#sockets.set(client, id);
    client.on('close', () => this.#sockets.delete(client));
    client.on('error', () => client.terminate());
    client.send(JSON.stringify({ type: 'status', data: { status: this.#status(), sid: id } }));
  }

  #status(): object {
    return { exec_info: { queue_remaining: this.busyWith.length } };
  }

  #sendStatus(): void {
    this.#send('status', { status: this.#status() }, null);
  }

  #send(type: string, data: object, clientId: string | null): void {
    if (this.drops && type !== 'status') return;
    for (const [socket, id] of this.#sockets) {
      if (clientId !== null && id !== clientId) continue;
      const text = JSON.stringify({ type, data });
      socket.send(text);
      if (this.duplicates) socket.send(text);
    }
  }

  /** While it hangs, nothing goes on. */
  async #awake(): Promise<void> {
    while (this.hung) await new Promise<void>((resolve) => this.#wakeUp.push(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    await this.#awake();
    if (this.garbage) {
      response.setHeader('content-type', 'text/html');
      response.end('<html><body>502 Bad Gateway</body></html>');
      return;
    }
    const url = new URL(request.url ?? '/', 'http://host');
    const body = Buffer.concat(chunks);
    if (request.method === 'POST') this.#post(url.pathname, body, response);
    else this.#get(url, request.method === 'HEAD', response);
  }

  #get(url: URL, head: boolean, response: ServerResponse): void {
    const { pathname } = url;
    if (pathname === '/view') this.#view(url.searchParams, head, response);
    else if (pathname === '/prompt') reply(response, this.#status());
    else if (pathname === '/object_info') reply(response, objectInfo(this.lacks));
    else if (pathname === '/queue') reply(response, this.#queue());
    else if (pathname.startsWith('/history/')) {
      const id = decodeURIComponent(pathname.slice('/history/'.length));
      reply(response, this.#history.has(id) ? { [id]: this.#history.get(id) } : {});
    } else if (pathname === '/system_stats') {
      reply(response, { system: { comfyui_version: '0.33.0', argv: [] }, devices: [] });
    } else reply(response, {}, 404);
  }

  #queue(): object {
    const row = ({ number, id, graph }: Job): readonly unknown[] => [number, id, graph, {}, []];
    return {
      queue_running: this.#running === null ? [] : [row(this.#running.job)],
      queue_pending: this.#pending.map(row),
    };
  }

  #post(pathname: string, body: Buffer, response: ServerResponse): void {
    if (pathname === '/upload/image') {
      this.#upload(body, response);
      return;
    }
    const json = parseExact(body.toString()) as Readonly<Record<string, unknown>>;
    const running = this.#running;
    if (pathname === '/prompt') {
      this.#submit(json, response);
      return;
    }
    if (pathname === '/queue') {
      const ids = json['delete'] as readonly string[];
      this.#pending = this.#pending.filter(({ id }) => !ids.includes(id));
      this.#sendStatus();
    } else if (pathname === '/interrupt' && running !== null && running.job.id === json['prompt_id']) {
      running.interrupted = true;
    }
    response.end();
  }

  #upload(body: Buffer, response: ServerResponse): void {
    if (this.refuseUploads > 0) {
      this.refuseUploads -= 1;
      reply(response, {}, 500);
      return;
    }
    const text = body.toString('latin1');
    const name = /filename="([^"]+)"/.exec(text)?.[1] ?? '';
    const start = text.indexOf('\r\n\r\n', text.indexOf('filename="')) + 4;
    const boundary = text.slice(0, text.indexOf('\r\n'));
    this.#inputs.set(`ensemble/${name}`, body.subarray(start, text.indexOf(`\r\n${boundary}`, start)));
    reply(response, { name, subfolder: 'ensemble', type: 'input' });
  }

  #view(query: URLSearchParams, head: boolean, response: ServerResponse): void {
    const key = `${query.get('subfolder')}/${query.get('filename')}`;
    const bytes = (query.get('type') === 'input' ? this.#inputs : this.#files).get(key);
    if (bytes === undefined) {
      reply(response, {}, 404);
      return;
    }
    response.setHeader('content-type', 'image/png');
    response.setHeader('content-length', bytes.length);
    if (head) response.end();
    else if (this.cutDownloads > 0) {
      this.cutDownloads -= 1;
      response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
    } else response.end(bytes);
  }

  #submit(json: Readonly<Record<string, unknown>>, response: ServerResponse): void {
    const graph = json['prompt'] as Graph;
    const missing = missingClass(graph, this.lacks);
    if (missing !== null) {
      const error = { type: 'missing_node_type', message: `Node '${missing}' not found.`, details: '' };
      reply(response, { error, node_errors: {} }, 400);
      return;
    }
    const job = {
      id: String(json['prompt_id']),
      number: this.#counter,
      graph,
      clientId: typeof json['client_id'] === 'string' ? json['client_id'] : null,
    };
    this.#counter += 1;
    this.#pending.push(job);
    reply(response, { prompt_id: job.id, number: job.number, node_errors: {} });
    this.#sendStatus();
    if (this.#running === null) void this.#work();
  }

  async #work(): Promise<void> {
    const life = this.#life;
    for (let job = this.#pending.shift(); job !== undefined; job = this.#pending.shift()) {
      const running = { job, interrupted: false };
      this.#running = running;
      await this.#run(
        job,
        () => running.interrupted,
        () => life !== this.#life,
      );
      if (life !== this.#life) return;
      this.#running = null;
      this.#sendStatus();
      this.#send('executing', { node: null, prompt_id: job.id }, job.clientId);
    }
  }

  async #run(job: Job, interrupted: () => boolean, over: () => boolean): Promise<void> {
    const tell = (type: string, data: object = {}): void => {
      if (!over()) this.#send(type, { prompt_id: job.id, ...data }, job.clientId);
    };
    tell('execution_start');
    const key = JSON.stringify(job.graph, (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}` : value,
    );
    const cached = this.#cache.get(key);
    const result =
      cached ??
      (await execute(job.graph, {
        stepMs: this.stepMs,
        raises: this.raises,
        input: (name) => this.#inputs.get(name) ?? null,
        step: async (node, value, max) => {
          await this.#awake();
          tell('progress', { node, value, max });
          return !interrupted() && !over();
        },
      }));
    await this.#awake();
    if (over()) return;
    const outputs = cached === undefined ? this.#save(result) : result.outputs;
    if (result.error === null && !interrupted()) this.#cache.set(key, { ...result, outputs });
    const failed = interrupted() ? 'execution_interrupted' : result.error === null ? null : 'execution_error';
    const details = failed === null ? {} : { node_id: result.node, node_type: result.type, ...result.error };
    const event = failed ?? 'execution_success';
    tell(event, details);
    await new Promise((resolve) => setImmediate(resolve));
    this.#history.set(job.id, {
      outputs: failed === null ? outputs : {},
      status: {
        status_str: failed === null ? 'success' : 'error',
        completed: failed === null,
        messages: [[event, { prompt_id: job.id, ...details }]],
      },
    });
  }

  #save(result: Executed): Executed['outputs'] {
    return Object.fromEntries(
      result.saves.map(({ node, prefix, pictures }) => {
        const images = pictures.map((bytes) => {
          this.#saved += 1;
          const [subfolder = '', base = ''] = prefix.split('/');
          const filename = `${base}_${String(this.#saved).padStart(5, '0')}_.png`;
          this.#files.set(`${subfolder}/${filename}`, bytes);
          return { filename, subfolder, type: 'output' };
        });
        return [node, { images }];
      }),
    );
  }
}

function reply(response: ServerResponse, value: object, status = 200): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? Number(one) : one)));
}
