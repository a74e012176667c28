import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { OBJECT_INFO } from '../distribution/controller/object-info.ts';

const STATS = {
  system: { comfyui_version: '0.33.0', python_version: '3.12', pytorch_version: '2.8', os: 'linux' },
  devices: [{ name: 'cuda:0 Fake GPU', type: 'cuda', index: 0, vram_total: 24e9, vram_free: 20e9 }],
};
/** Those that every server has to have are here by name alone. */
const NEEDED = ['LoadImage', 'EmptyImage', 'ImageBatch', 'ImageFromBatch', 'LatentFromBatch'];
const CLASSES = {
  ...OBJECT_INFO,
  ...Object.fromEntries(NEEDED.map((name) => [name, { input: {}, output: [], output_node: false }])),
};
const IDLE = { exec_info: { queue_remaining: 0 } };
const GREETING = JSON.stringify({ type: 'status', data: { status: IDLE } });

/** As much of a ComfyUI as a control center asks when nothing runs; it tells of everything that it is asked. */
export class Elsewhere {
  readonly #server: Server;
  readonly #connections = new Set<Duplex>();
  readonly #hub = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  #isCut = false;
  #file = Buffer.alloc(0);

  /** @param onProbe a request, a handshake, or a connection while it is cut */
  constructor(private readonly onProbe: () => void) {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.keepAliveTimeout = 0;
    this.#server.on('connection', (socket) => this.#onConnection(socket));
    this.#server.on('upgrade', (request, socket, head) => {
      this.onProbe();
      this.#hub.handleUpgrade(request, socket, head, (client) => {
        client.on('error', () => client.terminate());
        client.send(GREETING);
      });
    });
  }

  /** @returns its port */
  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  /** Ends what is open, and every new connection at once. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#connections) socket.destroy();
  }

  restore(): void {
    this.#isCut = false;
  }

  #onConnection(socket: Duplex): void {
    if (this.#isCut) {
      this.onProbe();
      socket.destroy();
      return;
    }
    this.#connections.add(socket);
    socket.once('close', () => this.#connections.delete(socket));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.onProbe();
    const path = request.url?.replace(/\?.*$/, '') ?? '';
    if (path === '/view') response.end(this.#file);
    else if (path === '/upload/image') await this.#take(request, response);
    else {
      const replies: Readonly<Record<string, object>> = {
        '/system_stats': STATS,
        '/prompt': IDLE,
        '/object_info': CLASSES,
        '/internal/logs/raw': { entries: [] },
      };
      json(response, replies[path] ?? {});
    }
  }

  /** The one file that is sent to see whether it comes back the same. */
  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const start = body.indexOf('\r\n\r\n', body.indexOf('filename=')) + 4;
    const boundary = body.indexOf('\r\n');
    this.#file = body.subarray(start, body.length - boundary - 6);
    json(response, { name: 'ensemble-check.bin', subfolder: 'ensemble-check', type: 'input' });
  }
}

function json(response: ServerResponse, value: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
