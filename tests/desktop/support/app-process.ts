import type { ChildProcess } from 'node:child_process';
import type { CommandArgs, CommandName, CommandResult } from '../../../shared/contract.ts';
import type { Reply } from '../../../shared/ipc.ts';
import type { FleetSnapshot, InstanceSnapshot } from '../../../shared/model.ts';
import { longPrompt } from './long-prompt.ts';
import { until } from './until.ts';
import { GPUS, isRunning, processTable } from './world.ts';

/** One running app, whoever carries our commands to it. */
export abstract class AppProcess {
  readonly exited: Promise<number | null>;
  readonly #process: ChildProcess;
  #helpers: readonly number[] = [];

  constructor(process: ChildProcess) {
    this.#process = process;
    this.exited = new Promise((resolve) => process.once('exit', (code) => resolve(code)));
  }

  /** Anything at all, as a page that has gone bad could send it. */
  abstract send(command: string, args: unknown): Promise<Reply>;

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  async invoke<C extends CommandName>(command: C, args: CommandArgs<C>): Promise<CommandResult<C>> {
    const reply = await this.send(command, args);
    if (!reply.ok) throw new Error(`${command}: ${reply.error.message}`);
    return reply.result as CommandResult<C>;
  }

  /** Asks for an orderly end; the app may be gone before its answer comes, and a question that it never got is asked again. */
  quit(): void {
    void this.send('system.quit', {}).catch(() => setTimeout(() => this.isRunning && this.quit(), 500));
  }

  async instance(id: string): Promise<InstanceSnapshot> {
    const { instances } = await this.invoke('fleet.snapshot', {});
    const found = instances.find((instance) => instance.id === id);
    if (found === undefined) throw new Error(`There is no ${id}`);
    return found;
  }

  /** Resolves when this instance has that process state. */
  async reaches(id: string, status: InstanceSnapshot['process']['status']): Promise<void> {
    await until(
      `${id} ${status}`,
      async () => (await this.instance(id)).process.status,
      (now) => now === status,
    );
  }

  /** Resolves when the whole demo fleet is ready. */
  async allReady(): Promise<FleetSnapshot> {
    return until(
      'the fleet',
      () => this.invoke('fleet.snapshot', {}),
      ({ instances }) =>
        instances.length === GPUS && instances.every(({ process }) => process.status === 'ready'),
    );
  }

  /** Keeps a worker busy for minutes: a long sampling, straight to its ComfyUI. */
  async makeBusy(id: string): Promise<void> {
    const { url } = await this.instance(id);
    const response = await fetch(`${url}/prompt`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: await longPrompt(url) }),
    });
    if (!response.ok) throw new Error(`${url}/prompt: ${await response.text()}`);
    await until(
      `${id} busy`,
      async () => (await this.instance(id)).queue ?? 0,
      (queue) => queue > 0,
    );
  }

  /** As a crash or the system would: the app alone, without a chance to do anything. */
  async crash(): Promise<void> {
    this.#helpers = chromiumProcesses(this.pid);
    this.#process.kill('SIGKILL');
    await this.exited;
  }

  /** Ends it the hard way, with Chromium's own processes, so that a failed test leaves nothing behind. */
  async kill(): Promise<void> {
    if (this.isRunning) await this.crash();
    for (const pid of this.#helpers) if (isRunning(pid)) process.kill(pid, 'SIGKILL');
  }
}

/**
 * Zygotes, renderers and the like below this process. They outlive a killed app while a server that goes on holds what it
 * has inherited: Chromium does not close its sockets for the children of Node.
 */
function chromiumProcesses(pid: number): readonly number[] {
  const table = processTable();
  const below = (parent: number): readonly number[] =>
    table
      .filter((row) => row.parent === parent && row.args.includes('--type='))
      .flatMap((row) => [row.pid, ...below(row.pid)]);
  return below(pid);
}
