import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocketServer } from 'ws';

const STATS = {
  system: { comfyui_version: '0.33.0', python_version: '3.12', pytorch_version: '2.8', os: 'linux' },
  devices: [{ name: 'cuda:0 Far GPU', type: 'cuda', index: 0, vram_total: 24e9, vram_free: 20e9 }],
};
const input = (required: object): object => ({
  input: { required, optional: {} },
  input_order: { required: Object.keys(required) },
});
/** Those that every server has to have are here by name alone. */
const NEEDED = [
  ...['LoadImage', 'SaveImage', 'EmptyImage', 'ImageBatch', 'ImageFromBatch'],
  ...['LatentFromBatch', 'KSampler', 'VAEDecode'],
];
const CLASSES = {
  ...Object.fromEntries(NEEDED.map((name) => [name, { input: {}, output: [], output_node: false }])),
  LoadVideo: {
    ...input({ file: ['COMBO', { options: [], video_upload: true }] }),
    ...{ output: ['VIDEO'], output_node: false },
  },
  SaveVideo: {
    ...input({ video: ['VIDEO', {}], filename_prefix: ['STRING', {}] }),
    ...{ output: [], output_node: true },
  },
};
const PIECE = Buffer.alloc(64 * 1024, 7);
/** Room for the largest file of the readiness ladder. */
const KEPT_BYTES = 9 * 2 ** 20;
/** Between two looks at how much may move, ms. */
const BEAT_MS = 5;

interface Prompted {
  readonly prompt_id: string;
  readonly prompt: Readonly<Record<string, { readonly class_type: string }>>;
}

/** What a ComfyUI at the end of a slow line looks like: it takes and gives files at a pace, and keeps none of their bytes. */
export class SlowWorker {
  /** Bytes per second. */
  uploadRate = Number.POSITIVE_INFINITY;
  downloadRate = Number.POSITIVE_INFINITY;
  /** Of what a prompt makes. */
  resultBytes = 1_000;
  /** Of the upload that goes on, or was the last. */
  received = 0;
  /** When the latest upload that did so ended too early, by performance.now(). */
  cutAt: number | null = null;
  readonly #sizes = new Map<string, number>();
  readonly #checks = new Map<string, Buffer>();
  readonly #history = new Map<string, object>();
  readonly #hub: WebSocketServer;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {
    this.#hub = new WebSocketServer({ server });
    this.#hub.on('connection', (socket) => {
      socket.on('error', () => socket.terminate());
      socket.send(
        JSON.stringify({ type: 'status', data: { status: { exec_info: { queue_remaining: 0 } } } }),
      );
    });
    server.on('request', (request, response) => {
      this.#route(request, response).catch(() => response.destroy());
    });
  }

  static async start(): Promise<SlowWorker> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new SlowWorker(server, (server.address() as AddressInfo).port);
  }

  async close(): Promise<void> {
    for (const socket of this.#hub.clients) socket.terminate();
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  #say(type: string, data: object): void {
    for (const socket of this.#hub.clients) socket.send(JSON.stringify({ type, data }));
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://worker');
    if (pathname === '/upload/image') await this.#take(request, response);
    else if (pathname === '/view') await this.#give(request, searchParams.get('filename') ?? '', response);
    else if (request.method === 'POST') this.#post(pathname, await textOf(request), response);
    else this.#get(pathname, response);
  }

  /** Nothing is kept but its size, and the small file of the readiness ladder. */
  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.received = 0;
    const kept: Buffer[] = [];
    const began = performance.now();
    request.once('close', () => {
      if (!request.complete) this.cutAt = performance.now();
    });
    for await (const chunk of request as AsyncIterable<Buffer>) {
      this.received += chunk.length;
      if (this.received < KEPT_BYTES) kept.push(chunk);
      await paced(this.received, began, () => this.uploadRate);
    }
    const head = Buffer.concat(kept);
    const field = (pattern: RegExp): string =>
      pattern.exec(head.subarray(0, 4096).toString('latin1'))?.[1] ?? '';
    const name = field(/name="image"; filename="([^"]*)"/);
    const subfolder = field(/name="subfolder"\r\n\r\n([^\r]*)/);
    const start = head.indexOf('\r\n\r\n', head.indexOf('filename=')) + 4;
    const boundary = head.subarray(0, head.indexOf('\r\n'));
    const bytes = this.received - start - boundary.length - 6;
    this.#sizes.set(name, bytes);
    if (name.startsWith('ensemble-check')) this.#checks.set(name, head.subarray(start, start + bytes));
    json(response, { name, subfolder, type: 'input' });
  }

  async #give(request: IncomingMessage, name: string, response: ServerResponse): Promise<void> {
    const size = name.startsWith('far') ? this.resultBytes : this.#sizes.get(name);
    if (size === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size });
    const check = this.#checks.get(name);
    if (request.method === 'HEAD') response.end();
    else if (check !== undefined) response.end(check);
    else await pipeline(Readable.from(this.#pieces(size)), response);
  }

  async *#pieces(size: number): AsyncGenerator<Buffer> {
    const began = performance.now();
    for (let sent = 0; sent < size; sent += PIECE.length) {
      yield PIECE.subarray(0, Math.min(PIECE.length, size - sent));
      await paced(sent, began, () => this.downloadRate);
    }
  }

  #get(pathname: string, response: ServerResponse): void {
    const [, history] = /^\/history\/(.*)$/.exec(pathname) ?? [];
    if (history !== undefined) {
      const entry = this.#history.get(history);
      json(response, entry === undefined ? {} : { [history]: entry });
      return;
    }
    const replies: Readonly<Record<string, object>> = {
      '/system_stats': STATS,
      '/prompt': { exec_info: { queue_remaining: 0 } },
      '/queue': { queue_running: [], queue_pending: [] },
      '/object_info': CLASSES,
      '/internal/logs/raw': { entries: [], size: { cols: 80, rows: 24 } },
    };
    const reply = replies[pathname];
    if (reply === undefined) response.writeHead(404).end();
    else json(response, reply);
  }

  /** A prompt is done at once: only the line is slow. */
  #post(pathname: string, body: string, response: ServerResponse): void {
    if (pathname !== '/prompt') {
      json(response, {});
      return;
    }
    const { prompt_id: id, prompt } = JSON.parse(body) as Prompted;
    const saver = Object.entries(prompt).find(([, { class_type }]) => class_type === 'SaveVideo')?.[0] ?? '';
    const images = [{ filename: `far-${id}.mp4`, subfolder: '', type: 'output' }];
    this.#history.set(id, {
      prompt: [1, id, prompt, {}, [saver]],
      outputs: { [saver]: { images, animated: [true] } },
      status: { status_str: 'success', completed: true, messages: [] },
    });
    json(response, { prompt_id: id, number: 1, node_errors: {} });
    this.#say('execution_start', { prompt_id: id });
    this.#say('executing', { node: null, prompt_id: id });
  }
}

/** Waits until so many bytes may have moved. */
async function paced(bytes: number, began: number, rate: () => number): Promise<void> {
  while (bytes > ((performance.now() - began) / 1000) * rate()) await pause(BEAT_MS);
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString('utf8');
  return text;
}

function json(response: ServerResponse, value: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
