import type { Fleet } from './fleet.ts';
import { MOST_PER_WORKER } from './policy-constants.ts';
import type { Copy, Item, Worker } from './state.ts';

/** Binds a work to a worker: from here on it counts as dispatched. */
export function bind(
  fleet: Fleet,
  item: Item,
  worker: Worker,
  { ahead, backup, time }: { readonly ahead: boolean; readonly backup: boolean; readonly time: number },
): Copy {
  if (worker.copies.length >= MOST_PER_WORKER) throw new Error(`${worker.id} has its works already`);
  const copy: Copy = {
    item,
    worker,
    backup,
    ahead,
    dueFrom: time,
    setup: fleet.setup(worker, item.work.model),
    arrivesAt: time + fleet.bringMs(worker, item),
    residentBefore: worker.resident,
    startedAt: null,
    firstStep: null,
    lastStep: null,
    revoking: false,
    settled: false,
  };
  item.copies.push(copy);
  worker.copies.push(copy);
  fleet.use(worker, item.work.model);
  fleet.refresh(worker);
  return copy;
}

/** Takes a copy away; what is behind it moves up, and begins about now. */
export function unbind(fleet: Fleet, copy: Copy, time: number): void {
  const { item, worker } = copy;
  removeFrom(item.copies, copy);
  removeFrom(worker.copies, copy);
  const [next] = worker.copies;
  if (next !== undefined && next.startedAt === null) next.dueFrom = time;
  fleet.refresh(worker);
}

/** A copy that never ran there: its model was not loaded. */
export function takeBack(fleet: Fleet, copy: Copy, time: number): void {
  const { worker, residentBefore } = copy;
  const wasLast = worker.copies.at(-1) === copy && copy.startedAt === null;
  unbind(fleet, copy, time);
  if (wasLast && !worker.removed) fleet.reside(worker, residentBefore);
}

/** Works that run there, in the order of the server: what has started stands first. */
export function putFirst(worker: Worker, copy: Copy): void {
  const index = worker.copies.indexOf(copy);
  if (index <= 0) return;
  worker.copies.splice(index, 1);
  worker.copies.unshift(copy);
}

export function copyOn(item: Item, workerId: string): Copy | null {
  return item.copies.find((copy) => copy.worker.id === workerId) ?? null;
}

function removeFrom<T>(list: T[], value: T): void {
  const index = list.indexOf(value);
  if (index >= 0) list.splice(index, 1);
}
