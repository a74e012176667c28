import type { Fleet } from './fleet.ts';
import {
  BRING_IGNORED_MS,
  END_GAME_PER_WORKER,
  EVICTION_PRICE,
  PACE_MARGIN,
  PLAN_BUDGET,
  RECHECK_MS,
} from './policy-constants.ts';
import type { Item, Lane, Worker } from './state.ts';
import type { Waiting } from './waiting.ts';

/**
 * When a worker would have done the first of a lane, its files at home; null while its speed is unknown. ms. A load that
 * drives out another model counts several times, because that one will be wanted again: the same for all, so that not
 * everybody waits.
 */
export function endThere(fleet: Fleet, worker: Worker, item: Item, time: number): number | null {
  const run = fleet.runMs(worker, item);
  const start = run === null ? null : startThere(fleet, worker, item, time);
  return run === null || start === null ? null : start + run + fleet.fetchMs(worker, item);
}

function startThere(fleet: Fleet, worker: Worker, item: Item, time: number): number | null {
  const free = fleet.freeAt(worker, time);
  if (free === null) return null;
  // Files are sent while it computes something else.
  const begin = Math.max(free, time + fleet.bringMs(worker, item));
  const { work } = item;
  if (work.model === null) return begin;
  const drivesOut = worker.resident.length >= worker.capacity;
  return begin + fleet.setup(worker, work.model) * 1000 * (drivesOut ? EVICTION_PRICE : 1);
}

/** Whether `others` end `count` works like `item`, one after the other, strictly before `end`. */
function endBefore(
  fleet: Fleet,
  others: Iterable<Worker>,
  worker: Worker,
  { item, end, count, time }: { item: Item; end: number; count: number; time: number },
): boolean {
  let ended = 0;
  for (const other of others) {
    if (other === worker) continue;
    const start = startThere(fleet, other, item, time);
    if (start === null || start >= end) continue;
    const run = fleet.runMs(other, item);
    const computed = end - fleet.fetchMs(other, item);
    if (run === null || start + run >= computed) continue;
    ended += Math.ceil((computed - start) / run - 1e-9) - 1;
    if (ended >= count) return true;
  }
  return false;
}

/** Wait for warm: a model is not loaded when those that have it end all its works before this worker ends one. */
export function warmIsSooner(
  { fleet, waiting }: { readonly fleet: Fleet; readonly waiting: Waiting },
  worker: Worker,
  item: Item,
  allowed: ReadonlySet<Worker>,
  time: number,
): boolean {
  const { model } = item.work;
  if (model === null || worker.resident.includes(model)) return false;
  const holders = [...fleet.holders(model)].filter((holder) => allowed.has(holder));
  if (holders.length === 0) return false;
  const end = endThere(fleet, worker, item, time);
  if (end === null) return false;
  return endBefore(fleet, holders, worker, { item, end, count: waiting.ofModel(model), time });
}

/**
 * Wait for near: files are not sent over a slow line when those who have them, or get them sooner, end all works of the
 * lane before this worker ends one.
 */
export function nearIsSooner(fleet: Fleet, worker: Worker, item: Item, lane: Lane, time: number): boolean {
  const bring = fleet.bringMs(worker, item);
  if (bring < BRING_IGNORED_MS) return false;
  const near: Worker[] = [];
  for (const other of lane.allowed) if (fleet.bringMs(other, item) < bring) near.push(other);
  if (near.length === 0) return false;
  // However fast it computes: before they are there it cannot begin.
  const end = endThere(fleet, worker, item, time) ?? time + bring;
  return endBefore(fleet, near, worker, { item, end, count: lane.count, time });
}

/** One kind of work is left: whether the others end all of it before this worker ends one. */
export function othersEndAll(fleet: Fleet, worker: Worker, item: Item, lane: Lane, time: number): boolean {
  const end = endThere(fleet, worker, item, time);
  if (end === null) return false;
  // All of them together, never loading and never idle, would not manage: no need to ask each of a thousand.
  if ((end - time) * paceOf(fleet, lane, item, time) < lane.count) return false;
  return endBefore(fleet, lane.allowed, worker, { item, end, count: lane.count, time });
}

/** Works per ms of all who may compute the lane, rounded up; looked at anew now and then. */
function paceOf(fleet: Fleet, lane: Lane, item: Item, time: number): number {
  if (lane.pace !== null && lane.pace.epoch === fleet.epoch && time - lane.pace.at < RECHECK_MS) {
    return lane.pace.value;
  }
  let value = 0;
  for (const worker of lane.allowed) value += 1 / (fleet.runMs(worker, item) ?? Number.POSITIVE_INFINITY);
  lane.pace = { value: value * PACE_MARGIN, at: time, epoch: fleet.epoch };
  return lane.pace.value;
}

export function isEndGame(fleet: Fleet, waiting: Waiting): boolean {
  return waiting.count <= END_GAME_PER_WORKER * fleet.usable;
}

export function canPlan(fleet: Fleet, waiting: Waiting): boolean {
  return isEndGame(fleet, waiting) && waiting.count * fleet.usable <= PLAN_BUDGET;
}

export interface PlannedEnd {
  readonly item: Item;
  readonly worker: Worker;
  readonly end: number;
}

interface Slot {
  readonly worker: Worker;
  free: number;
  model: string | null;
  /** What the plan has brought there. */
  inputs: Item['work']['inputs'] | null;
}

/** Greedy earliest completion: every work in order goes to whoever would end it first. Unknown speeds are left out. */
export function planEarliest(fleet: Fleet, items: readonly Item[], time: number): readonly PlannedEnd[] {
  const slots = new Map<Worker, Slot>();
  for (const worker of fleet.workers) {
    const free = fleet.freeAt(worker, time);
    if (free !== null) slots.set(worker, { worker, free, model: null, inputs: null });
  }
  const plan: PlannedEnd[] = [];
  for (const item of items) {
    const best = earliest(fleet, item, slots, time);
    if (best === null) continue;
    best.slot.free = best.free;
    best.slot.model = item.work.model;
    best.slot.inputs = item.work.inputs;
    plan.push({ item, worker: best.slot.worker, end: best.end });
  }
  return plan;
}

function earliest(
  fleet: Fleet,
  item: Item,
  slots: ReadonlyMap<Worker, Slot>,
  time: number,
): { readonly slot: Slot; readonly free: number; readonly end: number } | null {
  let best: { slot: Slot; free: number; end: number } | null = null;
  for (const worker of item.lane?.allowed ?? []) {
    const slot = slots.get(worker);
    const run = fleet.runMs(worker, item);
    if (slot === undefined || run === null) continue;
    const bring = slot.inputs === item.work.inputs ? 0 : fleet.bringMs(worker, item);
    const begin = Math.max(slot.free, time + bring);
    const free = begin + setupThen(fleet, slot, item.work.model) * 1000 + run;
    const end = free + fleet.fetchMs(worker, item);
    if (best === null || end < best.end) best = { slot, free, end };
  }
  return best;
}

function setupThen(fleet: Fleet, { worker, model }: Slot, wanted: string | null): number {
  if (wanted === null || model === wanted) return 0;
  // Once the plan loads something else there, only what was seen to stay beside it is still warm.
  if (model !== null && worker.capacity === 1) return fleet.loads.seconds(worker.id, wanted);
  return fleet.setup(worker, wanted);
}
