import { UNSTABLE_WITHIN_MS } from '../../../shared/condition.ts';
import type { EnsembleError } from '../../../shared/errors.ts';
import type { LinkState } from '../../../shared/model.ts';

/** A busy server may be late once; nobody listening is a fact at once. */
const TIMEOUTS_UNTIL_DOWN = 2;

/** Twice may be a restart with its second thoughts; so often it is the line. */
const UNSTABLE_LOSSES = 3;

/** When a link that was up was lost, ms since the epoch; only what still counts. */
export type Losses = readonly number[];

export function lossesAt(losses: Losses, now: number): Losses {
  // A clock that was set back must not keep them for ever.
  const counting = losses.filter((at) => Math.abs(now - at) < UNSTABLE_WITHIN_MS);
  return counting.length === losses.length ? losses : counting;
}

/**
 * @param latencyMs of a quick question; negative when the clock was set back meanwhile
 * @param losses those that count now
 */
export function afterAnswer(link: LinkState, latencyMs: number, now: number, losses: Losses = []): LinkState {
  const latency = Math.max(0, Math.round(latencyMs));
  const often = losses.length >= UNSTABLE_LOSSES ? { losses: losses.length } : {};
  if (link.status !== 'up') return { status: 'up', since: now, latencyMs: latency, ...often };
  // Noise of a few milliseconds is no news for anybody.
  const change = Math.abs(latency - link.latencyMs);
  const isNoise = change <= Math.max(20, link.latencyMs / 2);
  if (isNoise && link.losses === often.losses) return link;
  return { status: 'up', since: link.since, latencyMs: isNoise ? link.latencyMs : latency, ...often };
}

/** @param failures in a row, this one included */
export function afterFailure(
  link: LinkState,
  failure: EnsembleError,
  failures: number,
  now: number,
): LinkState {
  if (failure.code === 'timeout' && link.status === 'up' && failures < TIMEOUTS_UNTIL_DOWN) return link;
  const reason = failure.message.replace(/\.$/, '');
  return { status: 'down', since: link.status === 'down' ? link.since : now, reason };
}
