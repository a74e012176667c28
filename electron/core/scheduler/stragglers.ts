import { bestFirst } from './choose.ts';
import type { Exclusions } from './exclusions.ts';
import { type Fleet, isOnItsWay, isUsable } from './fleet.ts';
import { allowedWorkers } from './lane-workers.ts';
import { BACKUP_BUDGET, BACKUP_GAIN, MOST_REVOKES, RESCUE_LOOK, REVOKE_GAIN } from './policy-constants.ts';
import type { Copy, Item, Lane, RunState, Worker } from './state.ts';

/** What idle workers can do for works that are bound elsewhere, once nothing waits for them. */

export interface Rescue {
  readonly copy: Copy;
  readonly worker: Worker;
}

interface Late {
  readonly copy: Copy;
  /** ms until it ends where it is, its files at home. */
  readonly remaining: number;
}

/** Second copies of stragglers: each worth it by what is left of the original, within the budget of its run. */
export function findBackups(fleet: Fleet, able: Able, time: number): readonly Rescue[] {
  const idle = bestFirst(fleet, fleet.idle).filter(({ view }) => !view.paid && view.foreignQueue === 0);
  const budgets = new Map<RunState, number>();
  return rescue(fleet, able, { idle, time, wanted: mayBeDoubled, gain: BACKUP_GAIN }, ({ run }, cost) => {
    const left = budgets.get(run) ?? backupBudget(run, time);
    budgets.set(run, left);
    if (cost > left) return false;
    budgets.set(run, left - cost);
    run.backupSeconds += cost;
    return true;
  });
}

/** Prefetched works that an idle worker would end sooner than the one they wait at. */
export function findRevocations(fleet: Fleet, able: Able, time: number): readonly Rescue[] {
  const idle = bestFirst(fleet, fleet.idle).filter(({ view }) => view.foreignQueue === 0);
  return rescue(fleet, able, { idle, time, wanted: mayBeRevoked, gain: 1 + REVOKE_GAIN }, () => true);
}

interface Search {
  readonly idle: readonly Worker[];
  readonly time: number;
  readonly wanted: (copy: Copy, time: number) => boolean;
  /** What is left where it is must be so many times what it takes elsewhere. */
  readonly gain: number;
}

/** @param accept asked last, with the seconds that it takes there */
function rescue(
  fleet: Fleet,
  able: Able,
  { idle, time, wanted, gain }: Search,
  accept: (item: Item, seconds: number) => boolean,
): readonly Rescue[] {
  if (idle.length === 0) return [];
  const free = [...idle];
  const found: Rescue[] = [];
  let refused = 0;
  for (const { copy, remaining } of lateCopies(fleet, time, wanted)) {
    const best = fastest(fleet, free, copy.item, able);
    if (best !== null && remaining > gain * best.cost && accept(copy.item, best.cost / 1000)) {
      free.splice(free.indexOf(best.worker), 1);
      found.push({ copy, worker: best.worker });
    } else {
      refused += 1;
    }
    if (free.length === 0 || refused >= RESCUE_LOOK) break;
  }
  return found;
}

/** Who may compute a work that is placed already, worked out once per kind of work. */
export class Able {
  readonly #known = new Map<string, ReadonlySet<Worker>>();

  constructor(
    private readonly fleet: Fleet,
    private readonly exclusions: Exclusions,
    private readonly laneLike: (item: Item) => Lane,
  ) {}

  of(item: Item): ReadonlySet<Worker> {
    const lane = this.laneLike(item);
    const known = this.#known.get(lane.key);
    if (known !== undefined) return known;
    const allowed = allowedWorkers(lane, this.fleet, this.exclusions);
    this.#known.set(lane.key, allowed);
    return allowed;
  }
}

function mayBeDoubled(copy: Copy): boolean {
  return !copy.ahead && !copy.settled && copy.item.copies.length === 1;
}

/** It waits there, or its files are still being sent. */
function mayBeRevoked(copy: Copy, time: number): boolean {
  const { ahead, startedAt, revoking, settled, backup, item } = copy;
  if (!ahead && !isOnItsWay(copy, time)) return false;
  return startedAt === null && !revoking && !settled && !backup && item.revokes < MOST_REVOKES;
}

/** The latest first. */
function lateCopies(fleet: Fleet, time: number, wanted: Search['wanted']): readonly Late[] {
  const late: Late[] = [];
  for (const worker of fleet.workers) {
    if (!isUsable(worker)) continue;
    for (const copy of worker.copies) {
      if (!wanted(copy, time)) continue;
      const free = copy.ahead ? fleet.freeAt(worker, time) : null;
      const remaining = copy.ahead ? free && free - time : fleet.remaining(copy, time);
      if (remaining !== null) late.push({ copy, remaining: remaining + fleet.fetchMs(worker, copy.item) });
    }
  }
  return late.sort((a, b) => b.remaining - a.remaining);
}

function fastest(
  fleet: Fleet,
  free: readonly Worker[],
  item: Item,
  able: Able,
): { readonly worker: Worker; readonly cost: number } | null {
  const allowed = able.of(item);
  let best: { worker: Worker; cost: number } | null = null;
  let looked = 0;
  for (const worker of free) {
    if (looked >= RESCUE_LOOK) break;
    const run = allowed.has(worker) ? fleet.runMs(worker, item) : null;
    if (run === null) continue;
    looked += 1;
    const setup = fleet.setup(worker, item.work.model) * 1000;
    const cost = fleet.bringMs(worker, item) + setup + run + fleet.fetchMs(worker, item);
    if (best === null || cost < best.cost) best = { worker, cost };
  }
  return best;
}

/** GPU seconds that backup copies of a run may still take. */
function backupBudget(run: RunState, time: number): number {
  let spent = run.computeSeconds;
  for (const { copies } of run.items) {
    for (const copy of copies) {
      if (!copy.backup && copy.startedAt !== null) spent += (time - copy.startedAt) / 1000;
    }
  }
  return BACKUP_BUDGET * spent - run.backupSeconds;
}
