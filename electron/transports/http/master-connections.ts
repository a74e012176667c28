import type { Socket } from 'node:net';
import type { Masters } from '../../core/agent-side/masters.ts';

/** Whose connections these are, so that those of a master that was dismissed end. */
export class MasterConnections {
  readonly #owners = new Map<Socket, string>();
  readonly #stop: () => void;

  constructor(private readonly masters: Masters) {
    this.#stop = masters.onDismissed((id) => this.#end(id));
  }

  /** Of a request that has shown its master's token. */
  note(socket: Socket, master: string): void {
    if (this.#owners.has(socket)) return;
    this.#owners.set(socket, master);
    const left = this.masters.connected(master);
    socket.once('close', () => {
      this.#owners.delete(socket);
      left();
    });
  }

  close(): void {
    this.#stop();
  }

  /** A moment later: the answer to whoever dismisses itself still goes out. */
  #end(master: string): void {
    const sockets = [...this.#owners].flatMap(([socket, owner]) => (owner === master ? [socket] : []));
    setImmediate(() => {
      for (const socket of sockets) socket.destroySoon();
    });
  }
}
