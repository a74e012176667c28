import { ComfyHttp } from '../../../electron/core/comfy/http.ts';
import { InstanceMonitor } from '../../../electron/core/comfy/monitor.ts';
import type { ApiPrompt } from '../../../electron/core/comfy/prompt.ts';
import { silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { AttemptFailure } from '../../../electron/core/runs/attempt/attempt-failure.ts';
import {
  type AttemptEvent,
  type AttemptResult,
  runAttempt,
} from '../../../electron/core/runs/attempt/run-attempt.ts';
import type { BehaviourScript } from '../../../electron/simulator/script.ts';
import { until } from '../comfy/until.ts';
import { RunningServer, textToImage } from '../simulator/running-server.ts';

const closing: (() => unknown)[] = [];
/** For afterEach: what was started is ended, last first. */
export async function closeAll(): Promise<void> {
  for (const close of closing.splice(0).reverse()) await close();
}

export function onClose(close: () => unknown): void {
  closing.push(close);
}

export async function start(
  script: BehaviourScript = {},
  flags: readonly string[] = [],
): Promise<RunningServer> {
  const server = await RunningServer.start(script, flags);
  closing.push(() => server.stop());
  return server.ready();
}

/** One control center's view of a server. */
export class Client {
  readonly http: ComfyHttp;
  readonly monitor: InstanceMonitor;
  readonly events: AttemptEvent[] = [];
  readonly controller = new AbortController();

  constructor(url: string) {
    const deps = { clock: systemClock, logger: silentLogger, random: Math.random };
    this.http = new ComfyHttp(url);
    this.monitor = new InstanceMonitor({ url, ...deps });
    this.monitor.start();
    closing.push(() => this.monitor.stop());
  }

  static async of(url: string): Promise<Client> {
    const client = new Client(url);
    await until('health', () => client.monitor.health === 'ok');
    return client;
  }

  async attempt(n: number, prompt: unknown = textToImage(n), reattach = false): Promise<AttemptResult> {
    const { http, monitor, controller } = this;
    return runAttempt(
      {
        promptId: idOf(n),
        prompt: prompt as ApiPrompt,
        extraData: {},
        server: { http, monitor },
        reattach,
      },
      { clock: systemClock, signal: controller.signal, onEvent: (event) => this.events.push(event) },
    );
  }

  /** How it failed. */
  async failing(n: number, prompt?: unknown, reattach = false): Promise<AttemptFailure> {
    const error = await this.attempt(n, prompt, reattach).catch((reason: unknown) => reason);
    if (error instanceof AttemptFailure) return error;
    throw new Error(`not an AttemptFailure: ${JSON.stringify(error)}`);
  }

  async sampling(): Promise<void> {
    await until('the first step', () => this.events.some(({ kind }) => kind === 'sampling'));
  }

  get kinds(): readonly string[] {
    return this.events.map(({ kind }) => kind);
  }
}

export function idOf(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}
