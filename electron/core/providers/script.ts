import { type ChildProcess, spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import { messageOf } from '../../../shared/errors.ts';
import type { Clock } from '../ports.ts';

/** One run of a provider's program, in a process group of its own, so that all of it can be ended. */

export interface ScriptSpec {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface ScriptEnd {
  /** null when a signal ended it or it never started. */
  readonly code: number | null;
  /** The last lines of both streams, in the order in which they came. */
  readonly lastLines: readonly string[];
  /** Why it could not be started; null when it was. */
  readonly spawnError: string | null;
}

const KEPT_LINES = 20;
const LONGEST_LINE = 4096;
const KILL_AFTER_MS = 5_000;

/** Lines of its output arrive one by one; a line without end is cut. */
export class Script {
  readonly ended: Promise<ScriptEnd>;
  readonly #child: ChildProcess | null;
  readonly #last: string[] = [];
  #isOver = false;

  constructor(
    spec: ScriptSpec,
    private readonly clock: Clock,
    onLine: (line: string) => void,
  ) {
    const child = start(spec);
    this.#child = typeof child === 'string' ? null : child;
    this.ended =
      typeof child === 'string'
        ? Promise.resolve({ code: null, lastLines: [], spawnError: child })
        : this.#follow(child, onLine);
  }

  /** SIGTERM to the whole group, SIGKILL to what is left of it; resolves after the observed end. */
  async kill(): Promise<ScriptEnd> {
    if (!this.#isOver) {
      this.#signal('SIGTERM');
      const cancel = this.clock.after(KILL_AFTER_MS, () => this.#signal('SIGKILL'));
      void this.ended.finally(cancel);
    }
    return this.ended;
  }

  #follow(child: ChildProcess, onLine: (line: string) => void): Promise<ScriptEnd> {
    const keep = (line: string): void => {
      this.#last.push(line);
      if (this.#last.length > KEPT_LINES) this.#last.shift();
    };
    const streams = [
      lines(child.stdout, (line) => {
        keep(line);
        onLine(line);
      }),
      lines(child.stderr, keep),
    ];
    return new Promise((resolve) => {
      const settle = (code: number | null, spawnError: string | null): void => {
        this.#isOver = true;
        for (const flush of streams) flush();
        resolve({ code, lastLines: [...this.#last], spawnError });
      };
      child.on('error', (error) => settle(null, reasonOf(error)));
      child.on('close', (code) => settle(code, null));
    });
  }

  #signal(name: 'SIGTERM' | 'SIGKILL'): void {
    const pid = this.#child?.pid;
    if (pid === undefined || this.#isOver) return;
    try {
      if (process.platform === 'win32') this.#child?.kill(name);
      else process.kill(-pid, name);
    } catch {
      // It ended between the look and the signal.
    }
  }
}

function start({ argv, environment }: ScriptSpec): ChildProcess | string {
  const [file, ...args] = argv;
  if (file === undefined) return 'there is no command';
  try {
    return spawn(file, args, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: what the program starts ends with it.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
  } catch (error) {
    return reasonOf(error);
  }
}

function lines(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): () => void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string): void => {
    const parts = (rest + text).split(/\r\n|\n|\r/);
    rest = (parts.pop() ?? '').slice(0, LONGEST_LINE);
    for (const part of parts) if (part.trim() !== '') onLine(part.slice(0, LONGEST_LINE));
  };
  stream?.on('data', (chunk: Buffer) => take(decoder.write(chunk)));
  return () => {
    take(decoder.end());
    if (rest.trim() !== '') onLine(rest);
    rest = '';
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'there is no such program';
  return messageOf(error);
}
