import { decideRestart, type RestartDecision, type RestartTiming } from '../supervisor/restart-policy.ts';
import type { TunnelDeath } from './output.ts';

/** A line that is gone comes back within minutes; longer than that a person should know. */
export const TUNNEL_TIMING: RestartTiming = {
  baseMs: 1_000,
  mostMs: 60_000,
  stableMs: 60_000,
  mostRestarts: 8,
  mostStarts: 5,
};

/** Cloudflare counts requests: to ask again at once makes it worse. */
const PATIENT: RestartTiming = { ...TUNNEL_TIMING, baseMs: 60_000, mostMs: 600_000 };
const LEAST_PATIENCE_MS = 30_000;

/**
 * Full jitter, and an end to it.
 * @param readyMs how long it had been up; null when it never was
 * @param restarts automatic ones already made in a row
 */
export function decideRetry(
  death: TunnelDeath,
  readyMs: number | null,
  restarts: number,
  random: number,
  timing: RestartTiming = TUNNEL_TIMING,
): RestartDecision {
  const isPatient = death.retry === 'later';
  const decision = decideRestart(
    { cause: death.retry === 'never' ? 'bad-argument' : 'unknown', readyMs, restarts },
    death.retry !== 'never',
    random,
    isPatient ? PATIENT : timing,
  );
  if (!isPatient || decision.kind === 'give-up') return decision;
  return { ...decision, delayMs: decision.delayMs + LEAST_PATIENCE_MS };
}
