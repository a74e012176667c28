import { messageOf } from '../../../shared/errors.ts';
import type { TunnelKind } from '../../../shared/tunnel.ts';
import type { InstanceLog } from '../logs/instance-log.ts';
import { type Clock, type Logger, sleep } from '../ports.ts';
import { type Exit, type RunningProcess, spawnPlan } from '../supervisor/child-process.ts';
import { endTree, type StopLimits } from '../supervisor/end-tree.ts';
import { lastLines } from '../supervisor/log-tail.ts';
import type { ProcessRegistry } from '../supervisor/registry.ts';
import { type TunnelPlan, tunnelMarker } from './command-line.ts';
import { quickHost, readyConnections } from './metrics.ts';
import { quickHostIn, type TunnelDeath } from './output.ts';

/** It lets requests end that are under way, for as long as they like: a second signal hurries it. */
const LIMITS: StopLimits = { interrupt: 2_000, terminate: 2_000, kill: 5_000 };
const MOST_LINES = 200;
const RECORD = 'tunnel';

export interface TunnelRunDeps {
  readonly directory: string;
  readonly log: InstanceLog;
  readonly registry: ProcessRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface TunnelRunStart {
  readonly kind: TunnelKind;
  /** Of a named tunnel; null = it is told. */
  readonly host: string | null;
  readonly target: string;
  readonly metricsPort: number;
}

/** One life of cloudflared. */
export class TunnelRun {
  readonly startedAt: number;
  readonly exited: Promise<Exit>;
  /** Aborts when it is gone or no longer of interest. */
  readonly gone = new AbortController();
  upSince: number | null = null;
  /** Why we ended it ourselves. */
  verdict: TunnelDeath | null = null;
  #host: string | null;

  private constructor(
    readonly start: TunnelRunStart,
    private readonly process: RunningProcess,
    private readonly deps: TunnelRunDeps,
  ) {
    this.startedAt = deps.clock.now();
    this.#host = start.host;
    this.exited = process.exited;
    void process.exited.then(() => this.gone.abort());
  }

  /** @throws what kept it from starting */
  static async begin(plan: TunnelPlan, start: TunnelRunStart, deps: TunnelRunDeps): Promise<TunnelRun> {
    const child = await spawnPlan(plan, () => deps.log.openForChild());
    const run = new TunnelRun(start, child, deps);
    await run.#register();
    return run;
  }

  /** @returns null when it says nothing now */
  async look(): Promise<{ readonly url: string | null; readonly connections: number } | null> {
    const { signal } = this.gone;
    const { metricsPort } = this.start;
    const connections = await readyConnections(metricsPort, signal);
    if (connections === null) return null;
    this.#host ??= (await quickHost(metricsPort, signal)) ?? this.#hostInOutput();
    return { url: this.#host === null ? null : `https://${this.#host}`, connections };
  }

  get pid(): number {
    return this.process.pid;
  }

  /** Its own output, up to this very moment. */
  get lines(): readonly string[] {
    return lastLines(this.deps.log.file, this.process.logOffset, MOST_LINES);
  }

  /** Ends the whole tree; resolves after the observed exit, or when it cannot be ended. */
  async end(): Promise<boolean> {
    const { clock, directory } = this.deps;
    const { own } = this.process;
    const row = await this.process.identity();
    const marker = tunnelMarker(directory);
    if (row !== null) await endTree(row, { limits: LIMITS, clock, own, marker });
    if (await this.#exitsWithin(LIMITS.terminate)) return true;
    own?.signal('SIGKILL');
    return this.#exitsWithin(LIMITS.kill);
  }

  unregister(): void {
    try {
      this.deps.registry.delete(RECORD);
    } catch (error) {
      this.deps.logger.error('an ended tunnel could not be unregistered', { error: messageOf(error) });
    }
  }

  async #exitsWithin(ms: number): Promise<boolean> {
    const late = new AbortController();
    const given = sleep(this.deps.clock, ms, late.signal).then(
      () => false,
      () => false,
    );
    const result = await Promise.race([this.exited.then(() => true), given]);
    late.abort();
    return result;
  }

  /** What a crash of ours is mended with: the guardian reads it. */
  async #register(): Promise<void> {
    const { registry, log, logger } = this.deps;
    const row = await this.process.identity();
    if (row === null || this.gone.signal.aborted) return;
    const { pid, startTime, command } = row;
    const { metricsPort: port, target: url } = this.start;
    try {
      registry.set(RECORD, {
        ...{ pid, startTime, command, port, url },
        ...{ logFile: log.file, device: null, generation: 1 },
      });
    } catch (error) {
      logger.error('a running tunnel could not be registered', { error: messageOf(error) });
    }
  }

  /** Programs from before the metrics address told it. */
  #hostInOutput(): string | null {
    for (const line of this.lines) {
      const host = quickHostIn(line);
      if (host !== null) return host;
    }
    return null;
  }
}
