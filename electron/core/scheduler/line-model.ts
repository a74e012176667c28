import type { InstanceId } from '../../../shared/model.ts';
import { LINE_LEAST_BYTES, LINE_LEAST_SECONDS, LINE_WEIGHT } from './policy-constants.ts';

/** `up`: what a work loads, to the worker; `down`: what it made, home. */
export type Way = 'up' | 'down';

/** How fast the line to each worker carries files, and how much the works of each workflow bring home. */
export class LineModel {
  /** Seconds per byte: slow transfers must count for what they cost. */
  readonly #lines = new Map<InstanceId, Partial<Record<Way, number>>>();
  readonly #results = new Map<string, number>();

  /** A transfer, or a part of one; what is small and quick measures the round trip and teaches nothing. */
  observe(worker: InstanceId, way: Way, bytes: number, seconds: number): void {
    const measured = seconds / bytes;
    if (!(measured > 0 && Number.isFinite(measured))) return;
    if (bytes < LINE_LEAST_BYTES && seconds < LINE_LEAST_SECONDS) return;
    const line = this.#lines.get(worker) ?? {};
    line[way] = smoothed(line[way], measured);
    this.#lines.set(worker, line);
  }

  /** What a work of so many units brought home. */
  observeResult(workflow: string, units: number, bytes: number): void {
    const measured = bytes / units;
    if (measured >= 0 && Number.isFinite(measured)) {
      this.#results.set(workflow, smoothed(this.#results.get(workflow), measured));
    }
  }

  /** Bytes that a work brings home; 0 while nobody has seen any. */
  resultBytes(workflow: string, units: number): number {
    return (this.#results.get(workflow) ?? 0) * units;
  }

  /** @param told bytes per second by another measurement, for as long as there was no transfer; null = none @returns ms */
  ms(worker: InstanceId, way: Way, bytes: number, told: number | null): number {
    if (bytes <= 0) return 0;
    const known = this.#lines.get(worker)?.[way] ?? (told === null || told <= 0 ? 0 : 1 / told);
    return known * bytes * 1000;
  }

  forget(worker: InstanceId): void {
    this.#lines.delete(worker);
  }
}

function smoothed(known: number | undefined, measured: number): number {
  return known === undefined ? measured : known + LINE_WEIGHT * (measured - known);
}
