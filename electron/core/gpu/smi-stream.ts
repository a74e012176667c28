import type { Clock } from '../ports.ts';
import { type CommandLine, spawnQuietly } from '../programs/run-command.ts';

export interface StreamHandlers {
  /** Each whole line of stdout and stderr. */
  readonly onLine: (line: string) => void;
  /** Once: it exited, or could not be started. Not after stop(). */
  readonly onEnd: () => void;
}

/** Starts a program that prints for ever; returns its stop, which kills it. */
export type StreamCommand = (
  line: CommandLine,
  args: readonly string[],
  handlers: StreamHandlers,
) => () => void;

/** nvidia-smi's lines are short; rubbish without line ends must not grow in memory. */
const MOST_LINE = 64 * 1024;

export const streamCommand: StreamCommand = (line, args, handlers) => {
  const child = spawnQuietly(line, args, undefined);
  let over = false;
  const end = (): void => {
    if (over) return;
    over = true;
    handlers.onEnd();
  };
  if (typeof child === 'string') {
    queueMicrotask(end);
    return () => {
      over = true;
    };
  }
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = (parts.pop() ?? '').slice(-MOST_LINE);
      for (const part of parts) if (!over) handlers.onLine(part);
    });
  }
  child.on('error', end);
  child.on('exit', end);
  return () => {
    over = true;
    child.kill('SIGKILL');
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
};

/** Calls back when it was not fed for so long. */
export class Watchdog {
  #cancel: () => void = () => {};
  #fedAt = 0;

  constructor(
    private readonly clock: Clock,
    private readonly ms: number,
    private readonly bark: () => void,
  ) {}

  start(): void {
    this.feed();
    this.#wait(this.ms);
  }

  /** Cheap: no timer is touched. */
  feed(): void {
    this.#fedAt = this.clock.now();
  }

  stop(): void {
    this.#cancel();
  }

  #wait(ms: number): void {
    this.#cancel = this.clock.after(ms, () => {
      const left = this.#fedAt + this.ms - this.clock.now();
      if (left > 0) this.#wait(left);
      else this.bark();
    });
  }
}
