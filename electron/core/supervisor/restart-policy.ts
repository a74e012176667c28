import type { DeathCause } from '../../../shared/lifecycle.ts';

/** What an automatic restart depends on; pure, with time and chance handed in. */
export interface RestartTiming {
  /** Ceiling of the first delay, ms; doubles with every further restart. */
  readonly baseMs: number;
  readonly mostMs: number;
  /** A run that was ready for so long wipes the slate clean, ms. */
  readonly stableMs: number;
  /** Restarts in a row, without a stable run in between, after which the breaker opens. */
  readonly mostRestarts: number;
  /** The same while it has not once become ready: such a start rarely mends itself. */
  readonly mostStarts: number;
}

export const RESTART_TIMING: RestartTiming = {
  baseMs: 1_000,
  mostMs: 30_000,
  stableMs: 60_000,
  mostRestarts: 5,
  mostStarts: 3,
};

export interface Death {
  readonly cause: DeathCause;
  /** How long this run had been ready, ms; null when it never was. */
  readonly readyMs: number | null;
  /** Automatic restarts already made in a row. */
  readonly restarts: number;
}

export type RestartDecision =
  | { readonly kind: 'restart'; readonly delayMs: number; readonly restarts: number }
  | { readonly kind: 'give-up'; readonly restarts: number };

/** The same command would end the same way: only a person can change something. */
const HOPELESS: ReadonlySet<DeathCause> = new Set([
  'bad-argument',
  'missing-module',
  'driver',
  'disk-full',
  'spawn-failed',
]);

/** @param random uniform in [0, 1); full jitter keeps eight servers that died together from coming back together */
export function decideRestart(
  death: Death,
  enabled: boolean,
  random: number,
  timing: RestartTiming = RESTART_TIMING,
): RestartDecision {
  const stable = death.readyMs !== null && death.readyMs >= timing.stableMs;
  const restarts = stable ? 0 : death.restarts;
  const rebooted = death.cause === 'clean-exit' && death.readyMs !== null;
  const most = death.readyMs === null ? timing.mostStarts : timing.mostRestarts;
  const hopeless = HOPELESS.has(death.cause) && death.readyMs === null;
  if (restarts >= most || hopeless || !(enabled || rebooted)) return { kind: 'give-up', restarts };
  // It ended by itself, as a manager does that was asked to restart the server: a person is waiting for it.
  if (rebooted) return { kind: 'restart', delayMs: 0, restarts: restarts + 1 };
  const ceiling = Math.min(timing.mostMs, timing.baseMs * 2 ** restarts);
  return { kind: 'restart', delayMs: Math.floor(random * ceiling), restarts: restarts + 1 };
}
