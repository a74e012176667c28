import { conditionOf, isUsable } from '../../../shared/condition.ts';
import type { InstanceId, InstanceSnapshot } from '../../../shared/model.ts';
import { isComing } from './selection.ts';

/**
 * Whether the master must step in for a run that waits for workers none of which can compute it now. Pure.
 * @param eligible who may compute its shards now
 * @param unable instances of which it is known that they cannot, with the reason in words
 * @returns the sentence that says why, or null while there is hope or nobody to step in
 */
export function whyStepIn(
  instances: readonly InstanceSnapshot[],
  eligible: readonly InstanceId[],
  unable: ReadonlyMap<InstanceId, string>,
  now: number,
): string | null {
  const master = instances.find(({ role }) => role === 'master');
  if (master === undefined || eligible.includes(master.id) || !isUsable(master)) return null;
  if (unable.has(master.id)) return null;
  const mayCompute = new Set(eligible);
  const workers = instances.filter(({ id }) => mayCompute.has(id));
  const hopeful = workers.some((worker) => !unable.has(worker.id) && (isUsable(worker) || isComing(worker)));
  if (hopeful) return null;
  const reasons = workers.map(
    (worker) => `${worker.name}: ${unable.get(worker.id) ?? conditionOf(worker, now).word}`,
  );
  const who = reasons.length === 0 ? 'its workers are gone' : reasons.join('; ');
  return `No selected worker is usable any more (${who}): the master renders so that your workflow still runs.`;
}
