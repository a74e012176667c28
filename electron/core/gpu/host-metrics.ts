import { statfs } from 'node:fs/promises';
import { cpus } from 'node:os';
import systeminformation from 'systeminformation';
import type { HostSample } from '../../../shared/model.ts';
import type { Clock, Logger } from '../ports.ts';

/** What one look at the computer costs is little, but the disk changes slowly. */
const DISK_EVERY_MS = 30_000;

/** Where the figures come from. */
export interface HostSource {
  /** Share of all cores since the last call, 0..1. */
  cpu(): Promise<number | null>;
  memory(): Promise<{ readonly used: number; readonly total: number } | null>;
  disk(directory: string): Promise<{ readonly free: number; readonly total: number } | null>;
}

export interface HostMetricsDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The disk that is told is this folder's. */
  readonly directory: string;
  readonly intervalMs: () => number;
  readonly source?: HostSource;
}

const UNKNOWN: HostSample = {
  cpu: null,
  memoryUsed: null,
  memoryTotal: null,
  diskFree: null,
  diskTotal: null,
};

/** CPU, memory and disk of this computer; one look at a time, a failing figure is null and the others go on. */
export class HostMetrics {
  readonly #source: HostSource;
  #sample: HostSample = UNKNOWN;
  #diskAt = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | null = null;
  #stopped = true;
  #complained = false;

  constructor(private readonly deps: HostMetricsDeps) {
    this.#source = deps.source ?? systemSource;
  }

  get sample(): HostSample {
    return this.#sample;
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    void this.#tick();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancel = null;
  }

  async #tick(): Promise<void> {
    await this.refresh();
    if (this.#stopped) return;
    this.#cancel = this.deps.clock.after(this.deps.intervalMs(), () => void this.#tick());
  }

  async refresh(): Promise<void> {
    const now = this.deps.clock.now();
    const diskIsDue = now - this.#diskAt >= DISK_EVERY_MS;
    if (diskIsDue) this.#diskAt = now;
    const [cpu, memory, disk] = await Promise.all([
      this.#ask(() => this.#source.cpu()),
      this.#ask(() => this.#source.memory()),
      diskIsDue ? this.#ask(() => this.#source.disk(this.deps.directory)) : null,
    ]);
    this.#sample = {
      cpu,
      memoryUsed: memory?.used ?? null,
      memoryTotal: memory?.total ?? null,
      diskFree: diskIsDue ? (disk?.free ?? null) : this.#sample.diskFree,
      diskTotal: diskIsDue ? (disk?.total ?? null) : this.#sample.diskTotal,
    };
  }

  async #ask<T>(question: () => Promise<T | null>): Promise<T | null> {
    try {
      return await question();
    } catch (error) {
      if (!this.#complained) this.deps.logger.warn('a figure of this computer cannot be read', { error });
      this.#complained = true;
      return null;
    }
  }
}

/**
 * systeminformation for memory. Its load starts a shell on Linux and its disk list a `df`, each blocking for
 * milliseconds once a second, so that Node is asked for those.
 */
export const systemSource: HostSource = {
  cpu: cpuShare(),
  memory: async () => {
    const { active, available, total } = await systeminformation.mem();
    if (!(total > 0)) return null;
    // What the system could still hand out counts as free, its file cache included.
    return { used: available > 0 ? total - available : active, total };
  },
  disk: async (directory) => {
    const info = await statfs(directory);
    return { free: info.bavail * info.bsize, total: info.blocks * info.bsize };
  },
};

/** Busy share of all cores between two calls; null at the first. */
function cpuShare(): () => Promise<number | null> {
  let before = cpuTicks();
  return async () => {
    const now = cpuTicks();
    const total = now.total - before.total;
    const idle = now.idle - before.idle;
    before = now;
    return total > 0 ? Math.min(1, Math.max(0, 1 - idle / total)) : null;
  };
}

/** ms since boot, summed over the cores. */
function cpuTicks(): { readonly idle: number; readonly total: number } {
  let idle = 0;
  let total = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { idle, total };
}
