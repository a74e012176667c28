import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { EVENT_NAMES, type EventName, type EventSource } from '../../shared/contract.ts';
import type { EventMessage } from '../../shared/ipc.ts';
import type { Clock, Logger } from '../core/ports.ts';

const PING_INTERVAL = 20_000;
/** Above this a client is behind, bytes. */
const MAX_BUFFERED = 1024 * 1024;
/** Clients have nothing to say here: commands go over HTTP. */
const MAX_INCOMING = 1024;
const GOING_AWAY = 1001;

export interface EventSocketOptions {
  readonly events: EventSource;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Sends every event to every client as a JSON text frame `{event, payload}`. */
export class EventSockets {
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_INCOMING,
  });
  readonly #alive = new Map<WebSocket, { answered: boolean }>();
  readonly #unsubscribes: readonly (() => void)[];
  readonly #clock: Clock;
  readonly #logger: Logger;
  #cancelPing: () => void;

  constructor({ events, clock, logger }: EventSocketOptions) {
    this.#clock = clock;
    this.#logger = logger;
    this.#unsubscribes = EVENT_NAMES.map((event) =>
      events.on(event, (payload) => this.#broadcast({ event, payload })),
    );
    this.#cancelPing = this.#schedulePing();
  }

  /** @param request has passed the gate */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (client) => {
      const peer = { answered: true };
      this.#alive.set(client, peer);
      client.on('pong', () => {
        peer.answered = true;
      });
      client.on('error', (error) => this.#logger.debug('An event client failed', { error: error.message }));
      client.on('close', () => this.#alive.delete(client));
    });
  }

  close(): void {
    this.#cancelPing();
    for (const unsubscribe of this.#unsubscribes) unsubscribe();
    for (const client of this.#alive.keys()) client.close(GOING_AWAY, 'The control center ends');
    this.#server.close();
  }

  #broadcast(message: EventMessage): void {
    if (this.#alive.size === 0) return;
    const frame = JSON.stringify(message);
    for (const client of this.#alive.keys()) this.#send(client, message.event as EventName, frame);
  }

  /** A client that cannot keep up loses telemetry first; a lost change of state would leave it wrong, so it starts over. */
  #send(client: WebSocket, event: EventName, frame: string): void {
    if (client.readyState !== client.OPEN) return;
    if (client.bufferedAmount <= MAX_BUFFERED) {
      client.send(frame);
    } else if (event !== 'telemetry') {
      this.#logger.warn('An event client could not keep up and was disconnected');
      client.terminate();
    }
  }

  #schedulePing(): () => void {
    return this.#clock.after(PING_INTERVAL, () => {
      for (const [client, peer] of this.#alive) {
        if (peer.answered) client.ping();
        else client.terminate();
        peer.answered = false;
      }
      this.#cancelPing = this.#schedulePing();
    });
  }
}
