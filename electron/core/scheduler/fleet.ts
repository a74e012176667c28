import type { InstanceId } from '../../../shared/model.ts';
import { LineModel } from './line-model.ts';
import { afterUse, LoadModel, provenCapacity } from './load-model.ts';
import { FOREIGN_SECONDS, MOST_FILES, OVERDUE_SHARE, PROGRESS_TRUSTED } from './policy-constants.ts';
import type { WorkerView } from './scheduler-types.ts';
import { SpeedModel } from './speed-model.ts';
import type { Copy, Item, Worker } from './state.ts';

/** The workers with what is bound to them, and what is expected of them. */
export class Fleet {
  readonly speeds = new SpeedModel();
  readonly loads = new LoadModel();
  readonly lines = new LineModel();
  readonly #workers = new Map<InstanceId, Worker>();
  readonly #holders = new Map<string, Set<Worker>>();
  readonly #idle = new Set<Worker>();
  /** With one work of ours, not yet asked for a second one since something changed. */
  readonly ready = new Set<Worker>();
  #usable = 0;
  #epoch = 0;
  #changes = 0;

  /** Changes whenever somebody becomes usable or ceases to be. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Changes whenever there may be something to decide; steps of what runs do not count. */
  get changes(): number {
    return this.#changes;
  }

  get usable(): number {
    return this.#usable;
  }

  get workers(): Iterable<Worker> {
    return this.#workers.values();
  }

  get size(): number {
    return this.#workers.size;
  }

  /** Usable and without any work of ours. */
  get idle(): ReadonlySet<Worker> {
    return this.#idle;
  }

  get(id: InstanceId): Worker | null {
    return this.#workers.get(id) ?? null;
  }

  /** Something that lanes depend on has changed. */
  touch(): void {
    this.#epoch += 1;
    this.#changes += 1;
  }

  /** There is new work: everybody with one work is asked for a second one again. */
  askAgain(): void {
    this.#changes += 1;
    for (const worker of this.#workers.values()) if (worker.copies.length === 1) this.ready.add(worker);
  }

  set(view: WorkerView): Worker {
    const known = this.#workers.get(view.id);
    // The owner tells all of them before every decision: what has not changed must cost nothing.
    if (known !== undefined && !known.removed && isSame(known.view, view)) return known;
    const worker = known ?? newWorker(view);
    const before = known !== undefined && isUsable(known);
    worker.view = view;
    worker.removed = false;
    this.#workers.set(view.id, worker);
    this.#tally(worker, before);
    return worker;
  }

  remove(id: InstanceId): void {
    const worker = this.#workers.get(id);
    if (worker === undefined) return;
    const before = isUsable(worker);
    worker.removed = true;
    this.#tally(worker, before);
    this.reside(worker, []);
    this.lines.forget(id);
    if (worker.copies.length === 0) this.#workers.delete(id);
  }

  /** To be called after every change of a worker's copies. */
  refresh(worker: Worker): void {
    this.#changes += 1;
    if (worker.removed && worker.copies.length === 0) this.#workers.delete(worker.id);
    if (isUsable(worker) && worker.copies.length === 0) this.#idle.add(worker);
    else this.#idle.delete(worker);
    if (worker.copies.length === 1) this.ready.add(worker);
    else this.ready.delete(worker);
    this.expect(worker);
  }

  /** Works out anew when a worker's copies end. */
  expect(worker: Worker): void {
    const { copies } = worker;
    const [first] = copies;
    worker.firstEnd = first === undefined ? null : this.endOf(first);
    worker.firstRun = first === undefined ? 0 : (this.runMs(worker, first.item) ?? 0);
    worker.rest = 0;
    for (let index = 1; index < copies.length && worker.rest !== null; index += 1) {
      const { item, setup } = copies[index] as Copy;
      const run = this.runMs(worker, item);
      worker.rest = run === null ? null : worker.rest + run + setup * 1000;
    }
  }

  /** When it has done what is bound to it; null when that is unknown. */
  freeAt(worker: Worker, time: number): number | null {
    const foreign = worker.view.foreignQueue * FOREIGN_SECONDS * 1000;
    if (worker.copies.length === 0) return time + foreign;
    if (worker.firstEnd === null || worker.rest === null) return null;
    return overdue(worker.firstEnd, worker.firstRun, time) + worker.rest;
  }

  /** ms until a copy ends; null when unknown. */
  remaining(copy: Copy, time: number): number | null {
    const end = this.endOf(copy);
    // However long it runs then: so long it takes at least.
    if (end === null) return isOnItsWay(copy, time) ? copy.arrivesAt - time : null;
    return overdue(end, this.runMs(copy.worker, copy.item) ?? 0, time) - time;
  }

  /** ms of computing, loading excluded; null when unknown. */
  runMs(worker: Worker, { work }: Item): number | null {
    const perUnit = this.speeds.secondsPerUnit(worker.id, work.workflow);
    return perUnit === null ? null : perUnit * work.units * 1000;
  }

  /** Seconds of loading before a model can run there, after what is bound to it. */
  setup(worker: Worker, model: string | null): number {
    return model === null || worker.resident.includes(model) ? 0 : this.loads.seconds(worker.id, model);
  }

  /** ms until all that a work loads is there; 0 while nothing is known of the line. */
  bringMs(worker: Worker, { work }: Item): number {
    const { uploadRate } = worker.view;
    if (work.inputs.length === 0 || uploadRate === Number.POSITIVE_INFINITY) return 0;
    let bytes = 0;
    for (const input of work.inputs) if (!worker.files.has(input.id)) bytes += input.bytes;
    return this.lines.ms(worker.id, 'up', bytes, uploadRate);
  }

  /** ms from the end of computing until the files are at home; the worker is free meanwhile. */
  fetchMs(worker: Worker, { work }: Item): number {
    const bytes = this.lines.resultBytes(work.workflow, work.units);
    return this.lines.ms(worker.id, 'down', bytes, worker.view.downloadRate);
  }

  keepFiles({ files }: Worker, { work }: Item): void {
    for (const { id } of work.inputs) {
      files.delete(id);
      files.add(id);
      const [oldest] = files;
      if (files.size > MOST_FILES && oldest !== undefined) files.delete(oldest);
    }
  }

  /** Usable or not, those believed to have it. */
  holders(model: string): ReadonlySet<Worker> {
    return this.#holders.get(model) ?? NOBODY;
  }

  use(worker: Worker, model: string | null): void {
    this.reside(worker, afterUse(worker, model));
  }

  reside(worker: Worker, resident: readonly string[]): void {
    if (resident === worker.resident) return;
    for (const model of worker.resident) this.#holders.get(model)?.delete(worker);
    worker.resident = resident;
    for (const model of resident) {
      const holders = this.#holders.get(model) ?? new Set<Worker>();
      this.#holders.set(model, holders.add(worker));
    }
  }

  /** A finished copy tells how long its model took to load, and so whether it was there. */
  learnLoad(copy: Copy, model: string, seconds: number): void {
    const { worker, residentBefore } = copy;
    const usual = this.loads.known(worker.id, model);
    worker.capacity = provenCapacity(residentBefore, worker.capacity, model, seconds, usual);
    const cold = !residentBefore.includes(model);
    const fast = usual !== null && seconds < usual / 4;
    if (cold && !fast) this.loads.observe(worker.id, model, seconds);
  }

  #tally(worker: Worker, before: boolean): void {
    const after = isUsable(worker);
    this.#changes += 1;
    if (worker.copies.length === 1) this.ready.add(worker);
    if (before !== after) {
      this.#usable += after ? 1 : -1;
      this.#epoch += 1;
    }
    if (after && worker.copies.length === 0) this.#idle.add(worker);
    else this.#idle.delete(worker);
  }

  /** As expected from what was seen of it; may lie in the past. */
  endOf(copy: Copy): number | null {
    const run = this.runMs(copy.worker, copy.item);
    const { firstStep, lastStep } = copy;
    if (firstStep !== null && lastStep !== null) {
      const seen = lastStep.fraction - firstStep.fraction;
      const left = 1 - lastStep.fraction;
      if (seen >= PROGRESS_TRUSTED) return lastStep.at + (left * (lastStep.at - firstStep.at)) / seen;
      return run === null ? null : lastStep.at + left * run;
    }
    const begin = copy.startedAt ?? Math.max(copy.dueFrom, copy.arrivesAt);
    return run === null ? null : begin + copy.setup * 1000 + run;
  }
}

const NOBODY: ReadonlySet<Worker> = new Set();

export function isUsable(worker: Worker): boolean {
  return worker.view.usable && !worker.removed;
}

/** Its files are still being sent. */
export function isOnItsWay({ startedAt, arrivesAt }: Copy, time: number): boolean {
  return startedAt === null && arrivesAt > time;
}

function isSame(a: WorkerView, b: WorkerView): boolean {
  return (
    a.usable === b.usable &&
    a.paid === b.paid &&
    a.foreignQueue === b.foreignQueue &&
    a.uploadRate === b.uploadRate &&
    a.downloadRate === b.downloadRate
  );
}

/** What should have ended takes as long again as it is late: a worker that hangs must not be waited for for ever. */
function overdue(end: number, run: number, time: number): number {
  return Math.max(end, time + Math.max(end < time ? time - end : 0, end < time ? OVERDUE_SHARE * run : 0));
}

function newWorker(view: WorkerView): Worker {
  const idle = { copies: [], resident: [], capacity: 1, firstEnd: null, firstRun: 0, rest: 0 };
  return { id: view.id, view, removed: false, files: new Set(), ...idle };
}
