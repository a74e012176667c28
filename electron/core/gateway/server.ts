import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import { bracketed, isWildcard } from '../access/origins.ts';
import type { Logger } from '../ports.ts';
import { nextFreePort } from '../supervisor/ports.ts';
import type { GatewayGate } from './access/gate.ts';
import { endUpgrade, refuse, refuseUpgrade } from './access/refuse.ts';
import { Listener, type ListenerHandlers, type Place } from './http/listener.ts';
import { sendText } from './http/replies.ts';
import { type Call, partsOf, Router, type Routes } from './http/router.ts';
import { answerFailure } from './routes.ts';
import type { Hub } from './sockets/hub.ts';

const LOOPBACK = '127.0.0.1';
/** Another program may take the port that was just found free. */
const MOST_TRIES = 20;

export interface GatewayServerDeps {
  /** Bare and below /api. */
  readonly routes: Routes;
  /** With their whole path. */
  readonly apiRoutes: Routes;
  /** Whatever no route is for; `path` is whole. */
  readonly others: (call: Call) => Promise<void>;
  readonly hub: Pick<Hub, 'accept'>;
  readonly gate: Pick<GatewayGate, 'judge'>;
  readonly logger: Logger;
}

/** HTTP and WebSocket at one place, which may change while it serves. */
export class GatewayServer {
  readonly #router: Router;
  readonly #apiRouter: Router;
  readonly #handlers: ListenerHandlers;
  /** Connections that are there by the token. */
  readonly #guests = new Set<Duplex>();
  #listener: Listener | null = null;

  constructor(private readonly deps: GatewayServerDeps) {
    this.#router = new Router(deps.routes);
    this.#apiRouter = new Router(deps.apiRoutes);
    this.#handlers = {
      request: (request, response) => void this.#answer(request, response),
      upgrade: (request, socket, head) => this.#upgrade(request, socket, head),
      logger: deps.logger,
    };
  }

  /** null while it does not listen. */
  get place(): Place | null {
    return this.#listener?.place ?? null;
  }

  /** For this machine; null while it does not listen. */
  get url(): string | null {
    const { place } = this;
    if (place === null) return null;
    return `http://${isWildcard(place.host) ? LOOPBACK : bracketed(place.host)}:${place.port}`;
  }

  /**
   * Listens there or on the next free port. @returns the port
   * @throws EnsembleError when there is none
   */
  async listen({ host, port: wanted }: Place, reserved: ReadonlySet<number>): Promise<number> {
    let port = wanted;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const listener = reserved.has(port) ? null : await this.#open({ host, port });
      if (listener !== null) {
        this.#listener = listener;
        return port;
      }
      port = await nextFreePort(port + 1, reserved);
    }
    throw new EnsembleError('port-in-use', `No port from ${wanted} up could be had.`);
  }

  /**
   * Goes on there; old connections end.
   * @throws EnsembleError when it cannot: then it is where it was
   */
  async moveTo(place: Place): Promise<void> {
    const before = this.#listener;
    // The same port cannot be had twice, not even at another address.
    const isSamePort = before?.place.port === place.port;
    if (isSamePort) await before?.close();
    try {
      this.#listener = (await this.#open(place)) ?? (await refusePort(place.port));
    } catch (error) {
      if (isSamePort && before !== null) this.#listener = await this.#open(before.place);
      throw error;
    }
    if (!isSamePort) await before?.close();
  }

  /** The token is another one now. */
  endGuests(): void {
    for (const socket of this.#guests) socket.destroy();
  }

  async close(): Promise<void> {
    const listener = this.#listener;
    this.#listener = null;
    await listener?.close();
  }

  async #open(place: Place): Promise<Listener | null> {
    try {
      return await Listener.open(place, this.#handlers);
    } catch (error) {
      throw new EnsembleError(
        'unavailable',
        `The ComfyUI address cannot be ${place.host} port ${place.port}: ${messageOf(error)}.`,
        'Give an address of this machine with --gateway-host.',
      );
    }
  }

  /** @returns whether it may come in; everything else has been answered */
  #admit(request: IncomingMessage, refused: (verdict: Parameters<typeof refuseUpgrade>[1]) => void): boolean {
    const verdict = this.deps.gate.judge(request);
    if (verdict.kind !== 'admitted') {
      refused(verdict);
      return false;
    }
    request.url = verdict.url;
    const { socket } = request;
    if (verdict.guest && !this.#guests.has(socket)) {
      this.#guests.add(socket);
      socket.once('close', () => this.#guests.delete(socket));
    }
    return true;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#admit(request, (verdict) => refuse(request, response, verdict))) return;
    const url = urlOf(request);
    if (url === null) {
      sendText(response, 'That is no address.\n', 400);
      return;
    }
    const method = request.method ?? 'GET';
    const asked = partsOf(url.pathname);
    const bare = asked[1] === 'api' ? ['', ...asked.slice(2)] : asked;
    const found = this.#apiRouter.find(method, asked) ?? this.#router.find(method, bare);
    const path = url.pathname;
    const call = { request, response, path, query: url.searchParams, parts: found?.parts ?? [] };
    try {
      await (found?.handler ?? this.deps.others)(call);
    } catch (error) {
      const tell = (why: string): void => this.deps.logger.warn('a request failed', { path, reason: why });
      answerFailure(call, error, tell);
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (!this.#admit(request, (verdict) => refuseUpgrade(socket, verdict))) return;
    const url = urlOf(request);
    if (url?.pathname === '/ws' || url?.pathname === '/api/ws') {
      this.deps.hub.accept(request, socket, head, url.searchParams.get('clientId') ?? '');
    } else endUpgrade(socket, url === null ? 400 : 404, 'WebSockets are at /ws.');
  }
}

/** @throws EnsembleError('port-in-use') that names a free one */
async function refusePort(port: number): Promise<never> {
  const free = await nextFreePort(port + 1, new Set()).catch(() => null);
  throw new EnsembleError(
    'port-in-use',
    `Port ${port} is taken by another program.`,
    free === null ? 'Choose a lower one.' : `Choose another one; ${free} is free.`,
    [{ field: 'gatewayPort', message: `Port ${port} is taken.` }],
  );
}

function urlOf({ url }: IncomingMessage): URL | null {
  try {
    // A path that begins with "//" is no host.
    return new URL(`http://gateway${url?.startsWith('/') ? url : '/'}`);
  } catch {
    return null;
  }
}
