import { request } from 'undici';
import { WebSocket } from 'ws';
import type { EventName, Events } from '../../shared/contract.ts';
import { EnsembleError, messageOf } from '../../shared/errors.ts';
import type { EventMessage } from '../../shared/ipc.ts';
import type { AgentConnection, ConnectionState } from '../core/agents/agent-connection.ts';
import { END_PATH } from '../core/agents/pairing-proof.ts';
import { theirRefusal } from '../core/agents/their-refusal.ts';
import { fullJitter } from '../core/comfy/backoff.ts';
import { PING_MS } from '../core/comfy/failure-detector.ts';
import { Heartbeat } from '../core/comfy/heartbeat.ts';
import { takesConnections } from '../core/comfy/knock.ts';
import { connectionsTo, hostOf, type ServerAddress, trust } from '../core/comfy/server-address.ts';
import { type Clock, Emitter, type Random } from '../core/ports.ts';
import { messageIn, replyOf } from './client-messages.ts';

export interface AgentClientOptions {
  /** Its headers carry the token, its certificate is the only one that is believed. */
  readonly address: ServerAddress;
  readonly clock: Clock;
  readonly random: Random;
}

/** Stopping a server resolves after its observed exit, and a long wait for log lines lasts 20 s. */
const ANSWER_MS = 120_000;
const CONNECT_MS = 5_000;
const RECONNECT = { baseMs: 500, capMs: 5_000 } as const;
/** A connection that held this long was a good one: its end is no reason to be patient. */
const GOOD_MS = 5_000;

/** A master's side of the contract: commands over HTTPS, events over a WebSocket that notices when nobody is there. */
export class AgentClient implements AgentConnection {
  readonly #options: AgentClientOptions;
  readonly #messages = new Emitter<EventMessage>();
  readonly #states = new Emitter<ConnectionState>();
  #socket: WebSocket | null = null;
  #heartbeat: Heartbeat | null = null;
  #closed = true;
  #attempt = 0;
  #openedAt: number | null = null;
  #cancelRetry: () => void = () => {};

  constructor(options: AgentClientOptions) {
    this.#options = options;
  }

  open(): void {
    if (!this.#closed) return;
    this.#closed = false;
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry();
    this.#heartbeat?.stop();
    this.#socket?.terminate();
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    return this.#states.on(listener);
  }

  subscribe<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void {
    return this.#messages.on((message) => {
      if (message.event === event) listener(message.payload as Events[E]);
    });
  }

  invoke: AgentConnection['invoke'] = async (command, args, signal) =>
    // The dispatcher answers a command with that command's result: the contract suite holds it to that.
    (await this.#post(`/api/commands/${command}`, args, signal)) as never;

  async end(): Promise<void> {
    await this.#post(END_PATH, {});
  }

  async #post(path: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
    const { address } = this.#options;
    let reply: unknown;
    try {
      const response = await request(`${address.url}${path}`, {
        method: 'POST',
        headers: { ...address.headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: signal ?? null,
        ...{ headersTimeout: ANSWER_MS, bodyTimeout: ANSWER_MS, dispatcher: connectionsTo(address) },
      });
      reply = await response.body.json();
    } catch (cause) {
      const message = `The agent at ${hostOf(address)} does not answer (${messageOf(cause)}).`;
      throw new EnsembleError('disconnected', message, null, [], { cause });
    }
    const refusal = theirRefusal(reply);
    if (refusal !== null) throw refusal;
    const answer = replyOf(reply);
    return answer.ok ? answer.result : null;
  }

  #connect(): void {
    const { url, headers = {}, certificate = null } = this.#options.address;
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/events`, {
      headers,
      ...(certificate === null ? {} : trust(certificate)),
      handshakeTimeout: CONNECT_MS,
      perMessageDeflate: false,
      followRedirects: false,
    });
    this.#socket = socket;
    let end: Ending = { reason: 'the connection ended', refused: false };
    socket.on('open', () => {
      this.#opened(socket, () => {
        end = { reason: 'no sign of life for some seconds', refused: false };
        socket.terminate();
      });
    });
    socket.on('pong', () => this.#heartbeat?.answered());
    socket.on('message', (data) => {
      this.#heartbeat?.heard();
      const message = messageIn(String(data));
      if (message !== null) this.#messages.emit(message);
    });
    socket.on('unexpected-response', (_asked, { statusCode = 0 }) => {
      end = refusal(statusCode);
      socket.terminate();
    });
    // "close" follows and does what is to be done.
    socket.on('error', (error) => {
      if (socket.readyState === WebSocket.CONNECTING) end = { ...end, reason: messageOf(error) };
    });
    socket.on('close', () => this.#ended({ status: 'closed', ...end }));
  }

  #opened(socket: WebSocket, onSilence: () => void): void {
    const { clock, address } = this.#options;
    this.#openedAt = clock.now();
    this.#heartbeat = new Heartbeat({
      clock,
      pingMs: PING_MS,
      isLoading: () => false,
      knock: (timeoutMs) => takesConnections(address.url, timeoutMs, clock),
      ping: () => {
        if (socket.readyState === WebSocket.OPEN) socket.ping();
      },
      onVerdict: (verdict) => {
        if (verdict === 'lost') onSilence();
      },
    });
    this.#states.emit({ status: 'open' });
  }

  #ended(state: ConnectionState): void {
    const { clock, random } = this.#options;
    this.#heartbeat?.stop();
    this.#heartbeat = null;
    this.#socket = null;
    if (this.#closed) return;
    const wasGood = this.#openedAt !== null && clock.now() - this.#openedAt >= GOOD_MS;
    this.#openedAt = null;
    if (wasGood) this.#attempt = 0;
    this.#states.emit(state);
    this.#cancelRetry = clock.after(fullJitter(this.#attempt, RECONNECT, random), () => this.#connect());
    this.#attempt += 1;
  }
}

interface Ending {
  readonly reason: string;
  readonly refused: boolean;
}

function refusal(status: number): Ending {
  if (status !== 401) return { reason: `it answers with status ${status}`, refused: false };
  return { reason: 'it does not know this control center any more: pair the two anew', refused: true };
}
