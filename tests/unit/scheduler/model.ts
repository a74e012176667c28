import { Scheduler } from '../../../electron/core/scheduler/scheduler.ts';
import type { Decision, Work, WorkerView } from '../../../electron/core/scheduler/scheduler-types.ts';
import { view } from './world.ts';

export const WORKERS = ['w0', 'w1', 'w2', 'w3'];
const MODELS = [null, 'a', 'b'];
const INPUTS = [[], [{ id: 'small', bytes: 1e6 }], [{ id: 'large', bytes: 2e9 }]];

interface Place {
  readonly worker: string;
  readonly ahead: boolean;
  brought: boolean;
  started: boolean;
}

/** An owner that does random things and checks every decision against what it knows itself. */
export class RandomOwner {
  readonly scheduler = new Scheduler();
  readonly log: string[] = [];
  readonly #open = new Map<string, Work>();
  readonly #places = new Map<string, Place[]>();
  readonly #usable = new Set<string>(WORKERS);
  readonly #paid = new Set<string>();
  readonly #excluded = new Set<string>();
  readonly #settledAt = new Map<string, string>();
  #now = 1_700_000_000_000;
  #count = 0;
  #done = 0;
  submitted = 0;
  cancelled = 0;
  /** Whose files were still being sent. */
  revoked = 0;

  constructor() {
    this.scheduler.setWorkers(WORKERS.map((id) => lined(id)));
  }

  get settled(): number {
    return this.#done;
  }

  get open(): number {
    return this.#open.size;
  }

  /** @param choice which thing to do @param detail with what */
  act(choice: number, detail: number): void {
    const actions = [
      () => this.#submit(detail),
      () => this.#move(detail),
      () => this.#start(detail),
      () => this.#finish(detail),
      () => this.#finish(detail + 1),
      () => this.#lose(detail),
      () => this.#toggle(WORKERS[detail % WORKERS.length] as string),
      () => this.#exclude(detail),
      () => this.#cancel(detail),
      () => this.#answerRevoke(detail),
      () => this.scheduler.reorder(`run-${detail % 5}`, (detail % 50) - 25),
      () => (detail % 3 === 0 ? this.scheduler.pause() : this.scheduler.resume()),
      () => this.#progress(detail),
      () => this.#fail(detail),
      () => this.#transfer(detail),
    ];
    actions[choice % actions.length]?.();
    this.#decide();
  }

  /** Everybody is well again and ends what it has, until nothing is open. @returns rounds that this took */
  drain(most: number): number {
    this.scheduler.resume();
    for (const id of WORKERS) {
      this.scheduler.restarted(id);
      this.#usable.add(id);
      this.scheduler.setWorker(lined(id));
    }
    this.#excluded.clear();
    this.#paid.clear();
    for (let round = 0; round < most; round += 1) {
      if (this.#open.size === 0) return round;
      this.#now = Math.max(this.#now, this.scheduler.nextWakeUp(this.#now) ?? this.#now);
      this.#decide();
      for (const [id] of [...this.#places]) this.#finishOne(id);
      this.#decide();
    }
    return most;
  }

  #submit(detail: number): void {
    const works = Array.from({ length: 1 + (detail % 6) }, (): Work => {
      this.#count += 1;
      const number = this.#count;
      const runId = `run-${detail % 5}`;
      const model = MODELS[detail % 3] ?? null;
      // The first worker takes everything, so that nothing is stuck for ever.
      const eligible = WORKERS.filter((_, index) => index === 0 || (detail >> index) % 2 === 0);
      const preferred = detail % 7 === 0 ? 'w1' : null;
      const workflow = `flow-${detail % 2}`;
      return {
        id: `${runId}/${number}`,
        runId,
        order: number,
        workflow,
        units: 1 + (detail % 3),
        model,
        eligible,
        preferred,
        inputs: INPUTS[detail % 3] ?? [],
      };
    });
    for (const work of works) this.#open.set(work.id, work);
    this.submitted += works.length;
    this.scheduler.submit(works, this.#now);
  }

  /** Forward mostly, and sometimes far back. */
  #move(detail: number): void {
    this.#now += detail % 11 === 0 ? -3_600_000 : (detail % 20) * 700;
  }

  #start(detail: number): void {
    const found = this.#pick(detail);
    if (found === null) return;
    this.#bring(found.id, found.place);
    found.place.started = true;
    this.scheduler.started(found.id, found.place.worker, this.#now);
  }

  #bring(id: string, place: Place): void {
    place.brought = true;
    this.scheduler.brought(id, place.worker, this.#now);
  }

  /** A transfer to a worker, or from it. */
  #transfer(detail: number): void {
    const worker = WORKERS[detail % WORKERS.length] as string;
    const way = detail % 2 === 0 ? 'up' : 'down';
    this.scheduler.lines.observe(worker, way, 1e6 * (1 + (detail % 9)), (detail % 40) / 10);
    this.scheduler.lines.observeResult(`flow-${detail % 2}`, 1, detail * 1e6);
  }

  #progress(detail: number): void {
    const found = this.#pick(detail);
    if (found === null) return;
    this.scheduler.progress(found.id, found.place.worker, (detail % 101) / 100, this.#now);
  }

  #finish(detail: number): void {
    const found = this.#pick(detail);
    if (found !== null) this.#settle(found.id, found.place, (detail % 9) + 1);
  }

  #fail(detail: number): void {
    const found = this.#pick(detail);
    if (found === null) return;
    this.#leave(found.id, found.place);
    this.#release(found.id, this.scheduler.failed(found.id, found.place.worker, this.#now));
  }

  #finishOne(id: string): void {
    const [place] = this.#places.get(id) ?? [];
    if (place !== undefined) this.#settle(id, place, 2);
  }

  #settle(id: string, place: Place, seconds: number): void {
    this.#leave(id, place);
    const measured = { seconds, loadSeconds: seconds % 3 };
    this.#release(id, this.scheduler.finished(id, place.worker, this.#now, measured));
  }

  #release(id: string, losers: readonly { readonly work: string; readonly worker: string }[]): void {
    expectTrue(this.#open.delete(id), `${id} was settled twice`);
    this.#done += 1;
    this.#settledAt.set(id, 'settled');
    expectTrue(losers.length === (this.#places.get(id)?.length ?? 0), `losers of ${id}`);
    for (const { work, worker } of losers) this.scheduler.released(work, worker);
    this.#places.delete(id);
  }

  #lose(detail: number): void {
    const found = this.#pick(detail);
    if (found === null) return;
    this.#leave(found.id, found.place);
    this.scheduler.lost(found.id, found.place.worker, this.#now);
  }

  #cancel(detail: number): void {
    const ids = [...this.#open.keys()];
    const id = ids[detail % Math.max(1, ids.length)];
    if (id === undefined) return;
    this.cancelled += 1;
    this.#release(id, this.scheduler.cancel([id]));
  }

  #toggle(id: string): void {
    if (this.#usable.delete(id)) this.scheduler.setWorker(lined(id, { usable: false }));
    else {
      this.#usable.add(id);
      this.#paid.add(id);
      this.scheduler.setWorker(lined(id, { paid: true }));
    }
  }

  #exclude(detail: number): void {
    const worker = WORKERS[detail % WORKERS.length] as string;
    const workflow = `flow-${detail % 2}`;
    this.#excluded.add(`${worker} ${workflow}`);
    this.scheduler.exclude(workflow, worker, 'It failed.', this.#now, null);
  }

  #answerRevoke(detail: number): void {
    const waits = this.#all().filter(({ place }) => (place.ahead || !place.brought) && !place.started);
    const found = waits[detail % Math.max(1, waits.length)];
    if (found === undefined) return;
    this.#leave(found.id, found.place);
    this.scheduler.revoked(found.id, found.place.worker);
  }

  #decide(): void {
    for (const decision of this.scheduler.decide(this.#now)) {
      this.log.push(JSON.stringify(decision));
      if (decision.kind === 'revoke') this.#checkRevoke(decision);
      else this.#accept(decision);
    }
  }

  #checkRevoke({ work, worker }: Decision): void {
    const place = this.#places.get(work)?.find((other) => other.worker === worker);
    const waits = place !== undefined && (place.ahead || !place.brought) && !place.started;
    expectTrue(waits, `revoked ${work} that runs or is not there`);
    this.revoked += place?.ahead === false ? 1 : 0;
  }

  #accept(decision: Decision & { readonly kind: 'dispatch' }): void {
    const { work: id, worker, ahead, backup } = decision;
    const work = this.#open.get(id);
    const places = this.#places.get(id) ?? [];
    expectTrue(!this.#settledAt.has(id), `${id} is settled`);
    expectTrue(work?.eligible.includes(worker) === true, `${worker} is not eligible for ${id}`);
    expectTrue(this.#usable.has(worker), `${worker} is not usable`);
    expectTrue(!this.#excluded.has(`${worker} ${work?.workflow}`), `${worker} is excluded from ${id}`);
    expectTrue(!this.scheduler.paused, 'the queue is paused');
    expectTrue(places.length === (backup ? 1 : 0), `${id} has ${places.length} copies`);
    expectTrue(!(backup && this.#paid.has(worker)), `${worker} is paid for a backup`);
    this.#places.set(id, [...places, { worker, ahead, brought: false, started: false }]);
    const there = this.#all().filter(({ place }) => place.worker === worker);
    expectTrue(there.length <= 2, `${worker} has ${there.length} works`);
    const { preferred } = work ?? { preferred: null };
    const free = preferred !== null && this.#usable.has(preferred) && work?.eligible.includes(preferred);
    const kept = this.#excluded.has(`${preferred} ${work?.workflow}`);
    expectTrue(!free || kept || worker === preferred, `${id} should wait for ${preferred}`);
  }

  #all(): readonly { readonly id: string; readonly place: Place }[] {
    return [...this.#places].flatMap(([id, places]) => places.map((place) => ({ id, place })));
  }

  #pick(detail: number): { readonly id: string; readonly place: Place } | null {
    const all = this.#all();
    return all[detail % Math.max(1, all.length)] ?? null;
  }

  #leave(id: string, place: Place): void {
    this.#places.set(
      id,
      (this.#places.get(id) ?? []).filter((other) => other !== place),
    );
  }
}

/** One of them has a slow line, one reads our files itself. */
function lined(id: string, change: Partial<WorkerView> = {}): WorkerView {
  const uploadRate = [null, 1e6, Number.POSITIVE_INFINITY, 5e7][WORKERS.indexOf(id)] ?? null;
  return view(id, { uploadRate, downloadRate: 1e7, ...change });
}

function expectTrue(value: boolean, what: string): void {
  if (!value) throw new Error(what);
}
