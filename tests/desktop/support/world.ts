import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DEFAULT_SETTINGS, type LocalWorkerSettings, type Settings } from '../../../shared/settings.ts';
import { until } from './until.ts';

/** GPUs of the demo fleet: a master and two workers. */
export const GPUS = 3;

/** A home of its own for every test: nothing of the person who runs the tests is read or written. */
export class World {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'ensemble-desktop-'));
  readonly data = path.join(this.directory, 'data');
  readonly bin = path.join(this.directory, 'bin');
  readonly opened = path.join(this.directory, 'opened-urls');

  static async create(settings: Partial<Settings> = {}): Promise<World> {
    const world = new World();
    const demo = path.join(world.data, 'demo', `${GPUS}-gpus`);
    for (const folder of ['home', 'bin', 'data']) mkdirSync(path.join(world.directory, folder));
    mkdirSync(demo, { recursive: true });
    writeJson(path.join(world.data, 'settings.json'), { ...DEFAULT_SETTINGS, ...settings });
    writeJson(path.join(demo, 'settings.json'), await fleetSettings());
    world.#fakeBrowser();
    return world;
  }

  get environment(): Record<string, string> {
    const inherited = Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && !/^(ELECTRON_|NODE_|npm_|PLAYWRIGHT|ENSEMBLE|PW_|TEST_)/.test(entry[0]),
    );
    const home = path.join(this.directory, 'home');
    return {
      ...Object.fromEntries(inherited),
      PATH: `${this.bin}${path.delimiter}${process.env['PATH'] ?? ''}`,
      HOME: home,
      XDG_CONFIG_HOME: path.join(home, '.config'),
      XDG_DATA_HOME: path.join(home, '.local', 'share'),
      XDG_CACHE_HOME: path.join(home, '.cache'),
    };
  }

  /** Addresses that the app has given to the default browser, oldest first. */
  get openedUrls(): readonly string[] {
    return existsSync(this.opened) ? readFileSync(this.opened, 'utf8').trim().split('\n') : [];
  }

  /** pid of each living server, by instance id, as the process registry has them. */
  get servers(): Readonly<Record<string, number>> {
    const file = path.join(this.data, 'demo', `${GPUS}-gpus`, 'processes.json');
    if (!existsSync(file)) return {};
    const { processes } = JSON.parse(readFileSync(file, 'utf8')) as {
      processes: Record<string, { pid: number }>;
    };
    const living = Object.entries(processes).filter(([, { pid }]) => isRunning(pid));
    return Object.fromEntries(living.map(([id, { pid }]) => [id, pid]));
  }

  /** Ends whatever a test left behind, a server of which nobody knew yet when the app was killed included. */
  async remove(): Promise<void> {
    const left = (): readonly number[] =>
      processTable()
        .filter(({ pid, args }) => args.includes(this.directory) && pid !== process.pid)
        .map(({ pid }) => pid);
    const endAll = (): number => {
      const pids = left();
      for (const pid of pids) if (isRunning(pid)) process.kill(pid, 'SIGKILL');
      return pids.length;
    };
    await until('the end of every process', endAll, (count) => count === 0);
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  /** Linux's way to the default browser, caught: it notes the address instead. */
  #fakeBrowser(): void {
    const script = `#!/bin/sh\nprintf '%s\\n' "$1" >> '${this.opened}'\n`;
    writeFileSync(path.join(this.bin, 'xdg-open'), script, { mode: 0o755 });
  }
}

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly args: string;
}

export function processTable(): readonly ProcessEntry[] {
  return execFileSync('ps', ['-ww', '-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [, pid, parent, args = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), args }];
    });
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie has ended; only its parent has not noticed yet.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** As the first launch would populate it, but on ports that nobody else on this machine has or wants. */
async function fleetSettings(): Promise<Settings> {
  const worker = async (index: number): Promise<LocalWorkerSettings> => ({
    id: `worker-${index}`,
    type: 'local',
    name: `Worker ${index}`,
    port: await freePort(),
    device: String(index),
    extraArgs: '',
    selected: true,
  });
  const master = { ...DEFAULT_SETTINGS.master, port: await freePort(), device: '0' };
  const workers = [];
  for (let index = 1; index < GPUS; index += 1) workers.push(await worker(index));
  return { ...DEFAULT_SETTINGS, master, workers, populated: true };
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, JSON.stringify(value));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
