import type { InstanceId } from '../../../shared/model.ts';
import { Chooser, type Refusal } from './choose.ts';
import type { World } from './decide.ts';
import { isUsable } from './fleet.ts';
import { allowedWorkers } from './lane-workers.ts';
import type { Item, Lane, Worker } from './state.ts';

export interface SkipReason {
  readonly worker: InstanceId;
  /** One sentence for people. */
  readonly reason: string;
}

const REFUSALS: Readonly<Record<Refusal, string>> = {
  'cold-ahead': 'Computes something else and would have to load another model first.',
  'unknown-ahead': 'Computes something else, and its speed with this workflow is not known yet.',
  'warm-sooner': 'Would have to load the model; others that have it loaded are done sooner.',
  'too-slow': 'Would be done later than the others are with all that is left.',
};

/** Why each worker does not have the work. */
export function explain(world: World, item: Item, lane: Lane, paused: boolean): readonly SkipReason[] {
  for (const other of world.waiting.lanes) allowedWorkers(other, world.fleet, world.exclusions);
  const chooser = new Chooser(world);
  return [...world.fleet.workers].map((worker) => {
    const fixed = whyNever(world, worker, item, lane) ?? (paused ? 'The queue is paused.' : null);
    return { worker: worker.id, reason: fixed ?? whyNotNow(world, chooser, worker, item, lane) };
  });
}

function whyNever({ exclusions }: World, worker: Worker, item: Item, lane: Lane): string | null {
  const { id } = worker;
  if (!lane.eligible.has(id)) return 'Takes no part in this run, or lacks its nodes or models.';
  const barred = item.barred.get(id) ?? exclusions.get(id, lane.workflow)?.reason;
  if (barred !== undefined) return barred;
  if (!isUsable(worker)) return 'Cannot take work now.';
  if (lane.allowed.has(worker)) return null;
  return lane.avoided.includes(id)
    ? 'Lost this part before; others are tried first.'
    : `Waits for ${lane.preferred ?? 'another instance'}.`;
}

function whyNotNow({ waiting }: World, chooser: Chooser, worker: Worker, item: Item, lane: Lane): string {
  const [first] = worker.copies;
  const { foreignQueue } = worker.view;
  if (first?.settled) return 'Is still ending something that is no longer needed.';
  if (worker.copies.length > 1) return 'Computes something else and has the next already.';
  const refusal = chooser.refusal(worker, lane, item, worker.copies.length > 0);
  if (refusal !== null) return REFUSALS[refusal];
  if (first !== undefined) return 'Computes something else.';
  if (foreignQueue > 0) return `Busy with ${foreignQueue} of somebody else's prompts.`;
  return waiting.head(lane) === item ? 'Takes other waiting work first.' : 'Earlier work goes first.';
}
