import {
  BREAKER_CONSECUTIVE,
  BREAKER_FIRST_MS,
  BREAKER_MOST_MS,
  BREAKER_SHARE,
  BREAKER_WINDOW,
} from './policy-constants.ts';

/** Whether an instance that fails gets more work. Pure: time is handed in, ms of a clock that does not run backwards. */
export type Breaker =
  | { readonly kind: 'closed' /** Newest last; true = failed. */; readonly recent: readonly boolean[] }
  | { readonly kind: 'open'; readonly since: number; readonly pauseMs: number }
  /** One job is on trial. */
  | { readonly kind: 'half-open'; readonly pauseMs: number };

export const CLOSED: Breaker = { kind: 'closed', recent: [] };

/** No new job may go there. An open breaker whose pause is over lets one through: tell `onDispatched`. */
export function isOpenAt(breaker: Breaker, now: number): boolean {
  if (breaker.kind === 'closed') return false;
  if (breaker.kind === 'half-open') return true;
  // A clock that was set back must not lengthen the pause.
  return now >= breaker.since && now < breaker.since + breaker.pauseMs;
}

/** When it lets a job through by itself; null when it is not waiting for that. */
export function opensUntil(breaker: Breaker): number | null {
  return breaker.kind === 'open' ? breaker.since + breaker.pauseMs : null;
}

export function onDispatched(breaker: Breaker, now: number): Breaker {
  if (breaker.kind !== 'open' || isOpenAt(breaker, now)) return breaker;
  return { kind: 'half-open', pauseMs: breaker.pauseMs };
}

export function onSuccess(breaker: Breaker): Breaker {
  // A job of before may still end well while it is open; that is no trial.
  if (breaker.kind === 'open') return breaker;
  return breaker.kind === 'half-open' ? CLOSED : { kind: 'closed', recent: push(breaker.recent, false) };
}

export function onFailure(breaker: Breaker, now: number): Breaker {
  if (breaker.kind === 'open') return breaker;
  if (breaker.kind === 'half-open') {
    return { kind: 'open', since: now, pauseMs: Math.min(BREAKER_MOST_MS, breaker.pauseMs * 2) };
  }
  const recent = push(breaker.recent, true);
  return isTooMuch(recent)
    ? { kind: 'open', since: now, pauseMs: BREAKER_FIRST_MS }
    : { kind: 'closed', recent };
}

/** The job on trial ended without saying anything about the instance, e.g. it was cancelled: the next one is on trial. */
export function onInconclusive(breaker: Breaker, now: number): Breaker {
  if (breaker.kind !== 'half-open') return breaker;
  return { kind: 'open', since: now - breaker.pauseMs, pauseMs: breaker.pauseMs };
}

function isTooMuch(recent: readonly boolean[]): boolean {
  const last = recent.slice(-BREAKER_CONSECUTIVE);
  if (last.length === BREAKER_CONSECUTIVE && last.every(Boolean)) return true;
  const failures = recent.filter(Boolean).length;
  return recent.length === BREAKER_WINDOW && failures > BREAKER_SHARE * BREAKER_WINDOW;
}

function push(recent: readonly boolean[], failed: boolean): readonly boolean[] {
  return [...recent, failed].slice(-BREAKER_WINDOW);
}
