import { randomUUID } from 'node:crypto';
import { type RawData, WebSocket } from 'ws';
import { messageOf } from '../../../shared/errors.ts';
import { type Clock, Emitter, type Logger, type Random } from '../ports.ts';
import { fullJitter } from './backoff.ts';
import { CLOUD_PING_MS, PING_MS, type Verdict } from './failure-detector.ts';
import { type ComfyFrame, parseFrame } from './frames.ts';
import { Heartbeat } from './heartbeat.ts';
import { takesConnections } from './knock.ts';
import { type ComfyMessage, parseMessage } from './messages.ts';
import { inTurn, type Pacer } from './pacer.ts';
import { isSecure, type ServerAddress, trust } from './server-address.ts';

const HANDSHAKE_MS = 10_000;
/** Of the one attempt that follows a lost connection at once: work waits for its outcome. */
const QUICK_HANDSHAKE_MS = 2_000;
/** A connection that ended sooner is no accident: the next one waits. */
const WORTH_A_QUICK_TRY_MS = 2_000;
/** How long a server may take to answer over HTTP when its socket fails, ms. */
const LOOK_MS = 1_000;
const MIN_LOOK_MS = 500;
const MAX_PAYLOAD_BYTES = 64 * 1_048_576;
const RECONNECT = { baseMs: 500, capMs: 10_000 } as const;

export interface ComfySocketDeps extends ServerAddress {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Second opinion on a server whose socket is silent or gone: one quick question over HTTP. Without it there is none. */
  readonly look?: (timeoutMs: number) => Promise<unknown>;
  /** A model may be loading: longer silences are normal. */
  readonly isLoading?: () => boolean;
  /** Keeps the sockets of many servers from being opened in one beat. */
  readonly pacer?: Pacer;
}

/**
 * suspect: no new work for it (silent, without its socket, or answering over HTTP alone); lost: what runs there goes
 * elsewhere. Both end with the next sign of life.
 */
export type Health = 'unknown' | 'ok' | 'suspect' | 'lost';

/**
 * The WebSocket of one server, kept open. Each connection has its own clientId: when two sockets share one, the end of the
 * older unregisters the newer, which then gets nothing (ComfyUI 0.3.64 and 0.33.0).
 */
export class ComfySocket {
  readonly #deps: ComfySocketDeps;
  readonly #texts = new Emitter<string>();
  readonly #messages = new Emitter<ComfyMessage>();
  readonly #frames = new Emitter<ComfyFrame>();
  readonly #opened = new Emitter<boolean>();
  readonly #healthChanged = new Emitter<Health>();
  #socket: WebSocket | null = null;
  #heartbeat: Heartbeat | null = null;
  #look: Promise<boolean> | null = null;
  #clientId: string | null = null;
  #health: Health = 'unknown';
  #running = false;
  #attempt = 0;
  #openedAt = 0;
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

  get health(): Health {
    return this.#health;
  }

  /** Every text message as it came, before it is read. */
  onText(listener: (text: string) => void): () => void {
    return this.#texts.on(listener);
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

  onHealth(listener: (health: Health) => void): () => void {
    return this.#healthChanged.on(listener);
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#attempt = 0;
    this.#connectInTurn(HANDSHAKE_MS);
  }

  stop(): void {
    if (!this.#running) return;
    this.#running = false;
    this.#cancelTimer();
    const socket = this.#socket;
    this.#letGo('unknown');
    socket?.terminate();
  }

  /** It answered over HTTP: whatever its socket does, it is not lost. */
  noteAnswer(): void {
    if (this.#running && this.#health === 'lost') this.#setHealth('suspect');
  }

  #connect(handshakeTimeout: number): void {
    const clientId = randomUUID();
    const { url, headers = {}, certificate = null } = this.#deps;
    const address = new URL(`${url.replace(/^http/, 'ws')}/ws`);
    address.searchParams.set('clientId', clientId);
    const socket = new WebSocket(address, {
      headers,
      ...(certificate === null ? {} : trust(certificate)),
      handshakeTimeout,
      maxPayload: MAX_PAYLOAD_BYTES,
      perMessageDeflate: false,
      followRedirects: false,
    });
    this.#socket = socket;
    socket.on('open', () => {
      if (socket !== this.#socket) return;
      // Events 4 instead of 1: previews say which prompt and node they belong to.
      socket.send(JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: true } }));
      this.#heartbeat = this.#keepAlive(socket);
    });
    socket.on('pong', () => {
      if (socket === this.#socket) this.#heartbeat?.answered();
    });
    socket.on('message', (data, isBinary) => {
      if (socket !== this.#socket) return;
      this.#heartbeat?.heard();
      // The first message, not the handshake: only a server that talks is a ComfyUI.
      if (!this.isOpen) {
        this.#openedAt = this.#deps.clock.now();
        this.#setHealth('ok');
        this.#setClientId(clientId);
      }
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
    const text = bytes.toString('utf8');
    this.#texts.emit(text);
    const message = parseMessage(text);
    if (message === null) return;
    this.#attempt = 0;
    this.#messages.emit(message);
  }

  /** ComfyUI never pings: without ours a vanished machine would look idle for ever. */
  #keepAlive(socket: WebSocket): Heartbeat {
    const { certificate = null } = this.#deps;
    return new Heartbeat({
      clock: this.#deps.clock,
      // Whoever has a certificate of their own counts no requests.
      pingMs: isSecure(this.#deps) && certificate === null ? CLOUD_PING_MS : PING_MS,
      isLoading: this.#deps.isLoading ?? (() => false),
      knock: (timeoutMs) => takesConnections(this.#deps.url, timeoutMs, this.#deps.clock),
      ping: () => {
        if (socket.readyState === WebSocket.OPEN) socket.ping();
      },
      onVerdict: (verdict) => this.#onVerdict(socket, verdict),
    });
  }

  #onVerdict(socket: WebSocket, verdict: Verdict): void {
    if (verdict === 'lost') void this.#onSilence(socket);
    else if (this.isOpen) this.#setHealth(verdict);
    if (verdict !== 'suspect') return;
    this.#look = this.#answers(Math.max(MIN_LOOK_MS, this.#heartbeat?.graceMs ?? 0));
  }

  /** The socket is dead; whether the server is too was asked when it came under suspicion. */
  async #onSilence(socket: WebSocket): Promise<void> {
    const answers = await (this.#look ?? this.#answers(MIN_LOOK_MS));
    if (socket !== this.#socket) return;
    if (!answers) this.#setHealth('lost');
    socket.terminate();
  }

  #ended(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    const lost = this.#health === 'lost';
    const worked = this.isOpen && this.#deps.clock.now() - this.#openedAt >= WORTH_A_QUICK_TRY_MS;
    this.#letGo(this.isOpen && !lost ? 'suspect' : this.#health);
    if (worked && !lost) {
      this.#connectInTurn(QUICK_HANDSHAKE_MS);
      return;
    }
    if (!lost) void this.#judgeWithoutSocket();
    const wait = fullJitter(this.#attempt, RECONNECT, this.#deps.random);
    this.#attempt += 1;
    this.#cancelTimer = this.#deps.clock.after(wait, () => this.#connectInTurn(HANDSHAKE_MS));
  }

  #connectInTurn(handshakeTimeout: number): void {
    const { clock, pacer } = this.#deps;
    this.#cancelTimer = inTurn(clock, pacer, () => this.#connect(handshakeTimeout));
  }

  async #judgeWithoutSocket(): Promise<void> {
    const answers = await this.#answers(LOOK_MS);
    if (this.#running && !this.isOpen) this.#setHealth(answers ? 'suspect' : 'lost');
  }

  async #answers(timeoutMs: number): Promise<boolean> {
    const { look } = this.#deps;
    if (look === undefined) return false;
    return look(timeoutMs).then(
      () => true,
      () => false,
    );
  }

  #letGo(health: Health): void {
    this.#socket = null;
    this.#look = null;
    this.#heartbeat?.stop();
    this.#heartbeat = null;
    this.#setHealth(health);
    this.#setClientId(null);
  }

  #setHealth(health: Health): void {
    if (health === this.#health) return;
    this.#health = health;
    this.#healthChanged.emit(health);
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
