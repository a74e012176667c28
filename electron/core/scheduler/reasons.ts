import type { InstanceId } from '../../../shared/model.ts';
import { Chooser, type Refusal } from './choose.ts';
import type { World } from './decide.ts';
import { isUsable } from './fleet.ts';
import { allowedWorkers } from './lane-workers.ts';
import type { Item, Lane, Worker } from './state.ts';

/**
 * apart: has no part in it; barred: cannot compute it; avoided: lost it before; aside: another one is waited for;
 * busy: would take it once it is free; held: is free, but others are done sooner; behind: other work goes first.
 */
export type SkipKind =
  | 'apart'
  | 'barred'
  | 'unusable'
  | 'avoided'
  | 'aside'
  | 'busy'
  | 'held'
  | 'behind'
  | 'paused';

export interface SkipReason {
  readonly worker: InstanceId;
  readonly kind: SkipKind;
  /** One sentence for people. */
  readonly reason: string;
}

type Why = Omit<SkipReason, 'worker'>;

const REFUSALS: Readonly<Record<Refusal, string>> = {
  'cold-ahead': 'Computes something else and would have to load another model first.',
  'unknown-ahead': 'Computes something else, and its speed with this workflow is not known yet.',
  'warm-sooner': 'Would have to load the model; others that have it loaded are done sooner.',
  'near-sooner':
    'Would first have to be sent its files; others that have them, or get them sooner, are done sooner.',
  'too-slow': 'Would be done later than the others are with all that is left.',
};
const PAUSED: Why = { kind: 'paused', reason: 'The queue is paused.' };

/** Why each worker does not have the work. */
export function explain(world: World, item: Item, lane: Lane, paused: boolean): readonly SkipReason[] {
  for (const other of world.waiting.lanes) allowedWorkers(other, world.fleet, world.exclusions);
  const chooser = new Chooser(world);
  return [...world.fleet.workers].map((worker) => {
    const fixed = whyNever(world, worker, item, lane) ?? (paused ? PAUSED : null);
    return { worker: worker.id, ...(fixed ?? whyNotNow(world, chooser, worker, item, lane)) };
  });
}

function whyNever({ exclusions }: World, worker: Worker, item: Item, lane: Lane): Why | null {
  const { id } = worker;
  if (!lane.eligible.has(id)) {
    return { kind: 'apart', reason: 'Takes no part in this run, or lacks its nodes or models.' };
  }
  const barred = item.barred.get(id) ?? exclusions.get(id, lane.workflow)?.reason;
  if (barred !== undefined) return { kind: 'barred', reason: barred };
  if (!isUsable(worker)) return { kind: 'unusable', reason: 'Cannot take work now.' };
  if (lane.allowed.has(worker)) return null;
  return lane.avoided.includes(id)
    ? { kind: 'avoided', reason: 'Lost this part before; others are tried first.' }
    : { kind: 'aside', reason: `Waits for ${lane.preferred ?? 'another instance'}.` };
}

function whyNotNow({ waiting }: World, chooser: Chooser, worker: Worker, item: Item, lane: Lane): Why {
  const [first] = worker.copies;
  const { foreignQueue } = worker.view;
  if (first?.settled) return busy('Is still ending something that is no longer needed.');
  if (worker.copies.length > 1) return busy('Computes something else and has the next already.');
  const refusal = chooser.refusal(worker, lane, item, worker.copies.length > 0);
  if (refusal !== null) return { kind: first === undefined ? 'held' : 'busy', reason: REFUSALS[refusal] };
  if (first !== undefined) return busy('Computes something else.');
  if (foreignQueue > 0) return busy(`Is busy with ${foreignQueue} of somebody else's prompts.`);
  const reason = waiting.head(lane) === item ? 'Takes other waiting work first.' : 'Earlier work goes first.';
  return { kind: 'behind', reason };
}

function busy(reason: string): Why {
  return { kind: 'busy', reason };
}
