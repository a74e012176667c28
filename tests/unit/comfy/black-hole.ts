import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy that can swallow everything, as a machine does whose cable was pulled: connections stay open and silent. */
export class BlackHole {
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #swallows = false;

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async before(port: number): Promise<BlackHole> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const hole = new BlackHole(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server);
    server.on('connection', (near) => hole.#join(near, port));
    return hole;
  }

  swallow(): void {
    this.#swallows = true;
    for (const [near, far] of this.#pairs) {
      near.unpipe(far);
      far.unpipe(near);
      near.resume();
      far.resume();
    }
  }

  /** New connections work; those that were swallowed end. */
  restore(): void {
    this.#swallows = false;
    this.cut();
  }

  /** New connections are refused; those that are open stay so. */
  refuse(): void {
    this.server.close();
  }

  /** Ends every connection; new ones work. */
  cut(): void {
    for (const [near, far] of this.#pairs) {
      near.destroy();
      far.destroy();
    }
  }

  async close(): Promise<void> {
    this.cut();
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve));
  }

  #join(near: Socket, port: number): void {
    const far = connect(port, '127.0.0.1');
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    for (const socket of pair) {
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#pairs.delete(pair);
        if (this.#swallows) return;
        near.destroy();
        far.destroy();
      });
    }
    if (this.#swallows) {
      near.resume();
      return;
    }
    near.pipe(far);
    far.pipe(near);
  }
}
