import type { Artifact, RunDetail, RunId, RunSummary, Shard } from '../../shared/runs.ts';

/** The shards and files of one run, fetched once and then kept up with events. Pure. */

/** As many as a fetched detail holds. */
export const MOST_SHARDS = 2000;

export interface RunDetailSync {
  readonly runId: RunId;
  /** False until the detail was fetched for the first time. */
  readonly loaded: boolean;
  /** As it was when fetched: for runs that the list does not reach back to. */
  readonly run: RunSummary | null;
  /** By stage and index. */
  readonly shards: readonly Shard[];
  /** In the order in which they came home. */
  readonly artifacts: readonly Artifact[];
  /** What came by event while the detail is on its way; null while none is asked for. */
  readonly early: Early | null;
}

interface Early {
  readonly shards: readonly Shard[];
  readonly artifacts: readonly Artifact[];
}

const NOTHING_EARLY: Early = { shards: [], artifacts: [] };

export function emptyDetail(runId: RunId): RunDetailSync {
  return { runId, loaded: false, run: null, shards: [], artifacts: [], early: null };
}

/** Called when the detail is asked for, at first and after every reconnection. What is shown stays. */
export function beginDetailFetch(state: RunDetailSync): RunDetailSync {
  return { ...state, early: NOTHING_EARLY };
}

/**
 * Events that came while the detail was on its way win over it: whatever they lack compared to the detail is announced by an
 * event of its own.
 */
export function receiveDetail(state: RunDetailSync, detail: RunDetail): RunDetailSync {
  const { shards, artifacts } = state.early ?? NOTHING_EARLY;
  const fetched: RunDetailSync = {
    runId: state.runId,
    loaded: true,
    run: detail.run,
    shards: [...detail.shards].sort(byPlace),
    artifacts: [...detail.artifacts].sort((left, right) => left.at - right.at),
    early: null,
  };
  return artifacts.reduce(receiveArtifact, receiveShards(fetched, shards));
}

export function receiveShards(state: RunDetailSync, changed: readonly Shard[]): RunDetailSync {
  const own = changed.filter((shard) => shard.runId === state.runId);
  if (own.length === 0) return state;
  const early = state.early && { ...state.early, shards: [...state.early.shards, ...own] };
  const news = new Map(own.map((shard) => [placeOf(shard), shard]));
  const shards = state.shards.map((shard) => {
    const place = placeOf(shard);
    const newer = news.get(place);
    news.delete(place);
    return newer ?? shard;
  });
  const added = [...news.values()].slice(0, Math.max(0, MOST_SHARDS - shards.length));
  return { ...state, early, shards: added.length === 0 ? shards : [...shards, ...added].sort(byPlace) };
}

export function receiveArtifact(state: RunDetailSync, artifact: Artifact): RunDetailSync {
  if (artifact.runId !== state.runId) return state;
  if (state.artifacts.some((known) => known.id === artifact.id)) return state;
  const early = state.early && { ...state.early, artifacts: [...state.early.artifacts, artifact] };
  return { ...state, early, artifacts: [...state.artifacts, artifact] };
}

const placeOf = (shard: Shard): string => `${shard.stage}:${shard.index}`;

function byPlace(left: Shard, right: Shard): number {
  return left.stage - right.stage || left.index - right.index;
}
