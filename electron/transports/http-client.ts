import type { Readable } from 'node:stream';
import { request } from 'undici';
import { WebSocket } from 'ws';
import type { ControlClient, EventName, Events } from '../../shared/contract.ts';
import { EnsembleError, messageOf } from '../../shared/errors.ts';
import type { EventMessage, Reply } from '../../shared/ipc.ts';
import { type Clock, Emitter, type Random, systemClock } from '../core/ports.ts';
import { messageIn, replyOf } from './client-messages.ts';

export interface HttpClientOptions {
  /** Address of the control center, without a trailing slash. */
  readonly url: string;
  readonly token: string;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** Stopping a server resolves after its observed exit, and a long wait for log lines lasts 30 s. */
const ANSWER_TIMEOUT = 120_000;
const CONNECT_TIMEOUT = 10_000;
const FIRST_RETRY = 200;
const LAST_RETRY = 5000;

/** The contract for programs outside the control center. Its events connect with the first subscription. */
export class HttpClient implements ControlClient {
  readonly #options: HttpClientOptions;
  readonly #clock: Clock;
  readonly #messages = new Emitter<EventMessage>();
  readonly #connection = new Emitter<boolean>();
  #socket: WebSocket | null = null;
  #connected = false;
  #closed = false;
  #attempt = 0;
  #cancelRetry: () => void = () => undefined;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  invoke: ControlClient['invoke'] = async (command, args, signal) =>
    // The dispatcher answers a command with that command's result: the contract suite holds it to that.
    (await this.post(
      `/api/commands/${command}`,
      args,
      signal instanceof AbortSignal ? signal : undefined,
    )) as never;

  /** @throws EnsembleError: the one that the control center answered, or `disconnected` */
  async post(path: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
    const reply = await this.#request(path, JSON.stringify(body ?? null), signal);
    if (!reply.ok) throw EnsembleError.fromEnvelope(reply.error);
    return reply.result;
  }

  subscribe<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void {
    this.#connect();
    return this.#messages.on((message) => {
      if (message.event === event) listener(message.payload as Events[E]);
    });
  }

  onConnection(listener: (connected: boolean) => void): () => void {
    if (this.#connected) listener(true);
    return this.#connection.on(listener);
  }

  /**
   * A file of the control center as it comes in.
   * @throws EnsembleError('not-found' | 'disconnected')
   */
  async openFile(path: string, signal?: AbortSignal): Promise<Readable> {
    const { token } = this.#options;
    const headers = { authorization: `Bearer ${token}` };
    let response: Awaited<ReturnType<typeof request>>;
    try {
      response = await request(this.fileUrl(path), { headers, signal: signal ?? null });
    } catch (cause) {
      throw this.#noAnswer(cause);
    }
    if (response.statusCode === 200) return response.body;
    await response.body.dump();
    throw new EnsembleError('not-found', `The control center has no file ${path}.`);
  }

  fileUrl(path: string): string {
    return new URL(path, this.#options.url).href;
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry();
    this.#socket?.terminate();
  }

  async #request(path: string, body: string, signal: AbortSignal | undefined): Promise<Reply> {
    const { url, token } = this.#options;
    try {
      const response = await request(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body,
        signal: signal ?? null,
        headersTimeout: ANSWER_TIMEOUT,
        bodyTimeout: ANSWER_TIMEOUT,
      });
      return replyOf(await response.body.json());
    } catch (cause) {
      if (cause instanceof EnsembleError) throw cause;
      throw this.#noAnswer(cause);
    }
  }

  #noAnswer(cause: unknown): EnsembleError {
    return new EnsembleError(
      'disconnected',
      `The control center at ${this.#options.url} does not answer (${messageOf(cause)}).`,
      'Start it with `npx ensemble serve` or `npm start`.',
      [],
      { cause },
    );
  }

  #connect(): void {
    if (this.#socket !== null || this.#closed) return;
    const { url, token } = this.#options;
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/events`, {
      headers: { authorization: `Bearer ${token}` },
      handshakeTimeout: CONNECT_TIMEOUT,
      perMessageDeflate: false,
    });
    this.#socket = socket;
    socket.on('open', () => this.#setConnected(true));
    socket.on('message', (data) => {
      const message = messageIn(String(data));
      if (message !== null) this.#messages.emit(message);
    });
    // "close" follows and does what is to be done.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#socket = null;
      this.#setConnected(false);
      this.#retry();
    });
  }

  #retry(): void {
    if (this.#closed) return;
    const full = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** this.#attempt);
    this.#attempt += 1;
    const delay = full * (0.5 + 0.5 * (this.#options.random ?? Math.random)());
    this.#cancelRetry = this.#clock.after(delay, () => this.#connect());
  }

  #setConnected(connected: boolean): void {
    if (connected) this.#attempt = 0;
    if (this.#connected === connected) return;
    this.#connected = connected;
    this.#connection.emit(connected);
  }
}
