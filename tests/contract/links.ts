import { silentLogger } from '../../electron/core/ports.ts';
import { Dispatcher } from '../../electron/transports/dispatcher.ts';
import { HttpClient } from '../../electron/transports/http-client.ts';
import { type ControlServer, startHttpServer } from '../../electron/transports/http-server.ts';
import { registerIpc } from '../../electron/transports/ipc-server.ts';
import { createLocalClient } from '../../electron/transports/local-client.ts';
import { createIpcClient } from '../../renderer/client/ipc-client.ts';
import type { ControlClient } from '../../shared/contract.ts';
import { FakeCenter } from './fake-center.ts';
import { FakeIpcMain, FakePage } from './fake-ipc.ts';

/** A control center and a client of it, joined by one transport. */
export interface Link {
  readonly center: FakeCenter;
  readonly client: ControlClient;
  close(): Promise<void>;
}

export const TOKEN = 'a-token-that-only-tests-know';

export async function serve(
  center: FakeCenter,
  options: Partial<Parameters<typeof startHttpServer>[0]> = {},
): Promise<ControlServer> {
  return startHttpServer({
    dispatcher: new Dispatcher(center.handlers, silentLogger),
    events: center.events,
    serveFile: async () => null,
    rendererDirectory: null,
    host: '127.0.0.1',
    port: 0,
    token: TOKEN,
    allowedHosts: [],
    logger: silentLogger,
    ...options,
  });
}

function linkInMemory(): Promise<Link> {
  const center = new FakeCenter();
  const dispatcher = new Dispatcher(center.handlers, silentLogger);
  const client = createLocalClient({ dispatcher, events: center.events, origin: 'http://127.0.0.1' });
  return Promise.resolve({ center, client, close: () => Promise.resolve() });
}

function linkOverIpc(): Promise<Link> {
  const center = new FakeCenter();
  const ipcMain = new FakeIpcMain();
  const end = registerIpc({
    ipcMain,
    dispatcher: new Dispatcher(center.handlers, silentLogger),
    events: center.events,
    isTrusted: () => true,
    logger: silentLogger,
  });
  const client = createIpcClient(new FakePage(ipcMain, 1).bridge, 'app://ensemble');
  return Promise.resolve({ center, client, close: async () => end() });
}

async function linkOverHttp(): Promise<Link> {
  const center = new FakeCenter();
  const server = await serve(center);
  const client = new HttpClient({ url: server.url, token: TOKEN });
  return {
    center,
    client,
    close: async () => {
      client.close();
      await server.close();
    },
  };
}

export const LINKS: readonly (readonly [name: string, open: () => Promise<Link>])[] = [
  ['in memory', linkInMemory],
  ['over IPC', linkOverIpc],
  ['over HTTP and WebSocket', linkOverHttp],
];

/** Resolves once the client's events flow: the in-memory and IPC ones from the start. */
export function connected(client: ControlClient): Promise<void> {
  return new Promise((resolve) => {
    client.onConnection((isConnected) => {
      if (isConnected) resolve();
    });
  });
}
