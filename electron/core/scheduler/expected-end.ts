import type { World } from './decide.ts';
import { canPlan, planEarliest } from './hold.ts';
import { allowedWorkers } from './lane-workers.ts';
import type { Lane, RunState } from './state.ts';

/** When a run will be done if nothing else happens: planned for a short queue, by the fleet's pace for a long one. */
export function expectedEnd(world: World, run: RunState): number | null {
  const { fleet, waiting, exclusions, time } = world;
  for (const lane of waiting.lanes) allowedWorkers(lane, fleet, exclusions);
  const placed = endOfPlaced(world, run);
  if (placed === null) return null;
  let waits = 0;
  for (const { lane } of run.items) if (lane !== null) waits += 1;
  if (waits === 0) return placed;
  if (!canPlan(fleet, waiting)) {
    const pace = endAtPace(world, run);
    return pace === null ? null : Math.max(placed, pace);
  }
  const ends = planEarliest(fleet, waiting.sorted(), time).filter(({ item }) => item.run === run);
  return ends.length < waits ? null : Math.max(placed, ...ends.map(({ end }) => end));
}

/** The first copy of each work counts; null when one of them is unknown. */
function endOfPlaced({ fleet, time }: World, run: RunState): number | null {
  let last = time;
  for (const { copies } of run.items) {
    const ends = copies.map((copy) => {
      const left = copy.ahead ? null : fleet.remaining(copy, time);
      const computed = left === null ? fleet.freeAt(copy.worker, time) : time + left;
      return computed === null ? null : computed + fleet.fetchMs(copy.worker, copy.item);
    });
    const known = ends.filter((end) => end !== null);
    if (ends.length > 0 && known.length === 0) return null;
    if (known.length > 0) last = Math.max(last, Math.min(...known));
  }
  return last;
}

/** Everything up to the run's last work, at the joint speed of those who may compute it. */
function endAtPace({ fleet, waiting, time }: World, run: RunState): number | null {
  let last = Number.NEGATIVE_INFINITY;
  for (const { lane, position } of run.items) if (lane !== null) last = Math.max(last, position);
  let seconds = 0;
  for (const lane of waiting.lanes) {
    let units = 0;
    for (const item of lane.heap.values) {
      if (item.lane === lane && item.position <= last) units += item.work.units;
    }
    if (units === 0) continue;
    const pace = unitsPerSecond(fleet, lane);
    if (pace === 0) return null;
    seconds += units / pace;
  }
  return time + seconds * 1000;
}

function unitsPerSecond(fleet: World['fleet'], lane: Lane): number {
  let pace = 0;
  for (const { id } of lane.allowed)
    pace += 1 / (fleet.speeds.secondsPerUnit(id, lane.workflow) ?? Number.POSITIVE_INFINITY);
  return pace;
}
