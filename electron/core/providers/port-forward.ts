import { createServer, type Server, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { KubeClient } from './kube-client.ts';

/**
 * A port of this machine that leads to a port of a pod, through the API server: one WebSocket per connection, as kubectl
 * did it before SPDY was put into it (v4.channel.k8s.io): a byte for the channel, then data.
 */

const PROTOCOL = 'v4.channel.k8s.io';
const DATA = 0;
/** Each channel begins with the port, two bytes. */
const PORT_BYTES = 2;
const MOST_BUFFERED = 1_048_576;
const PING_MS = 25_000;

export class PortForward {
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;

  constructor(
    private readonly client: KubeClient,
    /** Of the pod, e.g. "/api/v1/namespaces/gpu/pods/a". */
    private readonly podPath: string,
    private readonly port: number,
  ) {}

  /** Listens on 127.0.0.1. @returns its port */
  async open(): Promise<number> {
    const server = createServer((socket) => void this.#connect(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  close(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #connect(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.pause();
    try {
      const url = this.client.urlOf(`${this.podPath}/portforward?ports=${this.port}`);
      url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
      const headers = await this.client.headers();
      tie(socket, new WebSocket(url, PROTOCOL, { headers, ...this.client.tls, perMessageDeflate: false }));
    } catch {
      socket.destroy();
    }
  }
}

/** Both ways, each held back when the other side is slow; the end of one is the end of the other. */
function tie(socket: Socket, channel: WebSocket): void {
  const begun = new Set<number>();
  channel.binaryType = 'nodebuffer';
  channel.on('open', () => socket.resume());
  channel.on('message', (message: Buffer) => {
    const number = message[0] ?? DATA;
    const isFirst = !begun.has(number);
    begun.add(number);
    const data = message.subarray(1 + (isFirst ? PORT_BYTES : 0));
    // Channel 1 tells why nothing more will come.
    if (number !== DATA) {
      if (data.length > 0) socket.destroy();
      return;
    }
    if (data.length > 0 && !socket.write(data)) {
      channel.pause();
      socket.once('drain', () => channel.resume());
    }
  });
  socket.on('data', (data: Buffer) => {
    channel.send(Buffer.concat([Buffer.of(DATA), data]), () => {
      if (channel.bufferedAmount < MOST_BUFFERED) socket.resume();
    });
    if (channel.bufferedAmount >= MOST_BUFFERED) socket.pause();
  });
  // Proxies in between take a silent connection for a dead one.
  const ping = setInterval(() => {
    if (channel.readyState === WebSocket.OPEN) channel.ping();
  }, PING_MS);
  socket.on('close', () => {
    clearInterval(ping);
    channel.terminate();
  });
  channel.on('close', () => socket.end());
  channel.on('error', () => socket.destroy());
}
