import type { InstanceId } from '../../../shared/model.ts';
import type { Clock } from '../ports.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import type { ActiveRun } from './active-run.ts';
import type { RunBook } from './run-book.ts';
import type { RunFleet } from './run-fleet.ts';
import { type NamedSkip, whyItWaits } from './why-waits.ts';

/** Between two looks, ms: rounds come with every event, and nobody reads faster. */
export const LOOK_EVERY_MS = 500;
/** Runs whose reasons are worked out; those behind them wait for these anyway. */
const MOST_EXPLAINED = 20;

export interface WaitWatchDeps {
  readonly fleet: RunFleet;
  readonly book: RunBook;
  readonly scheduler: Pick<Scheduler, 'paused' | 'reasons'>;
  readonly clock: Clock;
  /** Why nothing is sent to an instance now, in words; null when something is. */
  readonly whyUnusable: (id: InstanceId) => string | null;
}

/** Tells of each waiting run why it still waits. */
export class WaitWatch {
  #last = { at: Number.NEGATIVE_INFINITY, paused: false };

  constructor(private readonly deps: WaitWatchDeps) {}

  /** After a round, when the last look is a while ago. */
  look(): void {
    const { clock, scheduler } = this.deps;
    // A clock that was set back must not silence it.
    const recent = Math.abs(clock.now() - this.#last.at) < LOOK_EVERY_MS;
    if (!recent || scheduler.paused !== this.#last.paused) this.lookNow();
  }

  lookNow(): void {
    const { book, clock, fleet, scheduler } = this.deps;
    this.#last = { at: clock.now(), paused: scheduler.paused };
    const waiting = book.all.filter(({ counts }) => counts.queued > 0);
    if (waiting.length === 0) return;
    const names = new Map(fleet.instances().map(({ id, name }) => [id, name]));
    waiting.sort((a, b) => a.record.order - b.record.order);
    for (const [ahead, run] of waiting.entries()) book.tellWait(run, this.#sentence(run, ahead, names));
  }

  #sentence(run: ActiveRun, ahead: number, names: ReadonlyMap<InstanceId, string>): string | null {
    const { scheduler } = this.deps;
    const { paused } = scheduler;
    if (paused) return whyItWaits({ paused, ahead, skipped: [] });
    if (ahead >= MOST_EXPLAINED) return `${ahead} earlier runs go first.`;
    const next = run.allShards.find(({ status }) => status === 'queued');
    const reasons = next === undefined ? [] : scheduler.reasons(next.workId);
    if (reasons.length === 0) return null;
    const skipped = reasons.map(
      ({ worker, kind, reason }): NamedSkip => ({
        kind,
        name: names.get(worker) ?? worker,
        reason: (kind === 'unusable' ? this.deps.whyUnusable(worker) : null) ?? reason,
      }),
    );
    return whyItWaits({ paused, ahead, skipped });
  }
}
