import { messageOf } from '../../../shared/errors.ts';
import type { LeaseId } from '../../../shared/providers.ts';
import { type Clock, type Random, sleep } from '../ports.ts';
import type { ProviderEvent, Watcher } from './provider.ts';

export interface PollWatchDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly watcher: Watcher;
  readonly expected: readonly LeaseId[];
  readonly everyMs: number;
  /** Everything of ours that is there now. */
  readonly poll: (signal: AbortSignal) => Promise<readonly ProviderEvent[]>;
}

/** Lists lag behind: what was seen once is gone when so many of them in a row lack it. */
const MISSING_TIMES = 3;
const SLOWEST_MS = 120_000;

/** For providers that can only be asked: never two questions at a time, jittered, slower while they fail. */
export class PollWatch {
  readonly #missing = new Map<LeaseId, number>();

  constructor(private readonly deps: PollWatchDeps) {
    for (const key of deps.expected) this.#missing.set(key, 0);
  }

  /** @returns its end */
  start(): () => void {
    const controller = new AbortController();
    void this.#run(controller.signal).catch(() => undefined);
    return () => controller.abort();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, random, everyMs, watcher } = this.deps;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const events = await this.deps.poll(signal);
        if (signal.aborted) return;
        failures = 0;
        watcher.onTrouble(null);
        this.#tell(events);
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        watcher.onTrouble(messageOf(error));
      }
      const pause = Math.min(SLOWEST_MS, everyMs * 2 ** Math.min(failures, 6));
      await sleep(clock, pause * (0.8 + 0.4 * random()), signal);
    }
  }

  #tell(events: readonly ProviderEvent[]): void {
    const { watcher } = this.deps;
    for (const event of events) {
      this.#missing.set(event.key, 0);
      watcher.onEvent(event);
    }
    const seen = new Set(events.map(({ key }) => key));
    for (const [key, times] of this.#missing) {
      if (seen.has(key)) continue;
      this.#missing.set(key, times + 1);
      if (times + 1 < MISSING_TIMES) continue;
      this.#missing.delete(key);
      watcher.onEvent({ key, kind: 'gone', because: 'It is not there any more.' });
    }
  }
}
