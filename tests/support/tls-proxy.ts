import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { type KeyPair, SELF_SIGNED } from './certificates.ts';

export interface TlsProxyOptions {
  readonly target: number;
  /** What must stand in front of every route, e.g. "/comfy"; others get 404. */
  readonly path?: string;
  /** What must be shown; others get 403. */
  readonly header?: readonly [name: string, value: string];
  readonly pair?: KeyPair;
  /** As proxies of clouds do: what is silent for so long is cut, a WebSocket and a request that waits for its answer; ms. */
  readonly silentMs?: number;
  /** 0 = any. */
  readonly port?: number;
  /** Answers WebSocket handshakes with a web page, as a captive portal does, while it says so. */
  readonly isPortal?: () => boolean;
  /** Answers in place of the server; false = it does not. */
  readonly instead?: (request: IncomingMessage, response: ServerResponse, route: string) => boolean;
}

/** What people put in front of a rented ComfyUI: TLS, a path and a header that must be shown, WebSockets included. */
export class TlsProxy {
  readonly #sockets = new Set<Duplex>();
  #isCut = false;

  private constructor(
    readonly server: Server,
    readonly port: number,
  ) {
    server.on('secureConnection', (socket) => {
      if (this.#isCut) socket.destroy();
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(options: TlsProxyOptions): Promise<TlsProxy> {
    const server = createServer({ ...(options.pair ?? SELF_SIGNED) });
    const proxy = new TlsProxy(server, await listening(server, options.port ?? 0));
    server.on('request', (request, response) => passOn(options, request, response));
    server.on('upgrade', (request, socket, head) => upgrade(options, request, socket, head));
    return proxy;
  }

  /** Ends what is open, and every new connection at once, until it is restored. */
  cut(): void {
    this.#isCut = true;
    this.drop();
  }

  restore(): void {
    this.#isCut = false;
  }

  /** Ends what is open, WebSockets included. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.server.close();
    this.drop();
    await once(this.server, 'close');
  }
}

async function listening(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** The route behind the path in front; a number = the status of a refusal. */
function routeOf(
  { path = '', header }: TlsProxyOptions,
  { url = '/', headers }: IncomingMessage,
): string | number {
  if (header !== undefined && headers[header[0]] !== header[1]) return 403;
  return url.startsWith(`${path}/`) ? url.slice(path.length) : 404;
}

function passOn(options: TlsProxyOptions, request: IncomingMessage, response: ServerResponse): void {
  const route = routeOf(options, request);
  if (typeof route === 'number') {
    request.resume();
    response.writeHead(route, { 'content-type': 'text/plain' }).end('refused\n');
    return;
  }
  if (options.instead?.(request, response, route)) return;
  const { method } = request;
  const host = `127.0.0.1:${options.target}`;
  const onward = httpRequest(
    {
      ...{ port: options.target, path: route },
      ...(method ? { method } : {}),
      headers: { ...request.headers, host },
    },
    (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(response);
    },
  );
  onward.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  if (options.silentMs !== undefined) {
    onward.setTimeout(options.silentMs, () => {
      if (!response.headersSent) response.writeHead(524).end();
    });
  }
  request.pipe(onward);
}

function upgrade(options: TlsProxyOptions, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const route = routeOf(options, request);
  socket.on('error', () => {});
  if (typeof route === 'number') {
    socket.end(`HTTP/1.1 ${route} Refused\r\n\r\n`);
    return;
  }
  if (options.isPortal?.()) {
    socket.end(
      'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 20\r\n\r\n<html>Log in</html>\n',
    );
    return;
  }
  const onward = connect(options.target, '127.0.0.1', () => {
    const headers = { ...request.headers, host: `127.0.0.1:${options.target}` };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
    onward.write(`GET ${route} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    onward.write(head);
    onward.pipe(socket).pipe(onward);
  });
  if (options.silentMs !== undefined) onward.setTimeout(options.silentMs, () => onward.destroy());
  onward.on('error', () => socket.destroy());
  onward.on('close', () => socket.destroy());
  socket.on('close', () => onward.destroy());
}
