import type { Work, WorkId } from './scheduler-types.ts';
import type { Item, RunState } from './state.ts';

/** All works that are not settled, and their runs. */
export class Ledger {
  readonly #items = new Map<WorkId, Item>();
  readonly #runs = new Map<string, RunState>();
  #last = Number.NEGATIVE_INFINITY;

  get size(): number {
    return this.#items.size;
  }

  get(id: WorkId): Item | null {
    return this.#items.get(id) ?? null;
  }

  run(id: string): RunState | null {
    return this.#runs.get(id) ?? null;
  }

  /** @returns null when it is known already */
  add(work: Work, time: number): Item | null {
    if (this.#items.has(work.id)) return null;
    const run = this.#runs.get(work.runId) ?? this.#addRun(work, time);
    const fresh = {
      attempt: 1,
      avoided: [],
      barred: new Map<string, string>(),
      copies: [],
      lane: null,
      revokes: 0,
    };
    const item: Item = { work, run, position: work.order, ...fresh };
    this.#items.set(work.id, item);
    run.items.add(item);
    run.first = Math.min(run.first, work.order);
    return item;
  }

  remove(item: Item): void {
    this.#items.delete(item.work.id);
    item.run.items.delete(item);
    if (item.run.items.size === 0) this.#runs.delete(item.run.id);
  }

  /** Moves all works of a run so that its first one has the order `base`, with the age that goes with the place. */
  move(run: RunState, base: number): void {
    for (const item of run.items) item.position += base - run.first;
    run.first = base;
    this.#last = Math.max(this.#last, base);
    run.since = this.#ageAt(run, base);
  }

  #addRun(work: Work, time: number): RunState {
    const { runId: id, order: first } = work;
    const spent = { computeSeconds: 0, backupSeconds: 0 };
    const run: RunState = { id, since: time, first, items: new Set(), ...spent };
    // Most runs come in at the end of the queue, where there is nobody to compare with.
    if (first < this.#last) run.since = this.#ageAt(run, first);
    this.#last = Math.max(this.#last, first);
    this.#runs.set(id, run);
    return run;
  }

  /** Age pulls ahead, so who was put ahead of an older run must be as old, and who was put behind as young. */
  #ageAt(run: RunState, first: number): number {
    let { since } = run;
    for (const other of this.#runs.values()) {
      if (other === run) continue;
      const ahead = other.first < first;
      since = ahead ? Math.max(since, other.since) : Math.min(since, other.since);
    }
    return since;
  }
}
