import path from 'node:path';
import { messageOf } from '../../../shared/errors.ts';
import type { StopStage } from '../../../shared/lifecycle.ts';
import { sleep } from '../ports.ts';
import { localSystem, type RunningProcess } from './child-process.ts';
import type { OwnVerdict } from './diagnosis.ts';
import { endTree, type StopLimits } from './end-tree.ts';
import { markerOf } from './launch-marker.ts';
import { noteSafely } from './log-tail.ts';
import type { ManagedProcessDeps } from './managed-process-deps.ts';
import { type ProcessIdentity, SIGNALS, STAGES } from './process-tree.ts';

const EXIT_MS = 5_000;
/** Helpers of a dead server get little time: the next start waits for them. */
export const HELPER_LIMITS: StopLimits = { interrupt: 0, terminate: 2_000, kill: 3_000 };

export interface RunStart {
  readonly generation: number;
  readonly device: string | null;
  readonly adopted: boolean;
}

/** One spawn (or adoption) and everything that ends with it. */
export class ServerRun {
  readonly generation: number;
  readonly device: string | null;
  readonly adopted: boolean;
  readonly port: number;
  readonly startedAt: number;
  /** Aborts when the process is gone or let go. */
  readonly gone = new AbortController();
  readyAt: number | null = null;
  bootMs: number | null = null;
  /** Why we ended it ourselves. */
  verdict: OwnVerdict | null = null;
  /** It would not end when it was told to: whenever it does, nobody restarts it. */
  abandoned = false;
  finished: Promise<void> = Promise.resolve();
  #exited = false;

  constructor(
    readonly process: RunningProcess,
    private readonly deps: ManagedProcessDeps,
    { generation, device, adopted }: RunStart,
  ) {
    this.generation = generation;
    this.device = device;
    this.adopted = adopted;
    this.port = deps.port();
    this.startedAt = deps.clock.now();
    void process.exited.then(() => {
      this.#exited = true;
    });
  }

  becameReady(): void {
    const now = this.deps.clock.now();
    this.readyAt = now;
    this.bootMs = this.adopted ? null : now - this.startedAt;
  }

  /**
   * Writes it to the list of running servers, which is what a crash of ours is mended with; without it we still
   * supervise, and try again when it answers.
   */
  async register(): Promise<void> {
    const { registry, id, log, policy } = this.deps;
    const row = await this.process.identity();
    if (row === null || this.#exited) return;
    const { port, device, generation } = this;
    const { pid, startTime, command } = row;
    const url = `http://127.0.0.1:${port}`;
    try {
      registry.setStopOnExit(policy().stopOnExit);
      registry.set(id, { pid, startTime, command, port, url, logFile: log.file, device, generation });
    } catch (error) {
      this.#tellUnregistered(error);
    }
  }

  unregister(): void {
    try {
      this.deps.registry.delete(this.deps.id);
    } catch (error) {
      this.deps.logger.error('a dead server could not be unregistered', { error: messageOf(error) });
    }
  }

  /** Ends the whole tree. @returns true when the exit was observed */
  async end(limits: StopLimits, onStage: (stage: StopStage) => void): Promise<boolean> {
    const row = await this.process.identity();
    if (row === null) await this.#endUnseen(limits, onStage);
    else await this.#endTree(row, limits, { onStage });
    if (await this.exitsWithin(EXIT_MS)) return true;
    // The process table could not be read, or lied.
    this.process.own?.signal('SIGKILL');
    return this.exitsWithin(EXIT_MS);
  }

  /** After its own death: what it started and left behind. */
  async endHelpers(): Promise<void> {
    // One that died before it was seen has no row: what it left is found by its command line all the same.
    const row = (await this.process.identity()) ?? { pid: this.process.pid, startTime: '' };
    await this.#endTree(row, HELPER_LIMITS, { first: 'terminate' });
  }

  async exitsWithin(ms: number): Promise<boolean> {
    const controller = new AbortController();
    const exited = this.process.exited.then(() => true);
    const late = sleep(this.deps.clock, ms, controller.signal).then(
      () => false,
      () => false,
    );
    const result = await Promise.race([exited, late]);
    controller.abort();
    return result;
  }

  async #endTree(
    { pid, startTime }: ProcessIdentity,
    limits: StopLimits,
    options: { readonly onStage?: (stage: StopStage) => void; readonly first?: StopStage },
  ): Promise<void> {
    const { clock, system: { table, send } = localSystem } = this.deps;
    const marker = markerOf(path.dirname(this.deps.log.file));
    const { own } = this.process;
    await endTree({ pid, startTime }, { limits, clock, table, send, own, marker, ...options });
  }

  /** Its identity was never read: only the child that we hold can be told. */
  async #endUnseen(limits: StopLimits, onStage: (stage: StopStage) => void): Promise<void> {
    for (const stage of STAGES) {
      if (this.#exited) return;
      onStage(stage);
      this.process.own?.signal(SIGNALS[stage]);
      if (await this.exitsWithin(limits[stage])) return;
    }
  }

  #tellUnregistered(error: unknown): void {
    const { id, logger } = this.deps;
    logger.error('a running server could not be registered', { id, error: messageOf(error) });
    noteSafely(this.deps, messageOf(error), 'warning');
  }
}
