import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, rmdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { CommandArgs, CommandName, CommandResult } from '../../../shared/contract.ts';
import type { Reply } from '../../../shared/ipc.ts';
import { pidOf } from '../../../shared/lifecycle.ts';
import type { FleetSnapshot, InstanceSnapshot } from '../../../shared/model.ts';
import { distFile } from '../../setup/dist.ts';

const START_MS = 90_000;
const STOP_MS = 30_000;
const POLL_MS = 100;

interface Announcement {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
}

/** The real headless host with the demo fleet, as `npm run serve -- --demo=4` starts it, in a data directory of its own. */
export class RealHost {
  private constructor(
    readonly data: string,
    private child: ChildProcess,
    private announced: Announcement,
  ) {}

  /** Resolves when every server of the demo is ready. */
  static async start(): Promise<RealHost> {
    const data = await mkdtemp(path.join(tmpdir(), 'ensemble-web-'));
    return alone(async () => {
      const { child, announced } = await launch(data, []);
      const host = new RealHost(data, child, announced);
      await host.makeReady().catch(async (error: unknown) => {
        await host.stop();
        throw error;
      });
      return host;
    });
  }

  get origin(): string {
    return new URL(this.announced.url).origin;
  }

  /** An address that signs one browser in, once. */
  async link(): Promise<string> {
    const { url } = (await this.#post('/api/session-link', {})) as { readonly url: string };
    return url;
  }

  async invoke<C extends CommandName>(command: C, args: CommandArgs<C>): Promise<CommandResult<C>> {
    return (await this.#post(`/api/commands/${command}`, args)) as CommandResult<C>;
  }

  snapshot(): Promise<FleetSnapshot> {
    return this.invoke('fleet.snapshot', {});
  }

  async instance(name: string): Promise<InstanceSnapshot> {
    const { instances } = await this.snapshot();
    const found = instances.find((instance) => instance.name === name);
    if (found === undefined) throw new Error(`The fleet has no ${name}.`);
    return found;
  }

  async pidOf(name: string): Promise<number> {
    const pid = pidOf((await this.instance(name)).process);
    if (pid === null) throw new Error(`${name} has no process.`);
    return pid;
  }

  /** Every server runs and is idle: where each test begins. A server whose port a stranger took meanwhile moves. */
  async makeReady(): Promise<void> {
    await until('every server is ready', async () => {
      const { instances } = await this.snapshot();
      for (const instance of instances) await this.#help(instance);
      const ready = instances.filter(
        ({ process, link }) => process.status === 'ready' && link.status === 'up',
      );
      // None at all: it has not looked at its GPUs yet.
      return instances.length > 0 && ready.length === instances.length;
    });
    await this.invoke('fleet.setParticipation', { participate: true });
  }

  async #help(instance: InstanceSnapshot): Promise<void> {
    const { process, id } = instance;
    if (process.status === 'stopped') await this.invoke('instance.start', { id });
    const failed = process.status === 'failed' || process.status === 'backing-off';
    if (!failed || process.failure.cause !== 'port-in-use') return;
    const { port } = await this.invoke('worker.suggest', {});
    const { name, device, extraArgs } = instance;
    await this.invoke('worker.update', { id, draft: { name, port, device, extraArgs }, restart: false });
    await this.invoke('instance.start', { id });
  }

  /** Ends and starts it again at the same address. */
  async restart(): Promise<void> {
    await end(this.child);
    const next = await alone(() => launch(this.data, [`--port=${new URL(this.origin).port}`]));
    this.child = next.child;
    this.announced = next.announced;
  }

  /** Asks it to end, as a terminal does; fails when it leaves a server behind. */
  async stop(): Promise<void> {
    const { instances } = await this.snapshot();
    await end(this.child);
    const left = instances.map(({ process }) => pidOf(process)).filter((pid) => pid !== null && lives(pid));
    await rm(this.data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    if (left.length > 0) throw new Error(`The host left servers behind: ${left.join(', ')}`);
  }

  async #post(pathname: string, body: unknown): Promise<unknown> {
    const response = await fetch(`${this.origin}${pathname}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.announced.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const reply = (await response.json()) as Reply;
    if (!reply.ok) throw new Error(`${pathname}: ${reply.error.message}`);
    return reply.result;
  }
}

/** Polls where no event exists; says what never happened. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Waited ${START_MS / 1000} s in vain: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function launch(
  data: string,
  options: readonly string[],
): Promise<{ readonly child: ChildProcess; readonly announced: Announcement }> {
  const args = [distFile('headless.cjs'), '--demo=4', '--no-open', '--json', '--data', data, ...options];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaints += chunk.toString('utf8');
  });
  const line = await new Promise<string>((resolve, reject) => {
    if (child.stdout !== null) createInterface(child.stdout).once('line', resolve);
    child.once('exit', () => reject(new Error(`The host ended before it was ready: ${complaints}`)));
  });
  return { child, announced: JSON.parse(line) as Announcement };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exit;
  clearTimeout(timer);
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Two demos that look for free ports at the same moment find the same ones: one starts after the other. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  const lock = path.join(tmpdir(), 'ensemble-web-start.lock');
  await until('another start of a host ends', () => takeLock(lock));
  try {
    return await work();
  } finally {
    await rmdir(lock).catch(() => undefined);
  }
}

async function takeLock(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    return true;
  } catch {
    const taken = await stat(lock).catch(() => null);
    // Left behind by a run that was killed.
    if (taken !== null && Date.now() - taken.mtimeMs > START_MS) await rmdir(lock).catch(() => undefined);
    return false;
  }
}
