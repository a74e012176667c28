import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { messageOf } from '../../../../shared/errors.ts';
import { clientErrorStatus } from '../../access/client-error.ts';
import { isWildcard } from '../../access/origins.ts';
import type { Logger } from '../../ports.ts';
import { checkPort } from '../../supervisor/ports.ts';

/** For the head of a request; bodies may be large and slow. */
const HEAD_MS = 10_000;
const CHECK_MS = 1_000;
const KEEP_ALIVE_MS = 75_000;

export const ANY_HOST = '::';
const ANY_IPV4 = '0.0.0.0';
/** Not ours to take, or somebody else’s already. */
const TAKEN = ['EADDRINUSE', 'EACCES'];
const NO_IPV6 = ['EAFNOSUPPORT', 'EADDRNOTAVAIL'];

export interface Place {
  readonly host: string;
  readonly port: number;
}

export interface ListenerHandlers {
  readonly request: (request: IncomingMessage, response: ServerResponse) => void;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly logger: Logger;
}

/** One place to listen at, with the connections that came in there. */
export class Listener {
  readonly #sockets = new Set<Socket>();

  private constructor(
    readonly place: Place,
    private readonly server: Server,
  ) {
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /**
   * @returns null when the port is taken
   * @throws what else the system has against it
   */
  static async open(place: Place, handlers: ListenerHandlers): Promise<Listener | null> {
    // Some systems let a wildcard listen beside somebody else’s loopback listener, who would then get our clients.
    if (isWildcard(place.host) && (await checkPort(place.port)) === 'taken') return null;
    const server = createHardened(handlers);
    const listener = new Listener(place, server);
    const code = await listen(server, place);
    if (code === null) return listener;
    if (TAKEN.includes(code)) return null;
    if (place.host !== ANY_HOST || !NO_IPV6.includes(code))
      throw new Error(`it cannot listen there (${code})`);
    return (await listen(server, { ...place, host: ANY_IPV4 })) === null ? listener : null;
  }

  /** Ends every connection, sockets that were upgraded included. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

function createHardened({ request, upgrade, logger }: ListenerHandlers): Server {
  const server = createServer({
    headersTimeout: HEAD_MS,
    requestTimeout: 0,
    connectionsCheckingInterval: CHECK_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  server.on('request', request);
  server.on('upgrade', upgrade);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else
      socket.end(
        `HTTP/1.1 ${clientErrorStatus(error.code)}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
  });
  server.on('listening', () => {
    server.on('error', (error) => logger.error('the gateway failed', { reason: messageOf(error) }));
  });
  return server;
}

/** @returns the system’s code for why it cannot; null when it listens */
function listen(server: Server, { host, port }: Place): Promise<string | null> {
  return new Promise((resolve) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      server.off('listening', onListening);
      resolve(error.code ?? error.message);
    };
    const onListening = (): void => {
      server.off('error', onError);
      resolve(null);
    };
    server.once('error', onError);
    server.once('listening', onListening);
    server.listen({ host, port, exclusive: true });
  });
}
