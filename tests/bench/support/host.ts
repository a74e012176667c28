import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { CommandArgs, CommandName, CommandResult } from '../../../shared/contract.ts';
import type { FleetSnapshot } from '../../../shared/model.ts';

/** A headless control center as a child process, driven over its own HTTP contract. */
export class BenchHost {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly token: string,
    readonly pid: number,
  ) {}

  static async start(
    data: string,
    options: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<BenchHost> {
    const entry = path.resolve('dist', 'headless.cjs');
    const child = spawn(process.execPath, [entry, '--json', '--no-open', '--data', data, ...options], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    if (child.stdout === null) throw new Error('no stdout');
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const ready = JSON.parse(line) as { url: string; token: string; pid: number };
    return new BenchHost(child, ready.url, ready.token, ready.pid);
  }

  async invoke<C extends CommandName>(command: C, args: CommandArgs<C>): Promise<CommandResult<C>> {
    const response = await fetch(new URL(`/api/commands/${command}`, this.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(args),
    });
    const reply = (await response.json()) as
      | { ok: true; result: CommandResult<C> }
      | { ok: false; error: { message: string } };
    if (!reply.ok) throw new Error(reply.error.message);
    return reply.result;
  }

  /** Polls until the fleet is as wanted. */
  async until(wanted: (fleet: FleetSnapshot) => boolean, timeoutMs: number): Promise<FleetSnapshot> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const fleet = await this.invoke('fleet.snapshot', {});
      if (wanted(fleet)) return fleet;
      if (Date.now() > end) throw new Error(`not reached within ${timeoutMs} ms: ${summary(fleet)}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** CPU seconds (user + system) used so far; Linux counts them in hundredths. */
  cpuSeconds(): number {
    const fields = readFileSync(`/proc/${this.pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  rssBytes(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await exited;
  }
}

function summary(fleet: FleetSnapshot): string {
  return fleet.instances.map(({ id, process: { status } }) => `${id} ${status}`).join(', ');
}
