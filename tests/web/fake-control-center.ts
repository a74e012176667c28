import { createReadStream, existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { WebSocketServer } from 'ws';
import type { ServeFile } from '../../electron/core/served-file.ts';
import { CONTENT_SECURITY_POLICY } from '../../electron/transports/http/security-headers.ts';
import { sendServedFile } from '../../electron/transports/http/served-files.ts';
import type {
  CommandArgs,
  CommandName,
  CommandResult,
  EventName,
  Events,
  GatewayStatus,
} from '../../shared/contract.ts';
import { toEnvelope } from '../../shared/errors.ts';
import type { FleetSnapshot, InstanceSnapshot, Notice } from '../../shared/model.ts';
import type { QueueState, RunId, RunSummary, Shard } from '../../shared/runs.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../shared/settings.ts';
import { distFile } from '../setup/dist.ts';
import { telemetry } from './fixtures/fleets.ts';
import { gatewayStatus } from './fixtures/gateway.ts';
import { gradientPng } from './fixtures/png.ts';
import { defaultReply } from './fixtures/replies.ts';
import { NO_WORK, type Work } from './fixtures/runs.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.map': 'application/json',
};

type Handlers = {
  [C in CommandName]?: (args: CommandArgs<C>) => CommandResult<C> | Promise<CommandResult<C>>;
};

/** Speaks the contract over HTTP and WebSocket with a scripted fleet: every state of the interface without a real server. */
export class FakeControlCenter {
  /** Commands that were invoked, oldest first; polling of logs and snapshots left out. */
  readonly calls: { readonly command: string; readonly args: unknown }[] = [];
  readonly handlers: Handlers = {};
  settings: Settings = DEFAULT_SETTINGS;
  gateway: GatewayStatus = gatewayStatus();
  notices: Notice[] = [];
  work: Work = NO_WORK();
  signedOut = false;
  /** Real files in place of painted ones. */
  serveFile: ServeFile | null = null;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  #second = 60;

  private constructor(private snapshot: FleetSnapshot) {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#sockets = new WebSocketServer({ noServer: true });
    this.#server.on('upgrade', (request, socket, head) => {
      if (this.signedOut) socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
      else this.#sockets.handleUpgrade(request, socket, head, () => undefined);
    });
  }

  static async start(snapshot: FleetSnapshot): Promise<FakeControlCenter> {
    const center = new FakeControlCenter(snapshot);
    await new Promise<void>((resolve) => center.#server.listen(0, '127.0.0.1', resolve));
    return center;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get fleet(): FleetSnapshot {
    return this.snapshot;
  }

  /** Replaces the fleet in one life: as after a restart of the control center when `epoch` changes. */
  setFleet(snapshot: FleetSnapshot): void {
    this.snapshot = { ...snapshot, revision: this.snapshot.revision + 1 };
    this.emit('fleet', {
      epoch: this.snapshot.epoch,
      revision: this.snapshot.revision,
      root: this.snapshot,
      instances: this.snapshot.instances,
      order: this.snapshot.instances.map((instance) => instance.id),
    });
  }

  /** Changes one instance, as a patch of its own. */
  change(id: string, change: Partial<InstanceSnapshot>): void {
    const instances = this.snapshot.instances.map((instance) =>
      instance.id === id ? { ...instance, ...change } : instance,
    );
    this.snapshot = { ...this.snapshot, instances, revision: this.snapshot.revision + 1 };
    this.emit('fleet', {
      epoch: this.snapshot.epoch,
      revision: this.snapshot.revision,
      root: {},
      instances: instances.filter((instance) => instance.id === id),
      order: null,
    });
  }

  get queue(): QueueState {
    const sum = (pick: (one: RunSummary) => number): number =>
      this.work.runs.reduce((total, one) => total + pick(one), 0);
    return {
      paused: this.work.paused,
      waiting: sum(({ shards }) => shards.queued),
      running: sum(({ shards }) => shards.dispatched + shards.running + shards.fetching),
    };
  }

  /** Changes one run and tells of it. */
  changeRun(id: RunId, change: Partial<RunSummary>): void {
    this.work.runs = this.work.runs.map((one) =>
      one.id === id ? { ...one, ...change, revision: one.revision + 1 } : one,
    );
    const runs = this.work.runs.filter((one) => one.id === id);
    this.emit('runs', { runs, removed: [], queue: this.queue });
  }

  /** Replaces one shard and tells of it. */
  changeShard(shard: Shard): void {
    this.work.shards = this.work.shards.map((one) =>
      one.runId === shard.runId && one.stage === shard.stage && one.index === shard.index ? shard : one,
    );
    this.emit('shards', [shard]);
  }

  pause(paused: boolean): null {
    this.work.paused = paused;
    this.emit('runs', { runs: [], removed: [], queue: this.queue });
    return null;
  }

  /** Replaces how the ComfyUI address is, and tells of it. */
  setGateway(change: Partial<GatewayStatus>): void {
    this.gateway = { ...this.gateway, ...change };
    this.emit('gateway', this.gateway);
  }

  tick(): void {
    this.#second += 1;
    this.emit('telemetry', telemetry(this.snapshot.gpus, this.#second));
  }

  emit<E extends EventName>(event: E, payload: Events[E]): void {
    for (const socket of this.#sockets.clients) socket.send(JSON.stringify({ event, payload }));
  }

  /** Cuts every page off, as a control center that goes away does. */
  dropConnections(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  async close(): Promise<void> {
    this.dropConnections();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://host');
    response.setHeader('content-security-policy', CONTENT_SECURITY_POLICY);
    if (pathname.startsWith('/api/commands/')) {
      await this.#command(pathname.slice('/api/commands/'.length), request, response);
    } else if (this.serveFile !== null && pathname.startsWith('/files/')) {
      await sendServedFile(this.serveFile, new URL(request.url ?? '/', 'http://host'), request, response);
    } else if (pathname.startsWith('/files/')) {
      response.setHeader('content-type', 'image/png');
      response.end(gradientPng(256, numberOf(pathname)));
    } else {
      serveRenderer(pathname, response);
    }
  }

  async #command(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const args: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    response.setHeader('content-type', 'application/json');
    if (this.signedOut) {
      response.statusCode = 401;
      response.end(
        JSON.stringify({
          ok: false,
          error: { code: 'unauthorized', message: 'Signed out.', hint: null, problems: [] },
        }),
      );
      return;
    }
    if (!QUIET.has(name)) this.calls.push({ command: name, args });
    try {
      const handler = this.handlers[name as CommandName] as ((args: unknown) => unknown) | undefined;
      const result =
        handler === undefined ? await defaultReply(this, name as CommandName, args) : await handler(args);
      response.end(JSON.stringify({ ok: true, result: result ?? null }));
    } catch (error) {
      response.end(JSON.stringify({ ok: false, error: toEnvelope(error) }));
    }
  }
}

/** Files that are named alike look unlike. */
function numberOf(pathname: string): number {
  return [...pathname].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 997, pathname.length);
}

const QUIET = new Set<string>([
  'fleet.snapshot',
  'providers.state',
  'logs.read',
  'telemetry.history',
  'settings.get',
  'notices.list',
  'system.info',
  'runs.list',
  'runs.get',
  'gallery.list',
  'gateway.status',
  'tunnel.status',
  'tunnel.log',
]);

function serveRenderer(pathname: string, response: ServerResponse): void {
  const directory = distFile('renderer');
  const file = path.join(directory, pathname === '/' ? 'index.html' : pathname);
  if (!file.startsWith(directory + path.sep) || !existsSync(file)) {
    response.statusCode = 404;
    response.end();
    return;
  }
  response.setHeader('content-type', TYPES[path.extname(file)] ?? 'application/octet-stream');
  createReadStream(file).pipe(response);
}
