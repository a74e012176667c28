import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import type { Logger } from '../ports.ts';
import { nextFreePort } from '../supervisor/ports.ts';
import { refusalOf } from './http/guard.ts';
import { sendText } from './http/replies.ts';
import { type Call, partsOf, Router, type Routes } from './http/router.ts';
import { answerFailure } from './routes.ts';
import type { Hub } from './sockets/hub.ts';

const HOST = '127.0.0.1';
/** For the head of a request; bodies may be large and slow. */
const HEAD_MS = 10_000;
const KEEP_ALIVE_MS = 75_000;
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
  readonly logger: Logger;
}

/** HTTP and WebSocket on this machine alone. */
export class GatewayServer {
  readonly #server: Server;
  readonly #router: Router;
  readonly #apiRouter: Router;
  #port = 0;

  constructor(private readonly deps: GatewayServerDeps) {
    this.#router = new Router(deps.routes);
    this.#apiRouter = new Router(deps.apiRoutes);
    this.#server = createServer({
      headersTimeout: HEAD_MS,
      requestTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
    });
    this.#server.on('request', (request, response) => void this.#answer(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.on('clientError', (_error, socket) => {
      if (socket.writable)
        socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      else socket.destroy();
    });
  }

  get url(): string {
    return `http://${HOST}:${this.#port}`;
  }

  /**
   * Listens on this port or the next free one. @returns the port
   * @throws EnsembleError when there is none
   */
  async listen(wanted: number, reserved: ReadonlySet<number>): Promise<number> {
    let port = wanted;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      if (!reserved.has(port) && (await this.#tryListen(port))) {
        this.#port = port;
        return port;
      }
      port = await nextFreePort(port + 1, reserved);
    }
    throw new EnsembleError('port-in-use', `No port from ${wanted} up could be had.`);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeAllConnections();
    await closed;
  }

  /** @returns false when the port is taken */
  #tryListen(port: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const onError = (error: NodeJS.ErrnoException): void => {
        this.#server.off('listening', onListening);
        if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
        else reject(error);
      };
      const onListening = (): void => {
        this.#server.off('error', onError);
        this.#server.on('error', (error) => {
          this.deps.logger.error('the gateway failed', { reason: messageOf(error) });
        });
        resolve(true);
      };
      this.#server.once('error', onError);
      this.#server.once('listening', onListening);
      this.#server.listen({ host: HOST, port, exclusive: true });
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refused = refusalOf(request, this.#port);
    if (refused !== null) {
      sendText(response, `${refused}\n`, 403);
      return;
    }
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
    const url = urlOf(request);
    const isOurs = url?.pathname === '/ws' || url?.pathname === '/api/ws';
    const refused =
      refusalOf(request, this.#port) === null ? (isOurs ? null : '404 Not Found') : '403 Forbidden';
    if (refused !== null || url === null) {
      socket.end(
        `HTTP/1.1 ${refused ?? '400 Bad Request'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
      return;
    }
    this.deps.hub.accept(request, socket, head, url.searchParams.get('clientId') ?? '');
  }
}

function urlOf({ url }: IncomingMessage): URL | null {
  try {
    // A path that begins with "//" is no host.
    return new URL(`http://gateway${url?.startsWith('/') ? url : '/'}`);
  } catch {
    return null;
  }
}
