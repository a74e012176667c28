import type { InstanceId } from '../../../shared/model.ts';
import {
  type Breaker,
  CLOSED,
  isOpenAt,
  onDispatched,
  onFailure,
  onInconclusive,
  onSuccess,
  opensUntil,
} from '../scheduler/breaker.ts';

/** One breaker per instance: one that keeps failing gets nothing for a while, then one job on trial. */
export class InstanceTrust {
  readonly #breakers = new Map<InstanceId, Breaker>();

  /** In words; null while it is trusted. */
  whyNot(id: InstanceId, now: number): string | null {
    const breaker = this.#of(id);
    if (!isOpenAt(breaker, now)) return null;
    const until = opensUntil(breaker);
    if (until === null) return 'It failed repeatedly and is on trial with one job';
    return `It failed repeatedly and rests for ${Math.max(1, Math.ceil((until - now) / 1000))} s`;
  }

  /** When the next one that rests may be tried again, ms since the epoch; null when none rests. */
  nextTrial(now: number): number | null {
    const ends = [...this.#breakers.values()].map(opensUntil).filter((end): end is number => end !== null);
    const coming = ends.filter((end) => end > now);
    return coming.length === 0 ? null : Math.min(...coming);
  }

  dispatched(id: InstanceId, now: number): void {
    this.#breakers.set(id, onDispatched(this.#of(id), now));
  }

  succeeded(id: InstanceId): void {
    this.#breakers.set(id, onSuccess(this.#of(id)));
  }

  failed(id: InstanceId, now: number): void {
    this.#breakers.set(id, onFailure(this.#of(id), now));
  }

  /** It ended without telling anything about the instance. */
  inconclusive(id: InstanceId, now: number): void {
    this.#breakers.set(id, onInconclusive(this.#of(id), now));
  }

  #of(id: InstanceId): Breaker {
    return this.#breakers.get(id) ?? CLOSED;
  }
}
