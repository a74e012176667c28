import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { HttpClient } from '../../../electron/transports/http-client.ts';
import { distFile } from '../../setup/dist.ts';
import { until } from './until.ts';
import { Watching } from './watching.ts';
import type { Workplace } from './workplace.ts';

export interface Announcement {
  readonly url: string;
  readonly token: string;
  readonly gateway: string | null;
  readonly pid: number;
  readonly data: string;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One of our programs as a real child process. */
export class Program {
  stdout = '';
  stderr = '';
  readonly ended: Promise<Ended>;

  constructor(readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.ended = once(child, 'close').then(([code, signal]) => ({
      code,
      signal,
      stdout: this.stdout,
      stderr: this.stderr,
    }));
  }

  static run(file: string, args: readonly string[], environment: NodeJS.ProcessEnv): Program {
    return new Program(
      spawn(process.execPath, [file, ...args], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] }),
    );
  }
}

export interface HostOptions {
  readonly args?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
}

export function runHeadless(place: Workplace, { args = [], environment = {} }: HostOptions): Program {
  const all = ['--port', '0', '--data', place.data, '--no-open', '--json', ...args];
  return Program.run(distFile('headless.cjs'), all, place.environment(environment));
}

export function runCli(place: Workplace, args: readonly string[]): Program {
  return Program.run(distFile('cli.cjs'), [...args, '--data', place.data], place.environment());
}

/** A control center in a process of its own, reached over HTTP. */
export class Host extends Watching {
  readonly client: HttpClient;

  private constructor(
    readonly program: Program,
    readonly announcement: Announcement,
  ) {
    const client = new HttpClient({
      url: new URL(announcement.url).origin,
      token: announcement.token,
    });
    super(client);
    this.client = client;
  }

  static async start(place: Workplace, options: HostOptions = {}): Promise<Host> {
    const program = runHeadless(place, options);
    let dead = false;
    void program.ended.then(() => {
      dead = true;
    });
    await until('the line is printed', () => program.stdout.includes('\n') || dead);
    if (!program.stdout.includes('\n')) throw new Error(`The host ended: ${program.stderr}`);
    return new Host(program, JSON.parse(program.stdout));
  }

  get pid(): number {
    return this.announcement.pid;
  }

  async end(signal: NodeJS.Signals): Promise<Ended> {
    this.client.close();
    this.program.child.kill(signal);
    return this.program.ended;
  }
}
