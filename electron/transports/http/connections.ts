import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** How long requests in progress may go on once the server closes, ms. */
const GRACE = 1000;

/** Follows a server's connections, so that closing it never waits for a browser that keeps one open. */
export class Connections {
  readonly #sockets = new Map<Socket, { busy: number }>();
  readonly #server: Server;
  #closing: Promise<void> | null = null;

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#sockets.set(socket, { busy: 0 });
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('request', (request, response) => {
      const connection = this.#sockets.get(request.socket);
      if (connection === undefined) return;
      connection.busy += 1;
      response.once('close', () => {
        connection.busy -= 1;
        if (this.#closing !== null && connection.busy === 0) request.socket.destroySoon();
      });
    });
    // An upgraded connection has left HTTP: its own server says good-bye first, the grace ends it.
    server.on('upgrade', (_request, socket: Socket) => {
      const connection = this.#sockets.get(socket);
      if (connection !== undefined) connection.busy += 1;
    });
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      const timer = setTimeout(() => this.#end(() => true), GRACE);
      this.#server.close(() => {
        clearTimeout(timer);
        resolve();
      });
      this.#end((connection) => connection.busy === 0);
    });
    return this.#closing;
  }

  #end(which: (connection: { readonly busy: number }) => boolean): void {
    for (const [socket, connection] of this.#sockets) if (which(connection)) socket.destroy();
  }
}
