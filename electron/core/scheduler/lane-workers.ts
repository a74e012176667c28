import type { Exclusions } from './exclusions.ts';
import { type Fleet, isUsable } from './fleet.ts';
import type { Lane, Worker } from './state.ts';

/**
 * Who may compute the works of a lane now. The preferred one alone while it can; those that lost the work before only when
 * nobody else is left. Worked out once per change of the fleet.
 */
export function allowedWorkers(lane: Lane, fleet: Fleet, exclusions: Exclusions): ReadonlySet<Worker> {
  if (lane.epoch === fleet.epoch) return lane.allowed;
  const able: Worker[] = [];
  for (const id of lane.eligible) {
    const worker = fleet.get(id);
    if (worker !== null && isAble(worker, lane, exclusions)) able.push(worker);
  }
  const preferred = able.find((worker) => worker.id === lane.preferred);
  const fresh = lane.avoided.length === 0 ? able : able.filter(({ id }) => !lane.avoided.includes(id));
  lane.allowed = new Set(preferred !== undefined ? [preferred] : fresh.length > 0 ? fresh : able);
  lane.epoch = fleet.epoch;
  return lane.allowed;
}

function isAble(worker: Worker, lane: Lane, exclusions: Exclusions): boolean {
  if (!isUsable(worker) || lane.barred.includes(worker.id)) return false;
  return exclusions.get(worker.id, lane.workflow) === null;
}
