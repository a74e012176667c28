import { randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { OBJECT_INFO } from '../distribution/controller/object-info.ts';

/** A picture of this size is what /view is measured with. */
export const PICTURE_BYTES = 4 * 1_048_576;

const STATS = { system: { comfyui_version: '0.33.0', argv: ['main.py'] }, devices: [] };
const QUEUE = { queue_running: [], queue_pending: [] };
const ANSWERS: Readonly<Record<string, unknown>> = {
  '/system_stats': STATS,
  '/object_info': OBJECT_INFO,
  '/queue': QUEUE,
  '/prompt': { exec_info: { queue_remaining: 0 } },
  '/embeddings': ['easynegative', 'bad-hands'],
};

/** The role of a process that is a server with nothing to do: whatever it is asked lies ready in memory. */
export async function servePlainMaster(): Promise<void> {
  process.once('disconnect', () => process.exit());
  const picture = randomBytes(PICTURE_BYTES);
  const server = createServer({ keepAliveTimeout: 0 }, ({ url = '/' }, response) => {
    if (url.startsWith('/view')) send(response, 'image/png', picture);
    else if (url in ANSWERS) send(response, 'application/json', Buffer.from(JSON.stringify(ANSWERS[url])));
    else send(response, 'application/json', Buffer.from('{}'));
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.send(JSON.stringify({ type: 'status', data: { status: { exec_info: { queue_remaining: 0 } } } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

function send(response: ServerResponse, type: string, body: Buffer): void {
  response.writeHead(200, { 'content-type': type, 'content-length': body.length });
  response.end(body);
}
