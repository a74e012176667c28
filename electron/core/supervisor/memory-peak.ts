import type { Clock } from '../ports.ts';

const WINDOW_MS = 60_000;

/** The highest share of memory in use during the last minute: after a kill the memory is free again. */
export class MemoryPeak {
  #samples: { readonly at: number; readonly share: number }[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly read: () => { readonly used: number; readonly total: number } | null,
  ) {}

  sample(): void {
    const memory = this.read();
    if (memory === null || memory.total <= 0) return;
    const now = this.clock.now();
    this.#samples = this.#samples.filter(({ at }) => now - at <= WINDOW_MS);
    this.#samples.push({ at: now, share: memory.used / memory.total });
  }

  /** 0..1; null when nothing was sampled. */
  get value(): number | null {
    const now = this.clock.now();
    const recent = this.#samples.filter(({ at }) => now - at <= WINDOW_MS).map(({ share }) => share);
    return recent.length === 0 ? null : Math.max(...recent);
  }
}
