import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { isRecord } from '../../plain-data.ts';
import type { Clock } from '../../ports.ts';
import type { Connection } from '../access/clients.ts';
import { exactText } from '../http/replies.ts';
import type { JobMessage } from '../jobs/job-types.ts';

/** Clients say their flags and little else. */
const MAX_PAYLOAD_BYTES = 1_048_576;
/** What waits to be read by a client that has stopped reading; previews and progress are then left out. */
const MAX_BUFFERED_BYTES = 8 * 1_048_576;
const PING_MS = 20_000;

interface Client {
  readonly socket: WebSocket;
  readonly about: Connection;
  /** It tells previews apart by prompt and node. */
  withMetadata: boolean;
  isAlive: boolean;
}

export interface HubDeps {
  readonly clock: Clock;
  /** What the gateway can do, as ComfyUI says it. */
  readonly features: () => Promise<Readonly<Record<string, unknown>>>;
  readonly remaining: () => number;
  /** What a client that comes back is told. */
  readonly recall: (clientId: string, send: (message: JobMessage) => void) => void;
  /** Somebody came or went, or has another number of prompts. */
  readonly changed: () => void;
}

/** The clients at /ws. Several sockets may share one id: unlike ComfyUI, all of them are told. */
export class Hub {
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_PAYLOAD_BYTES,
  });
  readonly #clients = new Map<string, Set<Client>>();
  #cancelPing: () => void;

  constructor(private readonly deps: HubDeps) {
    this.#cancelPing = deps.clock.after(PING_MS, () => this.#ping());
  }

  get connections(): readonly Connection[] {
    return [...this.#clients.values()].flatMap((clients) => [...clients].map(({ about }) => about));
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer, given: string): void {
    const about = {
      id: randomUUID(),
      address: request.socket.remoteAddress ?? '',
      program: request.headers['user-agent'] ?? '',
      clientId: given === '' ? randomUUID().replaceAll('-', '') : given,
      since: this.deps.clock.now(),
    };
    this.#server.handleUpgrade(request, socket, head, (accepted) => this.#register(accepted, about));
  }

  send(clientId: string | null, [type, data]: JobMessage): void {
    const clients = clientId === null ? undefined : this.#clients.get(clientId);
    if (clients === undefined) return;
    const text = exactText({ type, data });
    for (const { socket } of clients) socket.send(text);
  }

  /** Whoever does not keep up goes without. */
  sendFrame(clientId: string | null, frameFor: (withMetadata: boolean) => Buffer): void {
    const clients = clientId === null ? undefined : this.#clients.get(clientId);
    for (const { socket, withMetadata } of clients ?? []) {
      if (socket.bufferedAmount < MAX_BUFFERED_BYTES) socket.send(frameFor(withMetadata));
    }
  }

  sendStatus(): void {
    const text = exactText({ type: 'status', data: this.#status() });
    for (const clients of this.#clients.values()) for (const { socket } of clients) socket.send(text);
    this.deps.changed();
  }

  close(): void {
    this.#cancelPing();
    for (const clients of this.#clients.values()) for (const { socket } of clients) socket.terminate();
    this.#clients.clear();
    this.#server.close();
  }

  #register(socket: WebSocket, about: Connection): void {
    const { clientId: id } = about;
    const client: Client = { socket, about, withMetadata: false, isAlive: true };
    const all = this.#clients.get(id) ?? new Set();
    this.#clients.set(id, all.add(client));
    socket.on('error', () => socket.terminate());
    socket.on('pong', () => {
      client.isAlive = true;
    });
    socket.on('close', () => {
      all.delete(client);
      if (all.size === 0 && this.#clients.get(id) === all) this.#clients.delete(id);
      this.deps.changed();
    });
    socket.once('message', (data, isBinary) => {
      if (!isBinary) void this.#negotiate(client, textOf(data));
    });
    const send = ([type, content]: JobMessage): void => socket.send(exactText({ type, data: content }));
    send(['status', { ...this.#status(), sid: id }]);
    this.deps.recall(id, send);
    this.deps.changed();
  }

  async #negotiate(client: Client, text: string): Promise<void> {
    const message = parsed(text);
    if (!isRecord(message) || message['type'] !== 'feature_flags') return;
    const flags = message['data'];
    client.withMetadata = isRecord(flags) && flags['supports_preview_metadata'] === true;
    const data = await this.deps.features();
    if (client.socket.readyState === WebSocket.OPEN) {
      client.socket.send(exactText({ type: 'feature_flags', data }));
    }
  }

  #status(): Readonly<Record<string, unknown>> {
    return { status: { exec_info: { queue_remaining: this.deps.remaining() } } };
  }

  /** A page whose machine went to sleep leaves its socket behind. */
  #ping(): void {
    for (const clients of this.#clients.values()) {
      for (const client of clients) {
        if (!client.isAlive) client.socket.terminate();
        client.isAlive = false;
        client.socket.ping();
      }
    }
    this.#cancelPing = this.deps.clock.after(PING_MS, () => this.#ping());
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function textOf(data: RawData): string {
  return Array.isArray(data) ? Buffer.concat(data).toString('utf8') : data.toString();
}
