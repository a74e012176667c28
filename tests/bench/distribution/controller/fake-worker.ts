import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { Chatter } from './chatter.ts';
import { type FakeFile, type FakePrompt, FakeQueue } from './fake-queue.ts';
import { OBJECT_INFO } from './object-info.ts';
import type { PictureMaker } from './pictures.ts';
import { monotonicMs, type Traffic, type WorkersSetting } from './protocol.ts';

const STATS = {
  system: { comfyui_version: '0.33.0', python_version: '3.12', pytorch_version: '2.8', argv: ['main.py'] },
  devices: [{ name: 'cuda:0 Fake GPU', type: 'cuda', index: 0, vram_total: 24e9, vram_free: 20e9 }],
};

/** What becomes of prompts, for whoever measures. */
export interface WorkerEvents {
  readonly posted: (promptId: string, seed: string, at: number) => void;
  readonly sent: (promptId: string, at: number) => void;
  readonly computed: (ms: number) => void;
}

/** As much of a ComfyUI server as a controller talks to; its pictures are real, its sampler only waits. */
export class FakeWorker {
  readonly #server: Server;
  readonly #clients = new Map<string, WebSocket>();
  readonly #sockets = new Set<Socket>();
  readonly #queue: FakeQueue;
  readonly #chatter: Chatter;
  #closedBytes = 0;
  #messages = 0;

  constructor(
    setting: WorkersSetting,
    private readonly pictures: PictureMaker,
    private readonly events: WorkerEvents,
  ) {
    this.#queue = new FakeQueue(setting, {
      say: (clientId, type, data) => this.#say(clientId, type, data),
      computed: events.computed,
    });
    this.#chatter = new Chatter(setting.messagesPerSecond, this.#queue, (clientId, type, data) =>
      this.#say(clientId, type, data),
    );
    this.#server = createServer((request, response) => this.#route(request, response));
    // Kept as long as the controller keeps it.
    this.#server.keepAliveTimeout = 0;
    this.#server.on('connection', (socket) => this.#count(socket));
    const hub = new WebSocketServer({ server: this.#server, perMessageDeflate: false });
    hub.on('connection', (socket, request) => this.#welcome(socket, request));
  }

  /** @returns its port */
  listen(): Promise<number> {
    this.#chatter.start();
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  get traffic(): Traffic {
    let bytes = this.#closedBytes;
    for (const socket of this.#sockets) bytes += socket.bytesRead + socket.bytesWritten;
    return { bytes, messages: this.#messages };
  }

  #count(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#closedBytes += socket.bytesRead + socket.bytesWritten;
    });
  }

  #welcome(socket: WebSocket, request: IncomingMessage): void {
    const clientId = urlOf(request).searchParams.get('clientId') ?? '';
    this.#clients.set(clientId, socket);
    socket.on('close', () => this.#clients.delete(clientId));
    socket.on('error', () => socket.terminate());
    const status = { exec_info: { queue_remaining: this.#queue.remaining } };
    this.#say(clientId, 'status', { status, sid: clientId });
  }

  /** @param clientId null = everybody */
  #say(clientId: string | null, type: string, data: object): void {
    const message = JSON.stringify({ type, data });
    const sockets = clientId === null ? [...this.#clients.values()] : [this.#clients.get(clientId)];
    for (const socket of sockets) {
      if (socket === undefined) continue;
      this.#messages += 1;
      socket.send(message);
    }
  }

  #route(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = urlOf(request);
    if (request.method === 'POST') {
      void bodyOf(request).then((body) => this.#post(pathname, body, response));
      return;
    }
    const { files } = this.#queue;
    if (pathname === '/view') this.#view(files.get(searchParams.get('filename') ?? ''), null, response);
    else if (pathname === '/baseline/view')
      this.#view([...files.values()].at(-1), searchParams.get('stamp'), response);
    else reply(response, this.#get(pathname));
  }

  #get(pathname: string): object | null {
    const { running, pending, remaining, history } = this.#queue;
    switch (pathname) {
      case '/system_stats':
        return STATS;
      case '/prompt':
        return { exec_info: { queue_remaining: remaining } };
      case '/object_info':
        return OBJECT_INFO;
      case '/queue':
        return {
          queue_running: running === null ? [] : [rowOf(running, 0)],
          queue_pending: pending.map((prompt, index) => rowOf(prompt, index + 1)),
        };
      default: {
        const id = pathname.startsWith('/history/') ? pathname.slice('/history/'.length) : null;
        const entry = id === null ? undefined : history.get(id);
        return id === null ? null : entry === undefined ? {} : { [id]: entry };
      }
    }
  }

  #post(pathname: string, body: string, response: ServerResponse): void {
    const at = monotonicMs();
    switch (pathname) {
      case '/prompt':
        this.#submit(promptOf(body), at, response);
        break;
      case '/baseline/prompt': {
        const { id, seed } = promptOf(body);
        this.events.posted(id, seed, at);
        reply(response, { prompt_id: id, number: 0, node_errors: {} });
        break;
      }
      case '/queue':
        this.#queue.remove((JSON.parse(body) as { readonly delete?: readonly string[] }).delete ?? []);
        reply(response, {});
        break;
      case '/interrupt':
        this.#queue.interrupt((JSON.parse(body) as { readonly prompt_id?: string }).prompt_id);
        reply(response, {});
        break;
      default:
        reply(response, {});
    }
  }

  #submit(prompt: FakePrompt, at: number, response: ServerResponse): void {
    this.events.posted(prompt.id, prompt.seed, at);
    reply(response, { prompt_id: prompt.id, number: 0, node_errors: {} });
    this.#queue.add(prompt);
  }

  /** @param stamp what the moment of the last byte is kept by; null = the file's prompt */
  #view(file: FakeFile | undefined, stamp: string | null, response: ServerResponse): void {
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    const picture = this.pictures.make(file.prompt.seed);
    response.once('finish', () => this.events.sent(stamp ?? file.prompt.id, monotonicMs()));
    response.writeHead(200, { 'content-type': 'image/png', 'content-length': picture.length });
    response.end(picture);
  }
}

function urlOf(request: IncomingMessage): URL {
  return new URL(request.url ?? '/', 'http://worker');
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function reply(response: ServerResponse, value: object | null): void {
  const body = JSON.stringify(value ?? {});
  response.writeHead(value === null ? 404 : 200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

function rowOf({ id }: FakePrompt, number: number): readonly unknown[] {
  return [number, id, {}, {}, []];
}

interface PromptBody {
  readonly prompt_id: string;
  readonly client_id?: string;
  readonly prompt: Readonly<
    Record<string, { readonly class_type: string; readonly inputs: Readonly<Record<string, unknown>> }>
  >;
}

function promptOf(body: string): FakePrompt {
  const { prompt_id: id, client_id: clientId = null, prompt } = JSON.parse(body) as PromptBody;
  const nodes = Object.entries(prompt);
  const sampler = nodes.find(([, { class_type }]) => class_type === 'KSampler');
  const saver = nodes.find(([, { class_type }]) => class_type === 'SaveImage');
  return {
    id,
    clientId,
    seed: String(sampler?.[1].inputs['seed'] ?? ''),
    sampler: sampler?.[0] ?? '',
    saver: saver?.[0] ?? '',
  };
}
