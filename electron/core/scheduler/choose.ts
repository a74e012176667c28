import { type Fleet, isUsable } from './fleet.ts';
import { isEndGame, nearIsSooner, othersEndAll, warmIsSooner } from './hold.ts';
import { AGE_CAP_FACTOR, AGE_WEIGHT } from './policy-constants.ts';
import type { Item, Lane, Worker } from './state.ts';
import type { Waiting } from './waiting.ts';

export interface Situation {
  readonly fleet: Fleet;
  readonly waiting: Waiting;
  readonly time: number;
}

/** Why a lane is not taken by a worker although it could compute it. */
export type Refusal = 'cold-ahead' | 'warm-sooner' | 'near-sooner' | 'too-slow' | 'unknown-ahead';

interface Candidate {
  readonly lane: Lane;
  readonly item: Item;
  readonly score: number;
}

/** What a worker does next. */
export class Chooser {
  constructor(private readonly situation: Situation) {}

  /** The lane whose first work the worker should take, or null to leave it as it is. @param ahead behind what runs there */
  choose(worker: Worker, ahead: boolean): Lane | null {
    const candidates = this.#candidates(worker);
    if (candidates.length > 1)
      candidates.sort((a, b) => a.score - b.score || a.item.position - b.item.position);
    for (const { lane, item } of candidates) {
      if (this.refusal(worker, lane, item, ahead) === null) return lane;
    }
    return null;
  }

  refusal(worker: Worker, lane: Lane, item: Item, ahead: boolean): Refusal | null {
    const { fleet, waiting, time } = this.situation;
    if (ahead) {
      // Bound early is bound badly: only what costs no load, and never to a worker of unknown speed.
      if (fleet.setup(worker, lane.model) > 0) return 'cold-ahead';
      if (fleet.runMs(worker, item) === null && isEndGame(fleet, waiting)) return 'unknown-ahead';
    }
    if (warmIsSooner(this.situation, worker, item, lane.allowed, time)) return 'warm-sooner';
    if (nearIsSooner(fleet, worker, item, lane, time)) return 'near-sooner';
    if (!isEndGame(fleet, waiting) || lane.allowed.size < 2) return null;
    if (waiting.laneCount > 1) return null;
    return othersEndAll(fleet, worker, item, lane, time) ? 'too-slow' : null;
  }

  #candidates(worker: Worker): Candidate[] {
    const { fleet, waiting, time } = this.situation;
    let candidates: Candidate[] = [];
    let anyOverdue = false;
    for (const lane of waiting.lanes) {
      const item = lane.allowed.has(worker) ? waiting.head(lane) : null;
      if (item === null) continue;
      const age = Math.max(0, time - item.run.since) / 1000;
      const setup = fleet.setup(worker, lane.model);
      const bring = fleet.bringMs(worker, item) / 1000;
      const cap = AGE_CAP_FACTOR * (setup + bring + (fleet.runMs(worker, item) ?? 0) / 1000);
      const overdue = cap > 0 && age > cap;
      if (overdue && !anyOverdue) candidates = [];
      anyOverdue ||= overdue;
      if (anyOverdue && !overdue) continue;
      const cost = setup / this.#sharers(lane.model) + bring;
      candidates.push({ lane, item, score: cost - AGE_WEIGHT * age });
    }
    return candidates;
  }

  /** Works that share the cost of a load: those that wait for the model, among those that have it and this one. */
  #sharers(model: string | null): number {
    if (model === null) return 1;
    const { fleet, waiting } = this.situation;
    return Math.max(1, waiting.ofModel(model) / (1 + fleet.holders(model).size));
  }
}

/** The fastest first, those that somebody else uses last. */
export function bestFirst(fleet: Fleet, workers: Iterable<Worker>): readonly Worker[] {
  return [...workers]
    .filter(isUsable)
    .map((worker) => ({ worker, foreign: worker.view.foreignQueue, factor: fleet.speeds.factor(worker.id) }))
    .sort((a, b) => a.foreign - b.foreign || a.factor - b.factor)
    .map(({ worker }) => worker);
}
