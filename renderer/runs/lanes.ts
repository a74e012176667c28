import type { InstanceId } from '../../shared/model.ts';
import type { Attempt, Shard } from '../../shared/runs.ts';

/** The attempts of a run as lanes, one per participant, in a small Gantt. Pure. */

export type SegmentKind = 'wait' | 'load' | 'sample' | 'fetch';

export interface Segment {
  readonly kind: SegmentKind;
  /** 0..1 of the time shown. */
  readonly from: number;
  readonly to: number;
  readonly backup: boolean;
}

/** Where an attempt ended without a result. */
export interface Mark {
  readonly id: string;
  /** 0..1 of the time shown. */
  readonly at: number;
  readonly outcome: 'lost' | 'failed' | 'cancelled' | 'superseded';
  readonly words: string;
}

export interface Lane {
  readonly instanceId: InstanceId;
  readonly name: string;
  readonly segments: readonly Segment[];
  readonly marks: readonly Mark[];
  /** The attempt that runs there now. */
  readonly current: Shard | null;
  readonly done: number;
  readonly lost: number;
  readonly failed: number;
}

export interface TimeRange {
  /** ms since the epoch */
  readonly from: number;
  readonly to: number;
}

/** From the first dispatch to the end, or to now while it runs; null while nothing was dispatched. */
export function rangeOf(shards: readonly Shard[], now: number): TimeRange | null {
  let from = Number.POSITIVE_INFINITY;
  let to = 0;
  for (const { attempts } of shards) {
    for (const attempt of attempts) {
      from = Math.min(from, attempt.dispatchedAt);
      to = Math.max(to, attempt.endedAt ?? now);
    }
  }
  return Number.isFinite(from) ? { from, to: Math.max(to, from + 1000) } : null;
}

/** The parts of one attempt; what has not come yet lasts until now. */
export function segmentsOf(attempt: Attempt, range: TimeRange, now: number): readonly Segment[] {
  const end = attempt.endedAt ?? now;
  const share = (at: number): number => clamp((at - range.from) / (range.to - range.from));
  const points: readonly (readonly [SegmentKind, number | null])[] = [
    ['wait', attempt.dispatchedAt],
    ['load', attempt.startedAt],
    // A workflow without a sampler has no first step: all of it counts as its work.
    ['sample', attempt.sampledAt ?? (attempt.fetchedAt === null ? null : attempt.startedAt)],
    ['fetch', attempt.fetchedAt],
  ];
  const known = points.filter((point): point is readonly [SegmentKind, number] => point[1] !== null);
  return known
    .map(([kind, at], index) => ({
      kind,
      from: share(at),
      to: share(known[index + 1]?.[1] ?? end),
      backup: attempt.backup,
    }))
    .filter((segment) => segment.to > segment.from);
}

/** Lanes in the order in which their participants were first sent something. */
export function lanesOf(shards: readonly Shard[], range: TimeRange, now: number): readonly Lane[] {
  const lanes = new Map<InstanceId, MutableLane>();
  const attempts = shards.flatMap((shard) => shard.attempts.map((attempt) => ({ attempt, shard })));
  attempts.sort((left, right) => left.attempt.dispatchedAt - right.attempt.dispatchedAt);
  for (const { attempt, shard } of attempts) {
    const lane = lanes.get(attempt.instanceId) ?? newLane(attempt);
    lanes.set(attempt.instanceId, lane);
    lane.segments.push(...segmentsOf(attempt, range, now));
    addOutcome(lane, attempt, shard, range);
  }
  return [...lanes.values()];
}

interface MutableLane extends Lane {
  readonly segments: Segment[];
  readonly marks: Mark[];
  current: Shard | null;
  done: number;
  lost: number;
  failed: number;
}

function newLane(attempt: Attempt): MutableLane {
  return {
    instanceId: attempt.instanceId,
    name: attempt.instanceName,
    segments: [],
    marks: [],
    current: null,
    done: 0,
    lost: 0,
    failed: 0,
  };
}

function addOutcome(lane: MutableLane, attempt: Attempt, shard: Shard, range: TimeRange): void {
  const { outcome } = attempt;
  if (outcome === 'running') {
    // One runs while the next one may wait behind it: the first in line is shown.
    if (lane.current === null || lane.current.status !== 'running') lane.current = shard;
    return;
  }
  if (outcome === 'done') {
    lane.done += 1;
    return;
  }
  if (outcome === 'lost') lane.lost += 1;
  if (outcome === 'failed') lane.failed += 1;
  const at = clamp(((attempt.endedAt ?? range.to) - range.from) / (range.to - range.from));
  const reason = attempt.reason === null ? '' : `: ${attempt.reason}`;
  lane.marks.push({ id: attempt.id, at, outcome, words: `Shard ${shard.index} ${outcome}${reason}` });
}

/** One path for all segments of a kind, in a box WIDTH wide and 1 high: 2,000 of them cost one element. */
export const LANE_WIDTH = 1000;

export function lanePath(segments: readonly Segment[], kind: SegmentKind, backup: boolean | null): string {
  let path = '';
  for (const segment of segments) {
    if (segment.kind !== kind || (backup !== null && segment.backup !== backup)) continue;
    const left = (segment.from * LANE_WIDTH).toFixed(1);
    const right = (segment.to * LANE_WIDTH).toFixed(1);
    path += `M${left} 0H${right}V1H${left}Z`;
  }
  return path;
}

/** "7 done, 1 lost"; what the picture shows, for whoever cannot see it. */
export function laneWords(lane: Lane): string {
  const parts = [
    `${lane.done} done`,
    ...(lane.lost > 0 ? [`${lane.lost} lost`] : []),
    ...(lane.failed > 0 ? [`${lane.failed} failed`] : []),
    ...(lane.segments.some((segment) => segment.backup) ? ['with backup copies'] : []),
  ];
  return parts.join(', ');
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
