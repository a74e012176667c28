import type { InstanceId } from '../../../shared/model.ts';
import { Heap } from './heap.ts';
import type { Item, Lane, RunState } from './state.ts';

/** Everything that waits, in lanes of works that are alike for placement, so that choosing looks at lanes and not at works. */
export class Waiting {
  readonly #lanes = new Map<string, Lane>();
  readonly #byModel = new Map<string, number>();
  /** Arrays of equal ids share one set: runs bring an array each. */
  readonly #sets = new WeakMap<readonly InstanceId[], ReadonlySet<InstanceId>>();
  readonly #setsByText = new Map<string, ReadonlySet<InstanceId>>();
  readonly #setNumbers = new WeakMap<ReadonlySet<InstanceId>, number>();
  #setCount = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Those with something in them. */
  get lanes(): Iterable<Lane> {
    return this.#lanes.values();
  }

  get laneCount(): number {
    return this.#lanes.size;
  }

  ofModel(model: string | null): number {
    return model === null ? 0 : (this.#byModel.get(model) ?? 0);
  }

  add(item: Item): void {
    const lane = this.#laneOf(item);
    item.lane = lane;
    lane.heap.push(item);
    this.#change(lane, item, 1);
  }

  /** Takes the first of a lane out. Lanes always have one: empty ones are dropped. */
  take(lane: Lane): Item | null {
    const item = this.head(lane);
    if (item === null) return null;
    lane.heap.pop();
    lane.heldSince = null;
    this.#leave(lane, item);
    return item;
  }

  head(lane: Lane): Item | null {
    for (;;) {
      const item = lane.heap.peek();
      if (item === undefined) return null;
      if (item.lane === lane) return item;
      // It was cancelled, or waits again under other conditions.
      lane.heap.pop();
    }
  }

  /** Takes one out wherever it stands. */
  remove(item: Item): void {
    const { lane } = item;
    if (lane === null) return;
    this.#leave(lane, item);
    if (lane.heap.size > 64 && lane.heap.size > 2 * lane.count)
      lane.heap.rebuild((other) => other.lane === lane);
  }

  /** The works of a run have new positions. */
  moved(run: RunState): void {
    const lanes = new Set<Lane>();
    for (const { lane } of run.items) if (lane !== null) lanes.add(lane);
    for (const lane of lanes) lane.heap.rebuild((item) => item.lane === lane);
  }

  /** All that waits, first in order first. */
  sorted(): readonly Item[] {
    const items: Item[] = [];
    for (const lane of this.#lanes.values()) {
      for (const item of lane.heap.values) if (item.lane === lane) items.push(item);
    }
    return items.sort((a, b) => a.position - b.position);
  }

  /** The lane that a work would wait in, which may be a new one that nothing waits in. */
  laneLike(item: Item): Lane {
    const { workflow, model, preferred } = item.work;
    const { avoided } = item;
    const eligible = this.#eligible(item.work.eligible);
    const barred = [...item.barred.keys()].sort();
    const number = this.#setNumbers.get(eligible) ?? 0;
    const key = JSON.stringify([workflow, model, number, preferred, avoided, barred]);
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    const heap = new Heap<Item>((other) => other.position);
    const fixed = { key, workflow, model, eligible, preferred, avoided, barred, heap };
    return { ...fixed, count: 0, units: 0, allowed: new Set(), epoch: -1, heldSince: null, pace: null };
  }

  #leave(lane: Lane, item: Item): void {
    item.lane = null;
    this.#change(lane, item, -1);
    if (lane.count === 0) this.#lanes.delete(lane.key);
  }

  #change(lane: Lane, { work }: Item, by: 1 | -1): void {
    this.#count += by;
    lane.count += by;
    lane.units += by * work.units;
    if (work.model === null) return;
    const count = (this.#byModel.get(work.model) ?? 0) + by;
    if (count === 0) this.#byModel.delete(work.model);
    else this.#byModel.set(work.model, count);
  }

  #laneOf(item: Item): Lane {
    const lane = this.laneLike(item);
    this.#lanes.set(lane.key, lane);
    return lane;
  }

  #eligible(ids: readonly InstanceId[]): ReadonlySet<InstanceId> {
    const known = this.#sets.get(ids);
    if (known !== undefined) return known;
    const text = JSON.stringify([...ids].sort());
    const set = this.#setsByText.get(text) ?? new Set(ids);
    this.#setsByText.set(text, set);
    if (!this.#setNumbers.has(set)) {
      this.#setCount += 1;
      this.#setNumbers.set(set, this.#setCount);
    }
    this.#sets.set(ids, set);
    return set;
  }
}
