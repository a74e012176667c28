import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Emitter } from '../../../../electron/core/ports.ts';
import type { FromWorkers, Posted, Stamps, ToWorkers, Traffic, WorkersSetting } from './protocol.ts';

const AT_ONCE: WorkersSetting = {
  count: 1,
  computeMs: 0,
  side: 1024,
  messagesPerSecond: 0,
  tellPosts: false,
};

/** Many workers in a process of their own. */
export class Workers {
  readonly #told = new Emitter<FromWorkers>();

  private constructor(
    private readonly child: ChildProcess,
    readonly urls: readonly string[],
  ) {
    child.on('message', (message: FromWorkers) => this.#told.emit(message));
  }

  static async start(change: Partial<WorkersSetting>): Promise<Workers> {
    const setting: WorkersSetting = { ...AT_ONCE, ...change };
    const child = fork(process.argv[1] ?? '', ['fake-workers', JSON.stringify(setting)]);
    const [message] = (await once(child, 'message')) as [FromWorkers];
    if (message.kind !== 'ready') throw new Error(`the workers said ${message.kind}`);
    return new Workers(
      child,
      message.ports.map((port) => `http://127.0.0.1:${port}`),
    );
  }

  /** Since the last call. */
  async stamps(): Promise<Stamps> {
    const { stamps } = await this.#ask('stamps', 'stamps');
    return stamps;
  }

  async traffic(): Promise<Traffic> {
    const { traffic } = await this.#ask('traffic', 'traffic');
    return traffic;
  }

  onPosted(listener: (posted: Posted) => void): () => void {
    return this.#told.on((message) => {
      if (message.kind === 'posted') listener(message);
    });
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    this.child.kill(signal);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  #ask<K extends FromWorkers['kind']>(
    ask: ToWorkers['ask'],
    kind: K,
  ): Promise<Extract<FromWorkers, { kind: K }>> {
    return new Promise((resolve) => {
      const stop = this.#told.on((message) => {
        if (message.kind !== kind) return;
        stop();
        resolve(message as Extract<FromWorkers, { kind: K }>);
      });
      this.child.send({ ask } satisfies ToWorkers);
    });
  }
}
