import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { toJson } from '../graph/exact-json.ts';
import { isRecord } from '../graph/values.ts';

export interface HubOptions {
  readonly features: Readonly<Record<string, unknown>>;
  readonly duplicate: boolean;
  readonly status: () => Readonly<Record<string, unknown>>;
  /** The node that this client's prompt is at, for a client that reconnects. */
  readonly currentNode: (clientId: string) => string | null;
}

/** The /ws side. As on the real server, a closing socket unregisters its clientId even when a newer socket took it over. */
export class SocketHub {
  readonly #server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  readonly #sockets = new Map<string, WebSocket>();
  readonly #flags = new Map<string, Readonly<Record<string, unknown>>>();
  readonly logSubscribers = new Set<string>();
  readonly #options: HubOptions;
  hung = false;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer, clientId: string): void {
    this.#server.handleUpgrade(request, socket, head, (client) => this.#register(client, clientId));
  }

  send(type: string, data: unknown, clientId: string | null): void {
    this.#deliver(toJson({ type, data }), clientId);
  }

  /** Frame 4 to clients that negotiated it, frame 1 to others; format 2 says PNG. */
  sendPreview(png: Buffer, metadata: Readonly<Record<string, unknown>>, clientId: string | null): void {
    const modern = clientId !== null && this.#flags.get(clientId)?.['supports_preview_metadata'] === true;
    if (!modern) {
      this.#deliver(Buffer.concat([numbers(1, 2), png]), clientId);
      return;
    }
    const json = Buffer.from(JSON.stringify({ ...metadata, image_type: 'image/png' }));
    this.#deliver(Buffer.concat([numbers(4, json.length), json, png]), clientId);
  }

  #deliver(message: string | Buffer, clientId: string | null): void {
    if (this.hung) return;
    const chosen = clientId === null ? [...this.#sockets.values()] : [this.#sockets.get(clientId)];
    for (const socket of chosen) {
      socket?.send(message);
      if (this.#options.duplicate) socket?.send(message);
    }
  }

  #register(socket: WebSocket, given: string): void {
    const clientId = given === '' ? randomUUID().replaceAll('-', '') : given;
    this.#sockets.set(clientId, socket);
    this.#flags.set(clientId, {});
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      this.#sockets.delete(clientId);
      this.#flags.delete(clientId);
    });
    let first = true;
    socket.on('message', (data, binary) => {
      if (!binary && first) this.#negotiate(clientId, String(data));
      first = false;
    });
    this.send('status', { status: this.#options.status(), sid: clientId }, clientId);
    const node = this.#options.currentNode(clientId);
    if (node !== null) this.send('executing', { node }, clientId);
  }

  #negotiate(clientId: string, text: string): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    if (!isRecord(message) || message['type'] !== 'feature_flags') return;
    const flags = message['data'];
    this.#flags.set(clientId, isRecord(flags) ? flags : {});
    this.send('feature_flags', this.#options.features, clientId);
  }
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}
