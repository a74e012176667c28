import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

export type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export interface FakeComfy {
  readonly url: string;
  readonly port: number;
  /** path (without its query) → handler; changed in the middle of a test at will. */
  readonly routes: Map<string, Handler>;
  readonly requests: { readonly method: string; readonly path: string; readonly body: string }[];
  /** clientId of each connection that was made, in order. */
  readonly clientIds: string[];
  readonly sockets: Set<WebSocket>;
  send(type: string, data: unknown): void;
  sendBytes(bytes: Uint8Array): void;
  close(): Promise<void>;
}

export const STATS = {
  system: { comfyui_version: '0.3.64', python_version: '3.12', pytorch_version: '2.8', os: 'posix' },
  devices: [{ name: 'Some GPU', type: 'cuda', index: 0, vram_total: 24, vram_free: 20 }],
};

export function json(value: unknown, status = 200): Handler {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
  };
}

/** A server with scripted answers: what the simulator cannot do (rubbish, stalls, half answers) is done here. */
export async function startFakeComfy(port = 0): Promise<FakeComfy> {
  const routes = new Map<string, Handler>([
    ['/system_stats', json(STATS)],
    ['/prompt', json({ exec_info: { queue_remaining: 0 } })],
  ]);
  const requests: FakeComfy['requests'] = [];
  const clientIds: string[] = [];
  const sockets = new Set<WebSocket>();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const path = (request.url ?? '').replace(/\?.*/, '');
      requests.push({ method: request.method ?? '', path, body });
      const handler = routes.get(path);
      if (handler === undefined) json({}, 404)(request, response, body);
      else handler(request, response, body);
    });
  });
  // Connections are kept, and nobody says for how long: as aiohttp does.
  server.keepAliveTimeout = 0;
  const connections = trackConnections(server);
  const webSockets = new WebSocketServer({ server });
  webSockets.on('connection', (socket, request) => {
    sockets.add(socket);
    clientIds.push(new URL(request.url ?? '', 'http://fake').searchParams.get('clientId') ?? '');
    socket.on('close', () => sockets.delete(socket));
    socket.send(JSON.stringify({ type: 'status', data: { status: { exec_info: { queue_remaining: 0 } } } }));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  const each = (payload: string | Uint8Array): void => {
    for (const socket of sockets) if (socket.readyState === WebSocket.OPEN) socket.send(payload);
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    routes,
    requests,
    clientIds,
    sockets,
    send: (type, data) => each(JSON.stringify({ type, data })),
    sendBytes: each,
    close: async () => {
      for (const connection of connections) connection.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function trackConnections(server: Server): Set<Socket> {
  const connections = new Set<Socket>();
  server.on('connection', (connection) => {
    connections.add(connection);
    connection.on('close', () => connections.delete(connection));
  });
  return connections;
}
