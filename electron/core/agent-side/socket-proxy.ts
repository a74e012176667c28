import { request as ask, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Upstream } from '../gateway/http/proxy.ts';

/** Passes a WebSocket on to a server of this machine, byte for byte: pings and back-pressure reach from end to end. */

const CONNECT_MS = 10_000;
/** The handshake itself, and nothing that the server compares with its own address. */
const PASSED: readonly string[] = [
  'upgrade',
  'connection',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-extensions',
  'sec-websocket-protocol',
  'user-agent',
];

export interface SocketRequest {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly to: Upstream;
  /** With its query. */
  readonly path: string;
}

export function passSocketOn({ request, socket, head, to, path }: SocketRequest): void {
  const upstream = ask(`${to.url}${path}`, { headers: passed(request.headers), timeout: CONNECT_MS });
  socket.once('close', () => upstream.destroy());
  upstream.once('timeout', () => upstream.destroy(new Error('it does not answer')));
  upstream.once('error', () => refuse(socket, '502 Bad Gateway'));
  upstream.once('response', (reply) => {
    reply.resume();
    refuse(socket, `${reply.statusCode ?? 502} ${reply.statusMessage ?? ''}`);
  });
  upstream.once('upgrade', (reply, other: Duplex, first: Buffer) => {
    // The limit was for the handshake: a server may have nothing to say for hours.
    upstream.setTimeout(0);
    other.on('error', () => socket.destroy());
    other.once('close', () => socket.destroy());
    socket.once('close', () => other.destroy());
    const lines = pairs(reply.rawHeaders).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
    socket.write(first);
    other.write(head);
    socket.pipe(other).pipe(socket);
  });
  upstream.end();
}

function refuse(socket: Duplex, status: string): void {
  if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function passed(headers: IncomingHttpHeaders): Record<string, string> {
  const result: Record<string, string> = {};
  for (const name of PASSED) {
    const value = headers[name];
    if (typeof value === 'string') result[name] = value;
  }
  return result;
}

function pairs(raw: readonly string[]): readonly (readonly [string, string])[] {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : []));
}
