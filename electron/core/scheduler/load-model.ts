import type { InstanceId } from '../../../shared/model.ts';
import {
  MOST_RESIDENT,
  SPEED_WEIGHT,
  UNKNOWN_LOAD_SECONDS,
  WARM_PROVEN,
  WARM_REFUTED,
} from './policy-constants.ts';
import { median } from './speed-model.ts';

/** Seconds that each worker takes to load each model. An unseen pair takes what others take, else a usual time. */
export class LoadModel {
  readonly #models = new Map<string, Map<InstanceId, number>>();
  readonly #typical = new Map<string, number>();

  /** Seconds; never null, because a model's first load must be weighed too. */
  seconds(worker: InstanceId, model: string): number {
    return this.#models.get(model)?.get(worker) ?? this.#typical.get(model) ?? UNKNOWN_LOAD_SECONDS;
  }

  known(worker: InstanceId, model: string): number | null {
    return this.#models.get(model)?.get(worker) ?? null;
  }

  observe(worker: InstanceId, model: string, seconds: number): void {
    if (!(seconds >= 0 && Number.isFinite(seconds))) return;
    const workers = this.#models.get(model) ?? new Map<InstanceId, number>();
    this.#models.set(model, workers);
    const known = workers.get(worker);
    workers.set(worker, known === undefined ? seconds : known + SPEED_WEIGHT * (seconds - known));
    this.#typical.set(model, median([...workers.values()]));
  }
}

export interface Residency {
  /** Models on the worker, the one used last at the end. */
  readonly resident: readonly string[];
  /** How many it has been seen to keep. */
  readonly capacity: number;
}

/** What is there after `model` was used: the least recently used ones give way. */
export function afterUse({ resident, capacity }: Residency, model: string | null): readonly string[] {
  if (model === null || resident.at(-1) === model) return resident;
  const others = resident.filter((other) => other !== model);
  return [...others, model].slice(-MOST_RESIDENT).slice(-capacity);
}

/**
 * What a measured load says about how many models the worker keeps.
 * @param before models believed there when the load began @param usual seconds that a load takes there, null when unknown
 */
export function provenCapacity(
  before: readonly string[],
  capacity: number,
  model: string,
  loadSeconds: number,
  usual: number | null,
): number {
  if (usual === null || usual <= 0) return capacity;
  const index = before.indexOf(model);
  if (index < 0 && loadSeconds < WARM_PROVEN * usual) return Math.min(MOST_RESIDENT, capacity + 1);
  // The model used last stays whatever else happens: a slow start there is no eviction.
  const behind = before.length - index;
  if (index >= 0 && behind > 1 && loadSeconds > WARM_REFUTED * usual) return Math.max(1, behind - 1);
  return capacity;
}
