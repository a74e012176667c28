import { createServer, type IncomingMessage, type Server } from 'node:http';
import { hostname, networkInterfaces } from 'node:os';
import type { Duplex } from 'node:stream';
import type { EventSource } from '../../shared/contract.ts';
import { toEnvelope } from '../../shared/errors.ts';
import { clientErrorStatus } from '../core/access/client-error.ts';
import { bracketed, isWildcard } from '../core/access/origins.ts';
import { type Clock, type Logger, systemClock } from '../core/ports.ts';
import type { ServeFile } from '../core/served-file.ts';
import type { Dispatcher } from './dispatcher.ts';
import { Access } from './http/access.ts';
import { Connections } from './http/connections.ts';
import { Gate } from './http/gate.ts';
import { listen } from './http/listen.ts';
import { createHandler } from './http/routes.ts';
import { EventSockets } from './websocket-server.ts';

export interface HttpServerOptions {
  readonly dispatcher: Dispatcher;
  readonly events: EventSource;
  readonly serveFile: ServeFile;
  /** The built page; null = commands and events only. */
  readonly rendererDirectory: string | null;
  readonly host: string;
  readonly port: number;
  /** Take the next free port when this one is taken: the person asked for no port in particular. */
  readonly fallback?: boolean;
  /** What programs authorise themselves with. */
  readonly token: string;
  /** Further names ("name" or "name:port") under which browsers reach us, e.g. through a proxy. */
  readonly allowedHosts: readonly string[];
  readonly logger: Logger;
  readonly clock?: Clock;
  /** How long a client may take to send its head and its whole request, ms. */
  readonly patience?: { readonly head: number; readonly request: number };
}

export interface ControlServer {
  /** Address of the page on this machine, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  /** A fresh link that signs one browser in, once. */
  oneTimeUrl(): string;
  /** Bounded: open connections are ended. */
  close(): Promise<void>;
}

const PATIENCE = { head: 10_000, request: 30_000 };
const CHECK_INTERVAL = 1000;
const EVENTS = '/events';

/** @throws EnsembleError('port-in-use') that names the port and the next free one */
export async function startHttpServer(options: HttpServerOptions): Promise<ControlServer> {
  const { host, logger, clock = systemClock } = options;
  const access = new Access(options.token, clock);
  let port = options.port;
  const own = () => ({ host, port, hostname: hostname(), allowedHosts: options.allowedHosts });
  const gate = new Gate({ access, own });
  const createLink = (): string => `http://${visitedHost(host)}:${port}/?token=${access.createLink()}`;

  const server = createHardenedServer(options);
  const connections = new Connections(server);
  server.on('request', createHandler({ ...options, gate, access, createLink }));
  port = await listen(server, host, options.port, options.fallback ?? false);
  server.on('error', (error) => logger.error('The page server failed', { error: error.message }));

  const sockets = new EventSockets({ events: options.events, clock, logger });
  server.on('upgrade', (request, socket, head) => upgrade({ gate, sockets }, request, socket, head));
  logger.info('The page is served', { host, port });
  return {
    url: `http://${localHost(host)}:${port}`,
    port,
    oneTimeUrl: createLink,
    close: () => {
      sockets.close();
      return connections.close();
    },
  };
}

function createHardenedServer({ patience = PATIENCE }: HttpServerOptions): Server {
  const server = createServer({
    // Cuts off clients that send their request a byte at a time.
    headersTimeout: patience.head,
    requestTimeout: patience.request,
    connectionsCheckingInterval: Math.min(CHECK_INTERVAL, patience.head),
    keepAliveTimeout: 5000,
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else
      socket.end(
        `HTTP/1.1 ${clientErrorStatus(error.code)}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
  });
  return server;
}

interface UpgradeParts {
  readonly gate: Gate;
  readonly sockets: EventSockets;
}

function upgrade(
  { gate, sockets }: UpgradeParts,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  socket.on('error', () => socket.destroy());
  try {
    gate.requireOwnSite(request, false);
    gate.requireCredential(request, true);
  } catch (error) {
    const { code, message } = toEnvelope(error);
    refuseUpgrade(socket, code === 'unauthorized' ? '401 Unauthorized' : '403 Forbidden', message);
    return;
  }
  if (request.url?.split('?', 1)[0] !== EVENTS)
    refuseUpgrade(socket, '404 Not Found', `Events are at ${EVENTS}.`);
  else sockets.accept(request, socket, head);
}

function refuseUpgrade(socket: Duplex, status: string, text: string): void {
  const body = Buffer.from(`${text}\n`);
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${body.byteLength}\r\n\r\n${body.toString('utf8')}`,
  );
}

/** Where programs on this machine reach us. */
function localHost(host: string): string {
  return isWildcard(host) ? '127.0.0.1' : bracketed(host);
}

/** Where a person visits us: once opened to the network, under an address that other machines reach too. */
function visitedHost(host: string): string {
  if (!isWildcard(host)) return bracketed(host);
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return addresses.find((address) => !address.internal && address.family === 'IPv4')?.address ?? '127.0.0.1';
}
