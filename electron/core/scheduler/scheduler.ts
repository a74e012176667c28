import type { InstanceId } from '../../../shared/model.ts';
import type { SpeedRecord } from '../runs/records.ts';
import { decideAll } from './decide.ts';
import { Exclusions } from './exclusions.ts';
import { expectedEnd } from './expected-end.ts';
import { Fleet } from './fleet.ts';
import { Ledger } from './ledger.ts';
import type { LineModel } from './line-model.ts';
import { MonotoneTime } from './monotone-time.ts';
import { type Measured, Placements } from './placements.ts';
import { QUARANTINE_MS, RECHECK_MS, STEPS_EVERY_MS } from './policy-constants.ts';
import { explain, type SkipReason } from './reasons.ts';
import type { Decision, Work, WorkerView, WorkId } from './scheduler-types.ts';
import type { Placement } from './state.ts';
import { Waiting } from './waiting.ts';

/**
 * Which work goes where, and when. It does nothing by itself: the owner tells it what happened, asks `decide`, does what it
 * says, and asks again after every event and at `nextWakeUp`. All `now` are ms of the wall clock, which may jump.
 * A word about a copy that is not (or no longer) there changes nothing.
 */
export class Scheduler {
  readonly #time = new MonotoneTime();
  readonly #fleet = new Fleet();
  readonly #waiting = new Waiting();
  readonly #ledger = new Ledger();
  readonly #exclusions = new Exclusions();
  readonly #placements = new Placements(this.#time, this.#fleet, this.#waiting, this.#ledger);
  #paused = false;
  #decided = { changes: -1, at: 0 };

  // ── The fleet ──────────────────────────────────────────────────────────────

  /** The whole fleet: who is not in it is removed. */
  setWorkers(views: readonly WorkerView[]): void {
    const ids = new Set(views.map(({ id }) => id));
    for (const { id } of [...this.#fleet.workers]) if (!ids.has(id)) this.removeWorker(id);
    for (const view of views) this.setWorker(view);
  }

  setWorker(view: WorkerView): void {
    this.#fleet.set(view);
  }

  /** What is bound to it stays so until the owner calls `lost`. */
  removeWorker(id: InstanceId): void {
    this.#fleet.remove(id);
    this.#exclusions.reset(id);
  }

  /** It started anew: nothing is loaded there, and what did not work may work now. */
  restarted(id: InstanceId): void {
    const worker = this.#fleet.get(id);
    if (worker !== null) this.#fleet.reside(worker, []);
    if (this.#exclusions.reset(id)) this.#fleet.touch();
  }

  /** A workflow is kept from a worker. @param forMs null = until `restarted` or removed */
  exclude(
    workflow: string,
    worker: InstanceId,
    reason: string,
    now: number,
    forMs: number | null = QUARANTINE_MS,
  ): void {
    const time = this.#time.at(now);
    this.#exclusions.add(worker, workflow, { reason, until: forMs === null ? null : time + forMs });
    this.#fleet.touch();
  }

  /** One work is kept from a worker for good. */
  excludeWork(id: WorkId, worker: InstanceId, reason: string): void {
    const item = this.#ledger.get(id);
    if (item === null) return;
    const waits = item.lane !== null;
    this.#waiting.remove(item);
    item.barred.set(worker, reason);
    if (waits) this.#waiting.add(item);
    this.#fleet.touch();
  }

  loadSpeeds(records: readonly SpeedRecord[]): void {
    this.#fleet.speeds.load(records);
  }

  /** null while it was not measured. */
  speedOf(worker: InstanceId, workflow: string): SpeedRecord | null {
    return this.#fleet.speeds.recordOf(worker, workflow);
  }

  exportSpeeds(): readonly SpeedRecord[] {
    return this.#fleet.speeds.export();
  }

  /** To be told of transfers. */
  get lines(): Pick<LineModel, 'observe' | 'observeResult'> {
    return this.#fleet.lines;
  }

  // ── The queue ──────────────────────────────────────────────────────────────

  get paused(): boolean {
    return this.#paused;
  }

  /** Works that are dispatched to nobody. */
  get waitingCount(): number {
    return this.#waiting.count;
  }

  /** Works that are not settled. */
  get openCount(): number {
    return this.#ledger.size;
  }

  /** Works that are known already are left as they are. */
  submit(works: readonly Work[], now: number): void {
    const time = this.#time.at(now);
    for (const work of works) {
      const item = this.#ledger.add(work, time);
      if (item !== null) this.#waiting.add(item);
    }
    this.#fleet.askAgain();
  }

  /** @returns where they still are, to be interrupted or taken back there and then told by `released` */
  cancel(ids: readonly WorkId[]): readonly Placement[] {
    return ids.flatMap((id) => {
      const item = this.#ledger.get(id);
      return item === null ? [] : this.#placements.settle(item);
    });
  }

  /** Moves what is left of a run so that its first work has the order `base`. Works that follow must be ordered from there. */
  reorder(runId: string, base: number): void {
    const run = this.#ledger.run(runId);
    if (run === null) return;
    this.#ledger.move(run, base);
    this.#waiting.moved(run);
    this.#fleet.touch();
  }

  /** Nothing is dispatched; what runs goes on. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#fleet.touch();
  }

  // ── What happened to a dispatched work ─────────────────────────────────────

  /** All that it loads is there. */
  brought(id: WorkId, worker: InstanceId, now: number): void {
    this.#placements.brought(id, worker, now);
  }

  started(id: WorkId, worker: InstanceId, now: number): void {
    this.#placements.started(id, worker, now);
  }

  /** @param fraction of its steps that are done, 0 to 1; the first call marks the end of loading */
  progress(id: WorkId, worker: InstanceId, fraction: number, now: number): void {
    this.#placements.progress(id, worker, fraction, now);
  }

  /** The first result of a work settles it. @returns its other copies, to be interrupted and then told by `released` */
  finished(id: WorkId, worker: InstanceId, now: number, measured: Measured | null): readonly Placement[] {
    return this.#placements.finished(id, worker, now, measured);
  }

  /** A real error: no other try. @returns its other copies, as `finished` does */
  failed(id: WorkId, worker: InstanceId, now: number): readonly Placement[] {
    return this.#placements.finished(id, worker, now, null);
  }

  /** It goes back to the front of its run, and elsewhere if there is anybody else. */
  lost(id: WorkId, worker: InstanceId, now: number): void {
    this.#placements.lost(id, worker, now);
  }

  /** A prefetched work was taken back before it ran. */
  revoked(id: WorkId, worker: InstanceId): void {
    this.#placements.revoked(id, worker);
  }

  /** A settled or cancelled copy is gone from its worker. */
  released(id: WorkId, worker: InstanceId): void {
    this.#placements.released(id, worker);
  }

  // ── What follows ───────────────────────────────────────────────────────────

  /** What to do now; every dispatch counts as made. */
  decide(now: number): readonly Decision[] {
    const time = this.#time.at(now);
    if (this.#exclusions.expire(time)) this.#fleet.touch();
    const { changes } = this.#fleet;
    const seen = changes === this.#decided.changes && time - this.#decided.at < STEPS_EVERY_MS;
    if (this.#paused || seen) return [];
    const decisions = decideAll({
      fleet: this.#fleet,
      waiting: this.#waiting,
      exclusions: this.#exclusions,
      time,
    });
    this.#decided = { changes, at: time };
    return decisions;
  }

  /** When to decide again though nothing happens, ms of the wall clock; null = only after an event. */
  nextWakeUp(now: number): number | null {
    const time = this.#time.at(now);
    if (this.#paused || this.#ledger.size === 0) return null;
    const ends: number[] = [];
    if (this.#fleet.idle.size > 0) ends.push(time + RECHECK_MS);
    const exclusion = this.#waiting.count > 0 ? this.#exclusions.nextEnd() : null;
    if (exclusion !== null) ends.push(Math.max(time, exclusion));
    return ends.length === 0 ? null : this.#time.outside(Math.min(...ends));
  }

  /** Why a work that waits is not on each worker, in words; empty for a work that is placed or unknown. */
  reasons(id: WorkId): readonly SkipReason[] {
    const item = this.#ledger.get(id);
    if (item?.lane == null) return [];
    const { last: time } = this.#time;
    const situation = { fleet: this.#fleet, waiting: this.#waiting, exclusions: this.#exclusions, time };
    return explain(situation, item, item.lane, this.#paused);
  }

  /** ms of the wall clock; null while the speed is unknown, nobody can compute it, or the run is over. */
  expectedEnd(runId: string, now: number): number | null {
    const time = this.#time.at(now);
    const run = this.#ledger.run(runId);
    if (run === null || this.#paused) return null;
    const situation = { fleet: this.#fleet, waiting: this.#waiting, exclusions: this.#exclusions, time };
    const end = expectedEnd(situation, run);
    return end === null ? null : this.#time.outside(end);
  }

  /** 1 for the first; 0 when the work is unknown. */
  attempt(id: WorkId): number {
    return this.#ledger.get(id)?.attempt ?? 0;
  }
}
