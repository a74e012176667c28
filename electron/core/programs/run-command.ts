import { type ChildProcess, spawn } from 'node:child_process';

/** How to start a helper program: nvidia-smi, or the simulated one through Node. */
export interface CommandLine {
  /** argv, the program first. */
  readonly command: readonly string[];
  /** Variables on top of this process's own. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface CommandResult {
  /** null when a signal ended it or it never started. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  /** Why it could not be started, e.g. "ENOENT"; null when it was. */
  readonly spawnError: string | null;
}

export interface RunOptions {
  readonly timeoutMs: number;
  readonly cwd?: string;
}

/** Runs a program to its end; never rejects. Output beyond 4 MiB is dropped, a program past its time is killed. */
export type RunCommand = (
  line: CommandLine,
  args: readonly string[],
  options: RunOptions,
) => Promise<CommandResult>;

const MOST_OUTPUT_BYTES = 4 * 1024 * 1024;
/** A killed program that is stuck in the kernel (a dead driver does this) cannot be reaped: these may pile up so far. */
const MOST_STUCK = 3;
/** After a program's exit its pipes may be held open by a grandchild. */
const DRAIN_MS = 500;

/** Every program of every runner, and whether their end is tied to ours. */
const running = new Set<ChildProcess>();
let tied = false;

/** One that hangs in its last moment with us would wait for ever. */
function tieToOurEnd(): void {
  if (tied) return;
  tied = true;
  process.once('exit', () => {
    for (const child of running) child.kill('SIGKILL');
  });
}

/** @returns a runner that refuses to start more programs while three killed ones still hang in the kernel */
export function createRunCommand(): RunCommand {
  const stuck = new Set<ChildProcess>();
  tieToOurEnd();
  return (line, args, options) => {
    if (stuck.size >= MOST_STUCK) {
      return Promise.resolve(notStarted('earlier calls still hang in the driver'));
    }
    return runOnce(line, args, options, { stuck });
  };
}

export const runCommand: RunCommand = createRunCommand();

function runOnce(
  line: CommandLine,
  args: readonly string[],
  options: RunOptions,
  { stuck }: { readonly stuck: Set<ChildProcess> },
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawnQuietly(line, args, options.cwd);
    if (typeof child === 'string') {
      resolve(notStarted(child));
      return;
    }
    running.add(child);
    const stdout = new Collector();
    const stderr = new Collector();
    child.stdout?.on('data', (chunk: Buffer) => stdout.add(chunk));
    child.stderr?.on('data', (chunk: Buffer) => stderr.add(chunk));
    let timedOut = false;
    const settle = (code: number | null, spawnError: string | null): void => {
      running.delete(child);
      clearTimeout(timer);
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve({ code, stdout: stdout.text(), stderr: stderr.text(), timedOut, spawnError });
    };
    const timer = setTimeout(() => {
      timedOut = true;
      stuck.add(child);
      child.kill('SIGKILL');
      settle(null, null);
    }, options.timeoutMs);
    child.on('error', (error) => settle(null, errorCode(error)));
    child.on('exit', (code) => {
      stuck.delete(child);
      setTimeout(() => settle(code, null), DRAIN_MS).unref();
    });
    child.on('close', (code) => settle(code, null));
  });
}

/** @returns the child, or why it cannot exist (spawn throws on some bad arguments instead of emitting) */
export function spawnQuietly(
  line: CommandLine,
  args: readonly string[],
  cwd: string | undefined,
): ChildProcess | string {
  const [file, ...first] = line.command;
  if (file === undefined) return 'there is no command';
  try {
    return spawn(file, [...first, ...args], {
      env: { ...process.env, ...line.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      ...(cwd === undefined ? {} : { cwd }),
    });
  } catch (error) {
    return errorCode(error);
  }
}

function errorCode(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
}

function notStarted(spawnError: string): CommandResult {
  return { code: null, stdout: '', stderr: '', timedOut: false, spawnError };
}

class Collector {
  readonly #chunks: Buffer[] = [];
  #size = 0;

  add(chunk: Buffer): void {
    const room = MOST_OUTPUT_BYTES - this.#size;
    if (room <= 0) return;
    this.#chunks.push(chunk.subarray(0, room));
    this.#size += Math.min(room, chunk.length);
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
