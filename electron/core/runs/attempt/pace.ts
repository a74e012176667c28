/** How fast a prompt steps, and when it has stopped. Pure; times are ms. */

const MIN_LIMIT_MS = 30_000;
const MEDIANS = 5;
/** Quiet spans of that length until a sampler counts as wedged: each is followed by a look at the server. */
const SPANS_UNTIL_STALLED = 3;
/** Steps of one node that are remembered. */
const REMEMBERED = 20;

export interface Pace {
  /** The node that reports steps and has some left; null while none does: then there is no limit. */
  readonly nodeId: string | null;
  readonly step: number;
  /** Since the node or its last step began. */
  readonly since: number;
  /** From the beginning of the node to its first step: loading is part of it, so it is only used until there is better. */
  readonly firstMs: number;
  readonly gaps: readonly number[];
}

export function newPace(now: number): Pace {
  return { nodeId: null, step: 0, since: now, firstMs: 0, gaps: [] };
}

/** @param step null when the node reports none */
export function paceAfter(
  pace: Pace,
  nodeId: string,
  step: number | null,
  steps: number | null,
  now: number,
): Pace {
  const stepping = step !== null && steps !== null && step > 0 && step < steps;
  if (!stepping) return newPace(now);
  // A clock that was set back tells nothing.
  const gap = Math.max(0, now - pace.since);
  if (pace.nodeId !== nodeId || step < pace.step) {
    return { nodeId, step, since: now, firstMs: gap, gaps: [] };
  }
  if (step === pace.step) return pace;
  return { ...pace, step, since: now, gaps: [...pace.gaps.slice(1 - REMEMBERED), gap] };
}

/** How long the prompt may be quiet before its server is asked; null = as long as it likes. */
export function quietLimit({ nodeId, gaps, firstMs }: Pace): number | null {
  if (nodeId === null) return null;
  const typical = gaps.length === 0 ? firstMs : median(gaps);
  return Math.max(MIN_LIMIT_MS, MEDIANS * typical);
}

/** The server says that it runs, and there was no step for this long. */
export function isStalled(pace: Pace, quietMs: number): boolean {
  const limit = quietLimit(pace);
  return limit !== null && quietMs >= SPANS_UNTIL_STALLED * limit;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
