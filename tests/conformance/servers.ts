import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { request } from 'undici';
import { distFile } from '../setup/dist.ts';

/** What the suite runs against: simulated servers always, real ones where COMFYUI_PATH lists their folders. */
export interface ServerKind {
  readonly label: string;
  readonly simulated: boolean;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The folder with the models; null: the server makes up its own. */
  readonly models: string | null;
}

export interface ServerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningServer {
  readonly kind: ServerKind;
  readonly url: string;
  readonly port: number;
  readonly directories: { readonly input: string; readonly output: string; readonly temp: string };
  readonly ended: Promise<ServerEnd>;
  log(): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** SIGINT, then SIGKILL; removes its folder. */
  stop(): Promise<ServerEnd>;
}

/** A full start of a real one on a small machine, with nothing in the page cache. */
const BOOT_LIMIT_MS = 150_000;
const STOP_LIMIT_MS = 20_000;
const SIMULATED_VERSIONS = ['0.3.64', '0.33.0'] as const;

export function serverKinds(): readonly ServerKind[] {
  const simulated = SIMULATED_VERSIONS.map(
    (version): ServerKind => ({
      label: `simulated ${version}`,
      simulated: true,
      command: [process.execPath, distFile('simulator.cjs'), 'comfyui'],
      cwd: process.cwd(),
      environment: { ENSEMBLE_SIM: JSON.stringify({ version, bootMs: 50, modelLoadMs: 50, stepMs: 20 }) },
      models: null,
    }),
  );
  const roots = (process.env['COMFYUI_PATH'] ?? '').split(path.delimiter).filter((root) => root !== '');
  if (roots.length === 0) {
    process.stdout.write('conformance: COMFYUI_PATH is not set, so only the simulator is checked\n');
  }
  const real = roots.map(
    (root): ServerKind => ({
      label: `real ${root}`,
      simulated: false,
      command: [process.env['COMFYUI_PYTHON'] ?? 'python3', 'main.py'],
      cwd: path.resolve(root),
      environment: {},
      models: path.resolve(root, 'models'),
    }),
  );
  return [...simulated, ...real];
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Starts one with folders of its own, and does not wait for it. */
export async function launch(
  kind: ServerKind,
  options: { readonly port?: number; readonly flags?: readonly string[] } = {},
): Promise<RunningServer> {
  const port = options.port ?? (await freePort());
  const home = await mkdtemp(path.join(tmpdir(), 'conformance-'));
  const base = path.join(home, 'base');
  for (const folder of ['input', 'output', 'custom_nodes', 'user']) {
    await mkdir(path.join(base, folder), { recursive: true });
  }
  if (kind.models !== null) await symlink(kind.models, path.join(base, 'models'), 'junction');
  const logFile = path.join(home, 'log');
  const descriptor = openSync(logFile, 'a');
  const [file = '', ...args] = kind.command;
  const child = spawn(file, [...args, ...flagsFor(port, base, home), ...(options.flags ?? [])], {
    cwd: kind.cwd,
    env: { ...process.env, ...kind.environment },
    stdio: ['ignore', descriptor, descriptor],
  });
  closeSync(descriptor);
  const ended = endOf(child);
  return {
    kind,
    port,
    url: `http://127.0.0.1:${port}`,
    directories: {
      input: path.join(base, 'input'),
      output: path.join(base, 'output'),
      temp: path.join(home, 'temp'),
    },
    ended,
    log: () => readFile(logFile, 'utf8'),
    signal: (signal) => child.kill(signal),
    stop: async () => {
      const end = await endChild(child, ended);
      await rm(home, { recursive: true, force: true });
      return end;
    },
  };
}

/** Starts one and waits until it answers. @throws with its log when it does not */
export async function startServer(kind: ServerKind): Promise<RunningServer> {
  const server = await launch(kind);
  const deadline = performance.now() + BOOT_LIMIT_MS;
  let gone = false;
  void server.ended.then(() => {
    gone = true;
  });
  for (;;) {
    if (await answers(server.url)) return server;
    if (gone || performance.now() > deadline) {
      const log = await server.log();
      await server.stop();
      throw new Error(`${kind.label} did not start:\n${log.slice(-3_000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function flagsFor(port: number, base: string, home: string): readonly string[] {
  return [
    ...['--cpu', '--port', String(port), '--base-directory', base, '--temp-directory', home],
    ...['--database-url', 'sqlite:///:memory:', '--disable-auto-launch', '--log-stdout'],
    ...['--preview-method', 'auto'],
  ];
}

async function answers(url: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`${url}/system_stats`, { headersTimeout: 5_000 });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}

function endOf(child: ChildProcess): Promise<ServerEnd> {
  return new Promise((resolve) => {
    child.once('error', () => resolve({ code: null, signal: null }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

async function endChild(child: ChildProcess, ended: Promise<ServerEnd>): Promise<ServerEnd> {
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  const end = await ended;
  clearTimeout(timer);
  return end;
}
