import { randomUUID } from 'node:crypto';
import { type RawData, WebSocket } from 'ws';
import { messageOf } from '../../../shared/errors.ts';
import { type Clock, Emitter, type Logger, type Random } from '../ports.ts';
import { fullJitter } from './backoff.ts';
import { type ComfyFrame, parseFrame } from './frames.ts';
import { type ComfyMessage, parseMessage } from './messages.ts';

/** ComfyUI never pings: without ours a vanished machine would look idle for ever. */
const PING_MS = 5_000;
/** Pings without a sign of life. Model loading can hold Python's lock, and with it the pongs, for many seconds. */
const SILENT_PINGS = 6;
const HANDSHAKE_MS = 10_000;
const MAX_PAYLOAD_BYTES = 64 * 1_048_576;
const RECONNECT = { baseMs: 500, capMs: 10_000 } as const;

export interface ComfySocketDeps {
  /** Base URL of the server, http or https. */
  readonly url: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * The WebSocket of one server, kept open. Each connection has its own clientId: when two sockets share one, the end of the
 * older unregisters the newer, which then gets nothing (ComfyUI 0.3.64 and 0.33.0).
 */
export class ComfySocket {
  readonly #deps: ComfySocketDeps;
  readonly #messages = new Emitter<ComfyMessage>();
  readonly #frames = new Emitter<ComfyFrame>();
  readonly #opened = new Emitter<boolean>();
  #socket: WebSocket | null = null;
  #clientId: string | null = null;
  #running = false;
  #attempt = 0;
  #cancelTimer: () => void = () => {};

  constructor(deps: ComfySocketDeps) {
    this.#deps = deps;
  }

  /** The id to submit prompts with; null while not connected. A new one after each reconnect. */
  get clientId(): string | null {
    return this.#clientId;
  }

  get isOpen(): boolean {
    return this.#clientId !== null;
  }

  onMessage(listener: (message: ComfyMessage) => void): () => void {
    return this.#messages.on(listener);
  }

  onFrame(listener: (frame: ComfyFrame) => void): () => void {
    return this.#frames.on(listener);
  }

  /** true when a connection is ready, false when one that was ready ended. */
  onOpen(listener: (open: boolean) => void): () => void {
    return this.#opened.on(listener);
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#attempt = 0;
    this.#connect();
  }

  stop(): void {
    if (!this.#running) return;
    this.#running = false;
    this.#cancelTimer();
    const socket = this.#socket;
    this.#socket = null;
    this.#setClientId(null);
    socket?.terminate();
  }

  #connect(): void {
    const clientId = randomUUID();
    const address = new URL(`${this.#deps.url.replace(/^http/, 'ws')}/ws`);
    address.searchParams.set('clientId', clientId);
    const socket = new WebSocket(address, {
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: MAX_PAYLOAD_BYTES,
      perMessageDeflate: false,
      followRedirects: false,
    });
    this.#socket = socket;
    const life = { silentPings: 0 };
    const alive = (): void => {
      life.silentPings = 0;
    };
    socket.on('open', () => {
      // Events 4 instead of 1: previews say which prompt and node they belong to.
      socket.send(JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: true } }));
      this.#keepAlive(socket, life);
    });
    socket.on('pong', alive);
    socket.on('message', (data, isBinary) => {
      alive();
      if (socket !== this.#socket) return;
      // The first message, not the handshake: only a server that talks is a ComfyUI.
      if (!this.isOpen) this.#setClientId(clientId);
      this.#receive(bytesOf(data), isBinary);
    });
    socket.on('error', (error) => {
      this.#deps.logger.debug('ComfyUI socket failed', { url: this.#deps.url, reason: messageOf(error) });
    });
    socket.on('close', () => this.#ended(socket));
  }

  #receive(bytes: Buffer, isBinary: boolean): void {
    if (isBinary) {
      const frame = parseFrame(bytes);
      if (frame !== null) this.#frames.emit(frame);
      return;
    }
    const message = parseMessage(bytes.toString('utf8'));
    if (message === null) return;
    this.#attempt = 0;
    this.#messages.emit(message);
  }

  #keepAlive(socket: WebSocket, life: { silentPings: number }): void {
    if (socket !== this.#socket) return;
    // Counted, not timed: after a suspend or a jump of the clock the peer gets its chances again.
    if (life.silentPings >= SILENT_PINGS) {
      socket.terminate();
      return;
    }
    life.silentPings += 1;
    if (socket.readyState === WebSocket.OPEN) socket.ping();
    this.#cancelTimer = this.#deps.clock.after(PING_MS, () => this.#keepAlive(socket, life));
  }

  #ended(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#cancelTimer();
    this.#setClientId(null);
    const wait = fullJitter(this.#attempt, RECONNECT, this.#deps.random);
    this.#attempt += 1;
    this.#cancelTimer = this.#deps.clock.after(wait, () => this.#connect());
  }

  #setClientId(clientId: string | null): void {
    const changed = (this.#clientId === null) !== (clientId === null);
    this.#clientId = clientId;
    if (changed) this.#opened.emit(clientId !== null);
  }
}

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
