import type { GpuSample } from '../../../shared/model.ts';
import { type Clock, sleep } from '../ports.ts';
import type { RunCommand } from '../programs/run-command.ts';
import { CSV, SMI_TIMEOUT_MS, type SmiCommand } from './inventory-query.ts';
import { lines, parseLost, parseTelemetryRow, TELEMETRY_QUERY } from './nvidia-smi.ts';
import { type StreamCommand, Watchdog } from './smi-stream.ts';
import { TickCollector } from './telemetry-tick.ts';

/** Why following ended. `changed`: other GPUs than expected, look again; `interval`: only the pace changed. */
export type FollowEnd = 'aborted' | 'changed' | 'interval' | 'silent';

export interface FollowOptions {
  readonly smi: SmiCommand;
  /** UUIDs that each tick should bring. */
  readonly expected: ReadonlySet<string>;
  /** Ask only for these; null = all (when none is lost). */
  readonly ids: readonly string[] | null;
  readonly intervalMs: () => number;
  readonly clock: Clock;
  /** Only ticks with the expected GPUs. */
  readonly onTick: (tick: readonly GpuSample[]) => void;
  readonly signal: AbortSignal;
}

/**
 * One long-lived `nvidia-smi --loop-ms` instead of a process per tick: starting nvidia-smi is what costs most.
 * Ends as `silent` when no row comes for 5 s beyond the interval, or when it exits.
 */
export function followStream(options: FollowOptions, stream: StreamCommand): Promise<FollowEnd> {
  return new Promise((resolve) => {
    const { smi, clock, signal } = options;
    const interval = loopMs(options.intervalMs());
    const collector = new TickCollector(options.expected);
    const finish = (end: FollowEnd): void => {
      watchdog.stop();
      stop();
      signal.removeEventListener('abort', onAbort);
      resolve(end);
    };
    const onAbort = (): void => finish('aborted');
    const watchdog = new Watchdog(clock, interval + SMI_TIMEOUT_MS, () => finish('silent'));
    const stop = stream(smi, [...queryArguments(options), `--loop-ms=${interval}`], {
      onLine: (line) => {
        if (parseLost(line).length > 0) finish('changed');
        const row = parseTelemetryRow(line);
        if (row === null) return;
        watchdog.feed();
        const tick = collector.add(row);
        if (tick === null) return;
        if (!collector.matches(tick)) finish('changed');
        else options.onTick(tick);
        if (loopMs(options.intervalMs()) !== interval) finish('interval');
      },
      onEnd: () => finish('silent'),
    });
    watchdog.start();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

/** A process per tick, one after the other: for an nvidia-smi that does not stream. */
export async function followPolls(options: FollowOptions, run: RunCommand): Promise<FollowEnd> {
  const { smi, clock, signal, expected } = options;
  for (;;) {
    const result = await run(smi, queryArguments(options), { timeoutMs: SMI_TIMEOUT_MS });
    if (signal.aborted) return 'aborted';
    const tick = lines(result.stdout).flatMap((line) => parseTelemetryRow(line) ?? []);
    if (tick.length === 0) return 'silent';
    if (!new TickCollector(expected).matches(tick)) return 'changed';
    options.onTick(tick);
    try {
      await sleep(clock, loopMs(options.intervalMs()), signal);
    } catch {
      return 'aborted';
    }
  }
}

function queryArguments({ ids }: FollowOptions): readonly string[] {
  return [...(ids === null ? [] : [`--id=${ids.join(',')}`]), `--query-gpu=${TELEMETRY_QUERY}`, CSV];
}

function loopMs(ms: number): number {
  return Math.max(200, Math.round(ms));
}
