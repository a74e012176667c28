import type { InstanceId } from '../../../shared/model.ts';
import type { Fleet } from './fleet.ts';
import type { Ledger } from './ledger.ts';
import type { MonotoneTime } from './monotone-time.ts';
import { copyOn, putFirst, takeBack, unbind } from './placing.ts';
import type { WorkId } from './scheduler-types.ts';
import type { Copy, Item, Placement } from './state.ts';
import type { Waiting } from './waiting.ts';

export interface Measured {
  /** Of computing, loading excluded. */
  readonly seconds: number;
  /** From execution_start to the first step; null when that was not seen. */
  readonly loadSeconds: number | null;
}

/** What became of dispatched works. `now` is ms of the wall clock; words about copies that are not there change nothing. */
export class Placements {
  constructor(
    private readonly time: MonotoneTime,
    private readonly fleet: Fleet,
    private readonly waiting: Waiting,
    private readonly ledger: Ledger,
  ) {}

  /** All that it loads is there. */
  brought(id: WorkId, worker: InstanceId, now: number): void {
    const copy = this.#copy(id, worker);
    const time = this.time.at(now);
    if (copy === null) return;
    copy.arrivesAt = Math.min(copy.arrivesAt, time);
    this.fleet.keepFiles(copy.worker, copy.item);
    this.fleet.expect(copy.worker);
  }

  started(id: WorkId, worker: InstanceId, now: number): void {
    const copy = this.#copy(id, worker);
    const time = this.time.at(now);
    if (copy === null || copy.startedAt !== null) return;
    copy.startedAt = time;
    copy.ahead = false;
    copy.revoking = false;
    putFirst(copy.worker, copy);
    this.fleet.expect(copy.worker);
  }

  /** @param fraction of its steps that are done, 0 to 1; the first call marks the end of loading */
  progress(id: WorkId, worker: InstanceId, fraction: number, now: number): void {
    const copy = this.#copy(id, worker);
    const time = this.time.at(now);
    if (copy === null || copy.startedAt === null || !(fraction >= 0 && fraction <= 1)) return;
    // Steps start over where a graph samples twice.
    if (copy.lastStep === null || fraction < copy.lastStep.fraction) copy.firstStep = { fraction, at: time };
    copy.lastStep = { fraction, at: time };
    this.#guessSpeed(copy);
    this.fleet.expect(copy.worker);
  }

  /** The first result of a work settles it. @returns its other copies, to be interrupted and then told by `released` */
  finished(id: WorkId, worker: InstanceId, now: number, measured: Measured | null): readonly Placement[] {
    const copy = this.#copy(id, worker);
    const time = this.time.at(now);
    const item = this.ledger.get(id);
    if (copy === null) return item === null ? [] : this.settle(item);
    if (measured !== null) this.#learn(copy, measured, time);
    unbind(this.fleet, copy, this.time.last);
    return item === null ? [] : this.settle(item);
  }

  /** It goes back to the front of its run, and elsewhere if there is anybody else. */
  lost(id: WorkId, worker: InstanceId, now: number): void {
    this.time.at(now);
    const copy = this.#copy(id, worker);
    if (copy === null) return;
    unbind(this.fleet, copy, this.time.last);
    const { item } = copy;
    if (copy.settled) return;
    if (!item.avoided.includes(worker)) item.avoided = [...item.avoided, worker].sort();
    item.attempt += 1;
    this.#requeue(item);
  }

  /** A prefetched work was taken back before it ran. */
  revoked(id: WorkId, worker: InstanceId): void {
    const copy = this.#copy(id, worker);
    if (copy === null) return;
    takeBack(this.fleet, copy, this.time.last);
    if (copy.settled) return;
    copy.item.revokes += 1;
    this.#requeue(copy.item);
  }

  /** A settled or cancelled copy is gone from its worker. */
  released(id: WorkId, worker: InstanceId): void {
    const copy = this.#settledCopy(id, worker);
    if (copy !== null) unbind(this.fleet, copy, this.time.last);
  }

  #copy(id: WorkId, workerId: InstanceId): Copy | null {
    const item = this.ledger.get(id);
    const copy = item === null ? null : copyOn(item, workerId);
    return copy ?? this.#settledCopy(id, workerId);
  }

  /** Settled works are forgotten, and may even be here anew; their copies are not until they are gone. */
  #settledCopy(id: WorkId, workerId: InstanceId): Copy | null {
    const copies = this.fleet.get(workerId)?.copies;
    return copies?.find(({ settled, item }) => settled && item.work.id === id) ?? null;
  }

  /** Over, with or without a result. @returns its copies that are still somewhere */
  settle(item: Item): readonly Placement[] {
    this.waiting.remove(item);
    this.ledger.remove(item);
    return item.copies.map((copy) => {
      copy.settled = true;
      return { work: item.work.id, worker: copy.worker.id };
    });
  }

  #requeue(item: Item): void {
    if (item.copies.length === 0 && item.lane === null) this.waiting.add(item);
  }

  #learn(copy: Copy, { seconds, loadSeconds }: Measured, time: number): void {
    const { item, worker } = copy;
    const { workflow, units, model } = item.work;
    item.run.computeSeconds += seconds + (loadSeconds ?? 0);
    this.fleet.speeds.observe(worker.id, workflow, units, seconds, this.time.outside(time));
    if (model !== null && loadSeconds !== null) this.fleet.learnLoad(copy, model, loadSeconds);
  }

  #guessSpeed({ item, worker, firstStep, lastStep }: Copy): void {
    if (firstStep === null || lastStep === null) return;
    const seen = lastStep.fraction - firstStep.fraction;
    if (seen <= 0) return;
    const perUnit = (lastStep.at - firstStep.at) / 1000 / seen / item.work.units;
    this.fleet.speeds.guess(worker.id, item.work.workflow, perUnit, this.time.outside(lastStep.at));
  }
}
