import { appendFileSync, closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { HEALTH_TIMING } from '../../../electron/core/supervisor/health-watch.ts';
import type { LaunchPlan } from '../../../electron/core/supervisor/launch-plan.ts';
import type { ChildLog } from '../../../electron/core/supervisor/log-tail.ts';
import {
  ManagedProcess,
  type ManagedProcessDeps,
  type SupervisorPolicy,
} from '../../../electron/core/supervisor/managed-process.ts';
import { checkPort } from '../../../electron/core/supervisor/ports.ts';
import { ProcessRegistry } from '../../../electron/core/supervisor/registry.ts';
import { RESTART_TIMING } from '../../../electron/core/supervisor/restart-policy.ts';
import type { ProcessState, ProcessStatus } from '../../../shared/lifecycle.ts';

export const FAKE_CHILD = path.resolve('tests/unit/supervisor/fake-child.mjs');

/** Polls where no event exists. */
export async function eventually(
  what: string,
  check: () => boolean | Promise<boolean>,
  ms = 20_000,
): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export function isAlivePid(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie that nobody reaps (no init in a container) is dead all the same.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    return (
      error instanceof Error && 'code' in error && error.code === 'ENOENT' && process.platform !== 'linux'
    );
  }
}

export async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export function fileLog(file: string): ChildLog {
  return {
    file,
    openForChild: () => openSync(file, 'a'),
    onLines: () => () => undefined,
    note: (text) => appendFileSync(file, `# ${text}\n`),
  };
}

function probe(port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    http
      .get({ host: '127.0.0.1', port, signal, agent: false }, (response) => {
        response.resume();
        resolve();
      })
      .on('error', reject);
  });
}

export interface Bench {
  readonly directory: string;
  readonly port: number;
  readonly registry: ProcessRegistry;
  readonly process: ManagedProcess;
  readonly states: ProcessState[];
  readonly log: () => string;
  readonly helpers: () => readonly number[];
  readonly until: (status: ProcessStatus) => Promise<ProcessState>;
  /** More words for the plan's command line. */
  readonly argv: string[];
  readonly create: (deps?: Partial<ManagedProcessDeps>) => ManagedProcess;
  readonly close: () => Promise<void>;
}

export interface BenchOptions {
  readonly argument?: string;
  readonly policy?: Partial<SupervisorPolicy>;
  readonly plan?: Partial<LaunchPlan>;
  readonly checkPort?: typeof checkPort;
  readonly deps?: Partial<ManagedProcessDeps>;
}

export async function bench(behaviour: string, options: BenchOptions = {}): Promise<Bench> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'supervisor-'));
  const port = await freePort();
  const registry = await ProcessRegistry.open(path.join(directory, 'processes.json'));
  const file = path.join(directory, 'comfyui.log');
  closeSync(openSync(file, 'a'));
  const plan: LaunchPlan = {
    file: process.execPath,
    args: [
      FAKE_CHILD,
      behaviour,
      String(port),
      ...(options.argument === undefined ? [] : [options.argument]),
    ],
    cwd: directory,
    environment: { PATH: process.env['PATH'] ?? '' },
    ownEnvironment: {},
    directories: [path.join(directory, 'output')],
    outputDirectory: path.join(directory, 'output'),
    problems: [],
    ...options.plan,
  };
  const argv: string[] = [];
  const create = (deps: Partial<ManagedProcessDeps> = {}): ManagedProcess =>
    new ManagedProcess({
      id: 'worker-1',
      plan: async () => ({ ...plan, args: [...plan.args, ...argv] }),
      log: fileLog(file),
      registry,
      clock: systemClock,
      random: () => 0.1,
      logger: silentLogger,
      probe: (signal) => probe(port, signal),
      checkPort: options.checkPort ?? checkPort,
      port: () => port,
      policy: () => ({
        restartCrashed: true,
        readyTimeoutMs: 20_000,
        stopOnExit: true,
        health: {
          ...HEALTH_TIMING,
          startPollMs: 50,
          probeMs: 500,
          watchMs: 200,
          retryMs: 200,
          failures: 2,
          hangMs: 1_500,
        },
        restart: { ...RESTART_TIMING, baseMs: 100 },
        stop: { interrupt: 1_500, terminate: 1_000, kill: 5_000 },
        ...options.policy,
      }),
      memory: () => ({ used: 1, total: 10 }),
      ...options.deps,
      ...deps,
    });
  const managed = create();
  const states: ProcessState[] = [managed.state];
  let seen = 0;
  managed.onChange((state) => states.push(state));
  return {
    directory,
    port,
    registry,
    process: managed,
    states,
    log: () => (existsSync(file) ? readFileSync(file, 'utf8') : ''),
    helpers: () =>
      [...readFileSync(file, 'utf8').matchAll(/^helper (\d+)$/gm)].map((match) => Number(match[1])),
    until: async (status) => {
      // A state may last a few milliseconds only: what came since the last look counts.
      const find = (): number => states.findIndex((state, index) => index >= seen && state.status === status);
      await eventually(`status ${status}, was ${managed.state.status}`, () => find() >= 0);
      seen = find();
      return states[seen] ?? managed.state;
    },
    argv,
    create,
    close: async () => {
      await managed.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
