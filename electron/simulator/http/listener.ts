import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { parseJson } from '../graph/exact-json.ts';
import { fileRoutes } from '../routes/file-routes.ts';
import { staticReply } from '../routes/front-end.ts';
import { infoRoutes } from '../routes/info-routes.ts';
import { jobRoutes } from '../routes/job-routes.ts';
import { promptRoutes } from '../routes/prompt-routes.ts';
import { internalRoutes, userRoutes } from '../routes/user-routes.ts';
import { userdataRoutes } from '../routes/userdata-routes.ts';
import type { BehaviourScript } from '../script.ts';
import type { ServerCore } from '../server-core.ts';
import {
  empty,
  json,
  readBody,
  SERVER_ERROR,
  type SimulatedReply,
  TooLarge,
  text,
  writeEarly,
  writeReply,
} from './exchange.ts';
import { isForbidden } from './origin.ts';
import { Router } from './router.ts';

/** HTTP and WebSocket in front of the core. */
export class Listener {
  readonly #core: ServerCore;
  readonly #script: BehaviourScript;
  readonly #router: Router;
  /** Accepts and never answers. */
  hung = false;

  constructor(core: ServerCore, script: BehaviourScript) {
    this.#core = core;
    this.#script = script;
    const prefixed = {
      ...promptRoutes(core),
      ...fileRoutes(core),
      ...infoRoutes(core),
      ...userRoutes(core),
      ...userdataRoutes(core),
    };
    this.#router = new Router(prefixed, { ...jobRoutes(core), ...internalRoutes(core) });
  }

  /** Rejects with the system's error, EADDRINUSE among them. */
  async listen(address: string, port: number): Promise<number> {
    const server = createServer((request, response) => void this.#handle(request, response));
    server.keepAliveTimeout = 75_000;
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host: address, ipv6Only: address.includes(':') }, resolve);
    });
    const bound = server.address();
    return typeof bound === 'object' && bound !== null ? bound.port : port;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.hung) return;
    const reply = await this.#answer(request);
    if (this.hung || response.destroyed) return;
    const { pathname } = parseUrl(request);
    if (this.#script.acceptThenDrop && isAccepted(request, pathname, reply)) {
      response.destroy();
      return;
    }
    if (reply.status === 413) {
      await writeEarly(request, response, reply);
      return;
    }
    const garbage = this.#script.garbageReplies;
    await writeReply(response, garbage === undefined ? reply : spoil(reply, garbage), this.#paceOf(pathname));
  }

  #paceOf(pathname: string): Parameters<typeof writeReply>[2] {
    const { latencyMs = 0, bytesPerSecond = null, slowViewBytesPerSecond = bytesPerSecond } = this.#script;
    const isView = /^(\/api)?\/view$/.test(pathname);
    return { latencyMs, bytesPerSecond: isView ? slowViewBytesPerSecond : bytesPerSecond };
  }

  async #answer(request: IncomingMessage): Promise<SimulatedReply> {
    if (this.#isForbidden(request)) return empty(403);
    const url = parseUrl(request);
    const method = request.method ?? 'GET';
    if (method === 'OPTIONS') return this.#withCors(empty());
    const match = this.#router.match(method, url.pathname);
    // Static files answer GET on every path: another method on an unknown path is "not allowed", not "not found".
    const readable = method === 'GET' || method === 'HEAD';
    if (match.kind === 'none' && readable) {
      return staticReply(this.#core.options.frontEndRoot, url.pathname) ?? text('404: Not Found', 404);
    }
    if (match.kind !== 'found') return text('405: Method Not Allowed', 405);
    const body = (): Promise<Buffer> => readBody(request, this.#core.options.maxUpload);
    try {
      const reply = await match.handler({
        method,
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        parameters: match.parameters,
        body,
        json: async () => parseJson((await body()).toString('utf8')),
      });
      return this.#withCors(reply);
    } catch (error) {
      if (error instanceof TooLarge) return text('Maximum request body size exceeded', 413);
      this.#core.log(
        `Error handling request: ${error instanceof Error ? error.message : String(error)}`,
        'error',
      );
      return SERVER_ERROR;
    }
  }

  #withCors(reply: SimulatedReply): SimulatedReply {
    if (!this.#core.options.cors) return reply;
    return { ...reply, headers: { ...reply.headers, 'Access-Control-Allow-Origin': '*' } };
  }

  #isForbidden(request: IncomingMessage): boolean {
    return !this.#core.options.cors && isForbidden(request.headers, this.#core.legacy);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (this.hung) return;
    const url = parseUrl(request);
    const status = this.#isForbidden(request)
      ? '403 Forbidden'
      : url.pathname === '/ws' || url.pathname === '/api/ws'
        ? null
        : '404 Not Found';
    if (status !== null) {
      socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    this.#core.hub.accept(request, socket, head, url.searchParams.get('clientId') ?? '');
  }
}

function isAccepted(request: IncomingMessage, pathname: string, reply: SimulatedReply): boolean {
  return request.method === 'POST' && /^(\/api)?\/prompt$/.test(pathname) && reply.status === 200;
}

function parseUrl(request: IncomingMessage): URL {
  try {
    return new URL(request.url ?? '/', 'http://simulated');
  } catch {
    return new URL('http://simulated/invalid');
  }
}

function spoil(reply: SimulatedReply, kind: NonNullable<BehaviourScript['garbageReplies']>): SimulatedReply {
  if (kind === 'forbidden') return empty(403);
  if (kind === 'truncated')
    return { ...reply, body: reply.body.subarray(0, Math.floor(reply.body.length / 2)) };
  if (kind === 'binary')
    return {
      ...json(null),
      body: Buffer.from(Array.from({ length: 512 }, (_, index) => (index * 193 + 7) & 0xff)),
    };
  return {
    ...text('<!doctype html><html><body><h1>It works!</h1></body></html>'),
    headers: { 'Content-Type': 'text/html' },
  };
}
