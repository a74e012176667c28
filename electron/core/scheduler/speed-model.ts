import type { InstanceId } from '../../../shared/model.ts';
import type { SpeedRecord } from '../runs/records.ts';
import { RATIO_WINDOW, SPEED_SURPRISE, SPEED_TRUSTED_SAMPLES, SPEED_WEIGHT } from './policy-constants.ts';

interface Speed {
  secondsPerUnit: number;
  /** 0: only guessed from steps of a run that goes on. */
  samples: number;
  updatedAt: number;
}

interface WorkflowSpeeds {
  readonly byWorker: Map<InstanceId, Speed>;
  /** Seconds per unit on an imagined worker of factor 1, from the newest measurements. */
  readonly bases: number[];
  base: number | null;
}

interface WorkerFactor {
  readonly ratios: number[];
  /** How many times slower than the imagined worker. */
  factor: number;
}

/**
 * Seconds per unit of each (worker, workflow), loading excluded. A pair nobody has measured is the workflow's base times
 * the worker's factor, both medians of what was measured; null when either is unknown.
 */
export class SpeedModel {
  readonly #workflows = new Map<string, WorkflowSpeeds>();
  readonly #factors = new Map<InstanceId, WorkerFactor>();

  /** Seconds per unit, or null. */
  secondsPerUnit(worker: InstanceId, workflow: string): number | null {
    const speeds = this.#workflows.get(workflow);
    if (speeds === undefined) return null;
    const speed = speeds.byWorker.get(worker);
    if (speed !== undefined) return speed.secondsPerUnit;
    const factor = this.#factors.get(worker);
    return factor === undefined || speeds.base === null ? null : speeds.base * factor.factor;
  }

  /** How many times slower than others; 1 while nothing is known. */
  factor(worker: InstanceId): number {
    return this.#factors.get(worker)?.factor ?? 1;
  }

  /** @param seconds of computing `units`, loading excluded; what is no positive number teaches nothing */
  observe(worker: InstanceId, workflow: string, units: number, seconds: number, at: number): void {
    const measured = seconds / units;
    if (!(measured > 0 && Number.isFinite(measured))) return;
    const speeds = this.#of(workflow);
    const known = speeds.byWorker.get(worker);
    if (known === undefined || known.samples === 0) {
      speeds.byWorker.set(worker, { secondsPerUnit: measured, samples: 1, updatedAt: at });
    } else {
      const most = known.samples >= SPEED_TRUSTED_SAMPLES ? SPEED_SURPRISE : Number.POSITIVE_INFINITY;
      const counted = Math.min(measured, known.secondsPerUnit * most);
      known.secondsPerUnit += SPEED_WEIGHT * (counted - known.secondsPerUnit);
      known.samples += 1;
      known.updatedAt = at;
    }
    this.#relate(worker, speeds, measured);
  }

  /** What the steps of the first run say, until it is measured. */
  guess(worker: InstanceId, workflow: string, secondsPerUnit: number, at: number): void {
    const { byWorker } = this.#of(workflow);
    if ((byWorker.get(worker)?.samples ?? 0) > 0 || !(secondsPerUnit > 0)) return;
    byWorker.set(worker, { secondsPerUnit, samples: 0, updatedAt: at });
  }

  load(records: readonly SpeedRecord[]): void {
    for (const { instanceId, workflow, secondsPerUnit, samples, updatedAt } of records) {
      if (!(secondsPerUnit > 0)) continue;
      const speeds = this.#of(workflow);
      speeds.byWorker.set(instanceId, { secondsPerUnit, samples, updatedAt });
      this.#relate(instanceId, speeds, secondsPerUnit);
    }
  }

  export(): readonly SpeedRecord[] {
    return [...this.#workflows].flatMap(([workflow, { byWorker }]) =>
      [...byWorker]
        .filter(([, speed]) => speed.samples > 0)
        .map(([instanceId, speed]) => ({ instanceId, workflow, ...speed })),
    );
  }

  /** What has been learned about one pair; null when nothing has. */
  recordOf(instanceId: InstanceId, workflow: string): SpeedRecord | null {
    const speed = this.#workflows.get(workflow)?.byWorker.get(instanceId);
    return speed === undefined || speed.samples === 0 ? null : { instanceId, workflow, ...speed };
  }

  #of(workflow: string): WorkflowSpeeds {
    const known = this.#workflows.get(workflow);
    if (known !== undefined) return known;
    const speeds: WorkflowSpeeds = { byWorker: new Map(), bases: [], base: null };
    this.#workflows.set(workflow, speeds);
    return speeds;
  }

  #relate(worker: InstanceId, speeds: WorkflowSpeeds, measured: number): void {
    const known = this.#factors.get(worker);
    if (speeds.base !== null) {
      const ratios = known?.ratios ?? [];
      const factor = pushMedian(ratios, measured / speeds.base);
      this.#factors.set(worker, { ratios, factor });
    } else if (known === undefined) {
      this.#factors.set(worker, { ratios: [1], factor: 1 });
    }
    // A worker that was met just now says nothing about the workflow yet: its factor comes from that very base.
    if (known !== undefined || speeds.base === null) {
      speeds.base = pushMedian(speeds.bases, measured / this.factor(worker));
    }
  }
}

function pushMedian(window: number[], value: number): number {
  window.push(value);
  if (window.length > RATIO_WINDOW) window.shift();
  return median(window);
}

/** NaN for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
