import type { Clock } from '../ports.ts';
import type { LocalInstance } from './local-instance.ts';
import { checkPlacement } from './placement-check.ts';

/** CUDA's context appears within seconds of a start… */
const LOOK_MS = 5_000;
/** …afterwards one nvidia-smi call a minute catches a changed device. */
const SETTLED_MS = 60_000;
/** A server that shows on no GPU for this long runs in another pid namespace, or computes nothing yet. */
const PATIENCE_MS = 120_000;

export interface PlacementWatchDeps {
  readonly clock: Clock;
  readonly instances: () => readonly LocalInstance[];
  /** pid → UUIDs of the GPUs it computes on; rejects while nvidia-smi fails. */
  readonly computeProcesses: () => Promise<ReadonlyMap<number, readonly string[]>>;
  /** The pid and its descendants. */
  readonly tree: (pid: number) => Promise<readonly number[]>;
  readonly onMismatch: (instance: LocalInstance, actual: readonly string[]) => void;
}

/** Verifies after each start that every child sits on the GPU it was given, and says so when not. */
export class PlacementWatch {
  #cancel: (() => void) | null = null;
  #stopped = false;
  #lastLook = Number.NEGATIVE_INFINITY;

  constructor(private readonly deps: PlacementWatchDeps) {}

  start(): void {
    this.#stopped = false;
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancel = null;
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#cancel = this.deps.clock.after(LOOK_MS, () => {
      this.#cancel = null;
      void this.#look().finally(() => this.#schedule());
    });
  }

  #watched(): readonly LocalInstance[] {
    return this.deps
      .instances()
      .filter((instance) => instance.process.state.status === 'ready' && instance.expectedGpu !== null);
  }

  #isFresh(instance: LocalInstance): boolean {
    const { since } = instance.process.state;
    return instance.snapshot().placement.status === 'pending' && this.deps.clock.now() - since < PATIENCE_MS;
  }

  async #look(): Promise<void> {
    const watched = this.#watched();
    const due =
      watched.some((instance) => this.#isFresh(instance)) ||
      this.deps.clock.now() - this.#lastLook >= SETTLED_MS;
    if (watched.length === 0 || !due) return;
    this.#lastLook = this.deps.clock.now();
    const processes = await this.deps.computeProcesses().catch(() => null);
    if (processes === null) return;
    for (const instance of watched) await this.#verify(instance, processes);
  }

  async #verify(instance: LocalInstance, processes: ReadonlyMap<number, readonly string[]>): Promise<void> {
    const { pid } = instance;
    if (pid === null) return;
    const pids = new Set(await this.deps.tree(pid));
    const before = instance.snapshot().placement;
    const after = checkPlacement(instance.expectedGpu, pids, processes);
    // A server that freed its context keeps what was already proven.
    if (after.status === 'pending' && before.status !== 'pending') return;
    instance.setPlacement(after);
    if (after.status === 'mismatch' && before.status !== 'mismatch') {
      this.deps.onMismatch(instance, after.actual);
    }
  }
}
