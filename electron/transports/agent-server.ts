import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Duplex } from 'node:stream';
import type { EventSource } from '../../shared/contract.ts';
import { EnsembleError, toEnvelope } from '../../shared/errors.ts';
import type { FleetSnapshot, InstanceSnapshot } from '../../shared/model.ts';
import { bearerOf } from '../core/access/credentials.ts';
import type { AgentSide } from '../core/agent-side/agent-side.ts';
import {
  isOffered,
  notOffered,
  offeredEvents,
  offeredSnapshot,
  requireOffered,
} from '../core/agent-side/offer.ts';
import { passSocketOn } from '../core/agent-side/socket-proxy.ts';
import {
  BEGIN_PATH,
  beginSchema,
  END_PATH,
  FINISH_PATH,
  finishSchema,
} from '../core/agents/pairing-proof.ts';
import { passOn, type Upstream } from '../core/gateway/http/proxy.ts';
import type { Clock, Logger } from '../core/ports.ts';
import type { Dispatcher } from './dispatcher.ts';
import { sendError, sendReply, sendText } from './http/answers.ts';
import { Connections } from './http/connections.ts';
import { listen } from './http/listen.ts';
import { MasterConnections } from './http/master-connections.ts';
import { bodyLimit, readJson } from './http/request-body.ts';
import { EventSockets } from './websocket-server.ts';

/** Where masters reach this machine: HTTPS with a certificate of our own, and nothing without a token but pairing. */

export interface AgentServerOptions {
  readonly side: AgentSide;
  readonly dispatcher: Dispatcher;
  readonly events: EventSource;
  /** All of this machine's, the master first. */
  readonly instances: () => readonly InstanceSnapshot[];
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface AgentServer {
  readonly port: number;
  /** Bounded: open connections are ended. */
  close(): Promise<void>;
}

const HEAD_MS = 10_000;
const COMMANDS = '/api/commands/';
const EVENTS = '/events';
const INSTANCE = /^\/instances\/([A-Za-z0-9_-]{1,64})(\/.*)$/s;

/** @throws EnsembleError('port-in-use') that names the port and the next free one */
export async function startAgentServer(options: AgentServerOptions): Promise<AgentServer> {
  const { side, logger } = options;
  const server = createServer({
    ...{ key: side.identity.key, cert: side.identity.certificate, minVersion: 'TLSv1.2' },
    headersTimeout: HEAD_MS,
    // Uploads of large files to slow GPUs have no limit that would be right.
    requestTimeout: 0,
    handshakeTimeout: HEAD_MS,
  });
  server.on('tlsClientError', (error) => logger.debug('a TLS handshake failed', { error: error.message }));
  const port = await listen(server, options.host, options.port, false);
  server.on('error', (error) => logger.error('The agent’s server failed', { error: error.message }));
  return new RunningAgent(options, server, port);
}

class RunningAgent implements AgentServer {
  readonly #options: AgentServerOptions;
  readonly #connections: Connections;
  readonly #masters: MasterConnections;
  readonly #sockets: EventSockets;

  constructor(
    options: AgentServerOptions,
    server: Server,
    readonly port: number,
  ) {
    const { clock, logger, side } = options;
    this.#options = options;
    this.#connections = new Connections(server);
    this.#masters = new MasterConnections(side.masters);
    const events = offeredEvents(options.events, (id) => this.#isOffered(id));
    this.#sockets = new EventSockets({ events, clock, logger });
    server.on('request', (request, response) => this.#answer(request, response));
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  close(): Promise<void> {
    this.#sockets.close();
    this.#masters.close();
    return this.#connections.close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.#route(request, response).catch((error: unknown) => {
      if (!(error instanceof EnsembleError)) {
        this.#options.logger.error('A request of a master failed unexpectedly', { error: String(error) });
      }
      if (response.headersSent) response.destroy();
      else {
        // What is left of its body would be taken for the next request.
        if (!request.complete) response.setHeader('connection', 'close');
        sendError(response, error);
      }
    });
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { path, target } = targetOf(request);
    if (path === '/' && request.method === 'GET') return sendText(response, 200, 'A Comfy Ensemble agent.');
    if (path === BEGIN_PATH || path === FINISH_PATH) return this.#pair(path, request, response);
    const master = this.#masterOf(request);
    const [, id = '', rest = ''] = INSTANCE.exec(target) ?? [];
    if (id !== '') {
      const { logger } = this.#options;
      return passOn(request, response, this.#upstream(id), rest, logger);
    }
    if (request.method !== 'POST') throw nothingAt(path);
    if (path === END_PATH) {
      await this.#options.side.masters.dismiss(master);
      return sendReply(response, { ok: true, result: null });
    }
    if (!path.startsWith(COMMANDS)) throw nothingAt(path);
    return this.#command(path.slice(COMMANDS.length), request, response);
  }

  async #command(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const args = await readJson(request, bodyLimit(name));
    requireOffered(name, args, (id) => this.#isOffered(id));
    const reply = await this.#options.dispatcher.dispatch(name, args);
    const isSnapshot = name === 'fleet.snapshot' && reply.ok;
    sendReply(
      response,
      isSnapshot ? { ok: true, result: offeredSnapshot(reply.result as FleetSnapshot) } : reply,
    );
  }

  async #pair(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pairing } = this.#options.side;
    const address = addressOf(request);
    const body = await readJson(request);
    let result: object;
    if (path === BEGIN_PATH) {
      const begin = beginSchema.safeParse(body);
      if (!begin.success) throw badPairing(begin.error.issues[0]?.message);
      result = pairing.begin(begin.data.master, begin.data.nonce, address);
    } else {
      const finish = finishSchema.safeParse(body);
      if (!finish.success) throw badPairing(finish.error.issues[0]?.message);
      result = await pairing.finish(finish.data.session, finish.data.proof, address);
    }
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify(result));
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    try {
      this.#masterOf(request);
      const { path, target } = targetOf(request);
      const [, id = '', rest = ''] = INSTANCE.exec(target) ?? [];
      if (path === EVENTS) this.#sockets.accept(request, socket, head);
      else if (id === '') throw nothingAt(path);
      else passSocketOn({ request, socket, head, to: this.#upstream(id), path: rest });
    } catch (error) {
      const { code, message } = toEnvelope(error);
      const status = code === 'unauthorized' ? '401 Unauthorized' : '404 Not Found';
      const text = Buffer.from(`${message}\n`);
      socket.end(
        `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
          `Content-Length: ${text.byteLength}\r\n\r\n${text.toString('utf8')}`,
      );
    }
  }

  /**
   * Wrong tokens are not counted: nobody guesses 256 bits, and a master that was dismissed goes on asking from the address
   * at which it will be paired anew.
   * @throws EnsembleError('unauthorized')
   */
  #masterOf(request: IncomingMessage): string {
    // Programs alone speak to an agent: no page of whatever site has a reason to.
    const token = request.headers.origin === undefined ? bearerOf(request.headers.authorization) : null;
    const master = token === null ? null : this.#options.side.masters.whose(token);
    if (master === null) {
      throw new EnsembleError(
        'unauthorized',
        'This agent does not know who is asking: it is not paired with it, or not any more.',
        'Pair the two machines anew.',
      );
    }
    this.#masters.note(request.socket, master);
    return master;
  }

  #isOffered(id: string): boolean {
    return this.#options.instances().some((one) => one.id === id && isOffered(one));
  }

  #upstream(id: string): Upstream {
    const instance = this.#options.instances().find((one) => one.id === id && isOffered(one));
    if (instance === undefined) throw notOffered(id);
    return { url: instance.url, name: instance.name };
  }
}

/** Only origin-form targets: an absolute one must not choose another host. */
function targetOf(request: IncomingMessage): { readonly path: string; readonly target: string } {
  const target = request.url ?? '';
  if (!target.startsWith('/')) throw nothingAt(target);
  return { target, path: target.split('?', 1)[0] ?? '' };
}

function nothingAt(path: string): EnsembleError {
  return new EnsembleError('not-found', `There is nothing at ${path.slice(0, 100)}.`);
}

function badPairing(reason: string | undefined): EnsembleError {
  return EnsembleError.badArgument('body', `This is no request to pair: ${reason ?? 'it is malformed'}.`);
}

function addressOf(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? 'unknown';
}
