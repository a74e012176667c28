import { type Clock, sleep } from '../ports.ts';

/** ms unless said otherwise. */
export interface HealthTiming {
  /** Between two looks at a starting server. */
  readonly startPollMs: number;
  /** One probe may take this long. */
  readonly probeMs: number;
  /** Between two looks at a ready server… */
  readonly watchMs: number;
  /** …and at one that did not answer the last. */
  readonly retryMs: number;
  /** Failed looks in a row before it counts as not responding. */
  readonly failures: number;
  /** Not responding for so long, it is ended and restarted. Loading a large model can block ComfyUI for a minute. */
  readonly hangMs: number;
}

export const HEALTH_TIMING: HealthTiming = {
  startPollMs: 300,
  probeMs: 5_000,
  watchMs: 10_000,
  retryMs: 2_000,
  failures: 3,
  hangMs: 180_000,
};

export interface HealthDeps {
  readonly probe: (signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly timing: HealthTiming;
  /** Aborts when the process is gone or let go. */
  readonly signal: AbortSignal;
}

/** True when one probe succeeds in its time; false otherwise. Never rejects. */
export async function answers({ probe, clock, timing, signal }: HealthDeps): Promise<boolean> {
  if (signal.aborted) return false;
  const controller = new AbortController();
  const onAbort = (): void => controller.abort();
  signal.addEventListener('abort', onAbort, { once: true });
  const cancel = clock.after(timing.probeMs, () => controller.abort());
  // A probe that ignores its signal must not hold us either.
  const aborted = new Promise<boolean>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve(false), { once: true });
  });
  try {
    return await Promise.race([
      probe(controller.signal).then(
        () => true,
        () => false,
      ),
      aborted,
    ]);
  } finally {
    cancel();
    signal.removeEventListener('abort', onAbort);
    controller.abort();
  }
}

/** Looks until it answers. */
export async function awaitReady(
  deps: HealthDeps,
  limitMs: () => number,
): Promise<'ready' | 'timeout' | 'gone'> {
  const { clock, timing, signal } = deps;
  const begin = clock.now();
  for (;;) {
    if (await answers(deps)) return signal.aborted ? 'gone' : 'ready';
    if (signal.aborted) return 'gone';
    if (clock.now() - begin >= limitMs()) return 'timeout';
    await pause(clock, timing.startPollMs, signal);
  }
}

export interface HealthListener {
  readonly onAnswer: () => void;
  readonly onSilence: (seconds: number) => void;
  /** Nobody listens on its port while it lives: it restarts itself, as ComfyUI-Manager does (exec, same pid). */
  readonly isRebooting: () => Promise<boolean>;
  readonly rebootLimitMs: () => number;
}

/** Watches a ready server. @returns 'hung' when it was silent for too long, 'gone' when the signal aborted */
export async function watchHealth(deps: HealthDeps, listener: HealthListener): Promise<'hung' | 'gone'> {
  const { clock, timing, signal } = deps;
  let failures = 0;
  let silentSince = clock.now();
  for (;;) {
    await pause(clock, failures === 0 ? timing.watchMs : timing.retryMs, signal);
    const asked = clock.now();
    const answered = await answers(deps);
    if (signal.aborted) return 'gone';
    if (answered) {
      if (failures >= timing.failures) listener.onAnswer();
      failures = 0;
      continue;
    }
    if (failures === 0) silentSince = asked;
    failures += 1;
    if (failures < timing.failures) continue;
    const silentMs = clock.now() - silentSince;
    listener.onSilence(Math.round(silentMs / 1000));
    if (silentMs < timing.hangMs) continue;
    if (silentMs < listener.rebootLimitMs() && (await listener.isRebooting())) continue;
    return signal.aborted ? 'gone' : 'hung';
  }
}

/** Ends early, and without an error, when the signal aborts. */
async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  await sleep(clock, ms, signal).catch(() => undefined);
}
