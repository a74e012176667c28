/**
 * Is a silent server dead? Phi-accrual (Hayashibara 2004, with the logistic approximation that Akka uses): φ grows with the
 * silence, measured in deviations of the gaps between its signs of life; φ = 8 is wrong once in 10⁸. Pure: silence is
 * counted by the caller's own timers, so that neither a clock that jumps nor a suspended machine kills the whole fleet.
 */

export const SUSPECT_PHI = 3;
export const LOST_PHI = 8;

/** Between pings, ms: a LAN answers at once, and a cloud address is paid for by the request. */
export const PING_MS = 1_000;
export const CLOUD_PING_MS = 2_000;

/** Silences that are normal, ms: Python's lock is held for seconds at a time, longest while a model loads. */
export const PAUSE_MS = 3_000;
export const LOADING_PAUSE_MS = 8_000;

const MIN_DEVIATION_MS = 250;
/** Gaps are remembered at the rate of pings: about the last minute. */
const REMEMBERED_GAPS = 60;
/** Our own timers may be this late without the peer being blamed for less silence than there was, ms. */
const TIMER_SLACK_MS = 250;

const SUSPECT_DEVIATIONS = deviationsAt(SUSPECT_PHI);
const LOST_DEVIATIONS = deviationsAt(LOST_PHI);

export type Verdict = 'ok' | 'suspect' | 'lost';

/** What is known of one connection's signs of life. All times ms. */
export interface Pulse {
  readonly pingMs: number;
  readonly silenceMs: number;
  /** Between answers to pings, at most twice the ping period each: longer ones are what the pause is for. */
  readonly gaps: readonly number[];
}

export function newPulse(pingMs: number): Pulse {
  return { pingMs, silenceMs: 0, gaps: [] };
}

/** Any sign of life. */
export function heard(pulse: Pulse): Pulse {
  return pulse.silenceMs === 0 ? pulse : { ...pulse, silenceMs: 0 };
}

/** An answer to a ping, this long after the last one; only these teach how regular the peer is. */
export function answered(pulse: Pulse, gapMs: number | null): Pulse {
  if (gapMs === null || gapMs < 0) return heard(pulse);
  const gaps = [...pulse.gaps.slice(1 - REMEMBERED_GAPS), Math.min(gapMs, 2 * pulse.pingMs)];
  return { ...pulse, silenceMs: 0, gaps };
}

export function silent(pulse: Pulse, passedMs: number): Pulse {
  return { ...pulse, silenceMs: pulse.silenceMs + passedMs };
}

/** @param pauseMs the silence that is normal at this time */
export function phi(pulse: Pulse, pauseMs: number): number {
  const { mean, deviation } = regularity(pulse);
  return phiAt((pulse.silenceMs - mean - pauseMs) / deviation);
}

export function verdictOf(pulse: Pulse, pauseMs: number): Verdict {
  if (pulse.silenceMs >= silenceUntil(pulse, pauseMs, 'lost')) return 'lost';
  return pulse.silenceMs >= silenceUntil(pulse, pauseMs, 'suspect') ? 'suspect' : 'ok';
}

/** After how much silence the verdict becomes this one, ms. */
export function silenceUntil(pulse: Pulse, pauseMs: number, verdict: 'suspect' | 'lost'): number {
  const { mean, deviation } = regularity(pulse);
  const deviations = verdict === 'lost' ? LOST_DEVIATIONS : SUSPECT_DEVIATIONS;
  return mean + pauseMs + deviations * deviation;
}

/**
 * How much time really passed between two looks at the clock that a timer of `expectedMs` was set between.
 * @returns ms; never negative after the clock was set back, never more than expected after a suspend or a jump ahead
 */
export function passed(beforeMs: number, nowMs: number, expectedMs: number): number {
  return Math.min(Math.max(0, nowMs - beforeMs), expectedMs + TIMER_SLACK_MS);
}

function regularity({ gaps, pingMs }: Pulse): { readonly mean: number; readonly deviation: number } {
  if (gaps.length === 0) return { mean: pingMs, deviation: MIN_DEVIATION_MS };
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  return { mean, deviation: Math.max(MIN_DEVIATION_MS, Math.sqrt(variance)) };
}

/** −log10 of the chance that a live peer is silent for so many deviations longer than usual. */
function phiAt(deviations: number): number {
  const e = Math.exp(-deviations * (1.5976 + 0.070566 * deviations * deviations));
  return deviations > 0 ? -Math.log10(e / (1 + e)) : -Math.log10(1 - 1 / (1 + e));
}

function deviationsAt(wanted: number): number {
  let [low, high] = [0, 16];
  for (let round = 0; round < 60; round += 1) {
    const middle = (low + high) / 2;
    if (phiAt(middle) < wanted) low = middle;
    else high = middle;
  }
  return high;
}
