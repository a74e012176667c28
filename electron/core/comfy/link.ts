import type { EnsembleError } from '../../../shared/errors.ts';
import type { LinkState } from '../../../shared/model.ts';

/** A busy server may be late once; nobody listening is a fact at once. */
const TIMEOUTS_UNTIL_DOWN = 2;

/** @param latencyMs of a quick question; negative when the clock was set back meanwhile */
export function afterAnswer(link: LinkState, latencyMs: number, now: number): LinkState {
  const latency = Math.max(0, Math.round(latencyMs));
  if (link.status !== 'up') return { status: 'up', since: now, latencyMs: latency };
  // Noise of a few milliseconds is no news for anybody.
  const change = Math.abs(latency - link.latencyMs);
  return change <= Math.max(20, link.latencyMs / 2) ? link : { ...link, latencyMs: latency };
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
