import { isUsable } from '../../../shared/condition.ts';
import { type InstanceSnapshot, MASTER_ID } from '../../../shared/model.ts';
import type { Clock } from '../ports.ts';
import type { ActiveRun } from './active-run.ts';
import { whyStepIn } from './fallback.ts';
import type { RunBook } from './run-book.ts';
import type { RunFleet } from './run-fleet.ts';
import { isComing } from './selection.ts';

/** Nobody may be usable for this long, ms, before an orchestrating master steps in: a restart is no reason yet. */
export const FALLBACK_GRACE_MS = 5_000;

export interface FallbackWatchDeps {
  readonly fleet: RunFleet;
  readonly book: RunBook;
  readonly clock: Clock;
  /** Its waiting shards may be computed by others now. */
  readonly resubmit: (run: ActiveRun) => void;
  /** Its waiting shards fail, with these words. */
  readonly giveUp: (run: ActiveRun, why: string) => void;
}

/** Sees to runs that wait for workers none of which will come: the master steps in, or the run fails honestly. */
export class FallbackWatch {
  readonly #hopelessSince = new Map<string, number>();

  constructor(private readonly deps: FallbackWatchDeps) {}

  look(): void {
    const waiting = this.deps.book.all.filter((run) => run.counts.queued > 0);
    for (const id of this.#hopelessSince.keys()) {
      if (!waiting.some((run) => run.id === id)) this.#hopelessSince.delete(id);
    }
    const instances = waiting.length === 0 ? [] : this.deps.fleet.instances();
    for (const run of waiting) this.#lookAt(run, instances);
  }

  #lookAt(run: ActiveRun, instances: readonly InstanceSnapshot[]): void {
    const now = this.deps.clock.now();
    const why = whyStepIn(instances, run.eligible, run.unable, now);
    if (why !== null) {
      const since = this.#hopelessSince.get(run.id) ?? now;
      this.#hopelessSince.set(run.id, since);
      // A clock that was set back must not make it wait longer.
      if (now - since >= FALLBACK_GRACE_MS || now < since) this.#stepIn(run, why);
      return;
    }
    this.#hopelessSince.delete(run.id);
    if (run.unable.size === 0) return;
    const mayCompute = new Set(run.eligible);
    if (run.secondStage?.status === 'queued') mayCompute.add(MASTER_ID);
    const present = instances.filter(
      (instance) => mayCompute.has(instance.id) && (isUsable(instance) || isComing(instance)),
    );
    if (present.length === 0 || !present.every(({ id }) => run.unable.has(id))) return;
    const reasons = present.map(({ id, name }) => `${name}: ${run.unable.get(id) ?? ''}`).join('; ');
    this.deps.giveUp(run, `No participant can compute it (${reasons}).`);
  }

  #stepIn(run: ActiveRun, modeReason: string): void {
    run.eligible = [MASTER_ID, ...run.eligible];
    this.deps.book.changeRun(run, { mode: 'fallback', modeReason });
    this.deps.resubmit(run);
  }
}
