import type { GpuInfo, GpuSample } from '../../../shared/model.ts';

/** Gathers telemetry rows, one per GPU, into ticks: complete when all came, or when one comes again. */
export class TickCollector {
  #rows: readonly GpuSample[] = [];

  constructor(private readonly expected: ReadonlySet<string>) {}

  /** @returns the finished tick, if this row finished one */
  add(row: GpuSample): readonly GpuSample[] | null {
    if (this.#rows.some((other) => other.uuid === row.uuid)) {
      const tick = this.#rows;
      this.#rows = [row];
      return tick;
    }
    this.#rows = [...this.#rows, row];
    if (!this.matches(this.#rows)) return null;
    const tick = this.#rows;
    this.#rows = [];
    return tick;
  }

  matches(tick: readonly GpuSample[]): boolean {
    return tick.length === this.expected.size && tick.every((row) => this.expected.has(row.uuid));
  }
}

/** One sample per GPU that we list: a MIG instance shows its card's temperature and power, its own use is not told. */
export function samplesOf(
  gpus: readonly GpuInfo[],
  parents: ReadonlyMap<string, string>,
  tick: readonly GpuSample[],
): readonly GpuSample[] {
  return gpus.flatMap((gpu) => {
    const sample = tick.find((row) => row.uuid === (parents.get(gpu.uuid) ?? gpu.uuid));
    if (sample === undefined || gpu.health === 'lost') return [];
    return gpu.mig ? [{ ...sample, uuid: gpu.uuid, memoryUsed: null, utilization: null }] : [sample];
  });
}
