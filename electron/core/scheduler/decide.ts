import { bestFirst, Chooser } from './choose.ts';
import type { Exclusions } from './exclusions.ts';
import { type Fleet, isUsable } from './fleet.ts';
import { endThere, isEndGame } from './hold.ts';
import { allowedWorkers } from './lane-workers.ts';
import { bind } from './placing.ts';
import { BRING_IGNORED_MS, MOST_HELD } from './policy-constants.ts';
import type { Decision } from './scheduler-types.ts';
import type { Item, Lane, Worker } from './state.ts';
import { Able, findBackups, findRevocations } from './stragglers.ts';
import type { Waiting } from './waiting.ts';

export interface World {
  readonly fleet: Fleet;
  readonly waiting: Waiting;
  readonly exclusions: Exclusions;
  readonly time: number;
}

/** All that can be decided now: idle workers first, then one work ahead for busy ones, then help for late works. */
export function decideAll(world: World): readonly Decision[] {
  const { fleet, waiting, exclusions } = world;
  const decisions: Decision[] = [];
  if (waiting.count > 0) {
    for (const lane of waiting.lanes) allowedWorkers(lane, fleet, exclusions);
    const chooser = new Chooser(world);
    giveToIdle(world, chooser, decisions);
    giveAhead(world, chooser, decisions);
    unblock(world, decisions);
  }
  if (fleet.idle.size > 0 && !areHeldBack(world)) rescueLate(world, decisions);
  return decisions;
}

function giveToIdle(world: World, chooser: Chooser, decisions: Decision[]): void {
  const { fleet, waiting } = world;
  const idle = waiting.laneCount === 1 ? earliestFirst(world) : bestFirst(fleet, fleet.idle);
  for (const worker of idle) {
    if (waiting.count === 0) return;
    const placed = give(world, chooser, worker, decisions);
    // Where the earliest is held back, those who would end later are as well.
    if (!placed && waiting.laneCount === 1 && isEndGame(fleet, waiting)) return;
  }
}

/** One kind of work waits: whoever would end it first comes first, and who is not known yet before all. */
function earliestFirst({ fleet, waiting, time }: World): readonly Worker[] {
  const [lane] = waiting.lanes;
  const item = lane === undefined ? null : waiting.head(lane);
  if (lane === undefined || item === null || fleet.idle.size === 0) return [];
  const ends: { readonly worker: Worker; readonly end: number }[] = [];
  for (const worker of fleet.idle) {
    if (!lane.allowed.has(worker)) continue;
    ends.push({ worker, end: endThere(fleet, worker, item, time) ?? unknownEnd(fleet, worker, item, time) });
  }
  ends.sort((a, b) => a.worker.view.foreignQueue - b.worker.view.foreignQueue || a.end - b.end);
  return ends.map(({ worker }) => worker);
}

/** Whoever is not known yet comes first, unless files have to get there before. */
function unknownEnd(fleet: Fleet, worker: Worker, item: Item, time: number): number {
  const bring = fleet.bringMs(worker, item);
  return bring < BRING_IGNORED_MS ? 0 : time + bring;
}

function giveAhead(world: World, chooser: Chooser, decisions: Decision[]): void {
  const { fleet, waiting } = world;
  for (const worker of [...fleet.ready]) {
    // With less than one work per worker left, whoever is free first should have it.
    if (waiting.count < fleet.usable) return;
    fleet.ready.delete(worker);
    if (isUsable(worker) && worker.copies.length === 1) give(world, chooser, worker, decisions);
  }
}

/** @returns whether it got something */
function give(world: World, chooser: Chooser, worker: Worker, decisions: Decision[]): boolean {
  const { waiting } = world;
  const behind = worker.copies.length > 0;
  const lane = chooser.choose(worker, behind);
  const item = lane === null ? null : waiting.take(lane);
  if (item === null) return false;
  place(world, item, worker, decisions);
  return true;
}

/** What idle workers were kept from for too long, or what nobody is busy with to wait for, goes to the best of them. */
function unblock(world: World, decisions: Decision[]): void {
  const { fleet, waiting, time } = world;
  for (const lane of [...waiting.lanes]) {
    const item = waiting.head(lane);
    const best = item === null ? null : bestIdle(world, lane, item);
    if (item === null || best === null) continue;
    lane.heldSince ??= time;
    const setup = fleet.setup(best, lane.model) * 1000 + fleet.bringMs(best, item);
    const patience = MOST_HELD * (setup + (fleet.runMs(best, item) ?? 0));
    const waitsForSomebody = [...lane.allowed].some(({ copies }) => copies.length > 0);
    if (waitsForSomebody && time - lane.heldSince < patience) continue;
    waiting.take(lane);
    place(world, item, best, decisions);
  }
}

function bestIdle({ fleet, time }: World, lane: Lane, item: Item): Worker | null {
  let best: Worker | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const worker of fleet.idle) {
    const end = lane.allowed.has(worker) ? (endThere(fleet, worker, item, time) ?? time) : null;
    if (end === null || end >= least) continue;
    best = worker;
    least = end;
  }
  return best;
}

function place({ fleet, time }: World, item: Item, worker: Worker, decisions: Decision[]): void {
  // Behind somebody else's prompts it can be taken back as well.
  const ahead = worker.copies.length > 0 || worker.view.foreignQueue > 0;
  bind(fleet, item, worker, { ahead, backup: false, time });
  decisions.push({ kind: 'dispatch', work: item.work.id, worker: worker.id, ahead, backup: false });
}

/** The idle ones are too slow for what waits, and so for what is bound elsewhere. */
function areHeldBack({ fleet, waiting }: World): boolean {
  const [lane] = waiting.lanes;
  if (lane === undefined || waiting.laneCount > 1) return false;
  for (const worker of fleet.idle) if (!lane.allowed.has(worker)) return false;
  return true;
}

function rescueLate(world: World, decisions: Decision[]): void {
  const { fleet, waiting, exclusions, time } = world;
  const able = new Able(fleet, exclusions, (item) => waiting.laneLike(item));
  for (const { copy } of findRevocations(fleet, able, time)) {
    copy.revoking = true;
    decisions.push({ kind: 'revoke', work: copy.item.work.id, worker: copy.worker.id });
  }
  if (waiting.count > 0) return;
  for (const { copy, worker } of findBackups(fleet, able, time)) {
    bind(fleet, copy.item, worker, { ahead: false, backup: true, time });
    decisions.push({
      kind: 'dispatch',
      work: copy.item.work.id,
      worker: worker.id,
      ahead: false,
      backup: true,
    });
  }
}
