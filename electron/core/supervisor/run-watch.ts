import type { OwnVerdict } from './diagnosis.ts';
import { answers, awaitReady, HEALTH_TIMING, type HealthDeps, watchHealth } from './health-watch.ts';
import type { ManagedProcessDeps } from './managed-process-deps.ts';
import type { ServerRun } from './server-run.ts';

const ADOPTED_PROBE_MS = 5_000;

export interface RunListener {
  /** It answers, for the first time or again. */
  readonly onAnswer: () => void;
  readonly onSilence: (seconds: number) => void;
  /** Before each look. */
  readonly onLook: () => void;
  /** Ends it for a reason of our own. */
  readonly end: (verdict: OwnVerdict) => Promise<void>;
}

/** Follows a run by its probe alone until it is gone. */
export async function watchRun(
  run: ServerRun,
  deps: ManagedProcessDeps,
  listener: RunListener,
): Promise<void> {
  // A process that could not be ended is still ours to watch.
  while (!run.gone.signal.aborted) {
    if (run.readyAt === null) await watchStart(run, deps, listener);
    else await watchReady(run, deps, listener);
  }
}

/** One look, with the patience that a server deserves which may be busy. */
export function answersNow(run: ServerRun, deps: ManagedProcessDeps): Promise<boolean> {
  const health = healthOf(run, deps, () => undefined);
  return answers({ ...health, timing: { ...health.timing, probeMs: ADOPTED_PROBE_MS } });
}

async function watchStart(run: ServerRun, deps: ManagedProcessDeps, listener: RunListener): Promise<void> {
  const limitMs = (): number => deps.policy().readyTimeoutMs;
  const outcome = await awaitReady(healthOf(run, deps, listener.onLook), limitMs);
  if (outcome === 'timeout') {
    await listener.end({ kind: 'ready-timeout', seconds: Math.round(limitMs() / 1000) });
  }
  if (outcome === 'ready') listener.onAnswer();
}

async function watchReady(run: ServerRun, deps: ManagedProcessDeps, listener: RunListener): Promise<void> {
  let silentSeconds = 0;
  const outcome = await watchHealth(healthOf(run, deps, listener.onLook), {
    onAnswer: listener.onAnswer,
    onSilence: (seconds) => {
      silentSeconds = seconds;
      listener.onSilence(seconds);
    },
    isRebooting: async () => (await deps.checkPort(run.port)) === 'free',
    rebootLimitMs: () => deps.policy().readyTimeoutMs,
  });
  if (outcome === 'hung') await listener.end({ kind: 'hang', seconds: silentSeconds });
}

function healthOf(
  run: ServerRun,
  { clock, probe, policy }: ManagedProcessDeps,
  onLook: () => void,
): HealthDeps {
  const looked = (signal: AbortSignal): Promise<void> => {
    onLook();
    return probe(signal);
  };
  return { clock, probe: looked, timing: policy().health ?? HEALTH_TIMING, signal: run.gone.signal };
}
