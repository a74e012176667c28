import type { FleetPatch, FleetSnapshot, InstanceId, InstanceSnapshot } from '../../../shared/model.ts';
import { paceAfter } from '../feed-pace.ts';
import { isSame } from '../plain-data.ts';
import { type Clock, Emitter } from '../ports.ts';

export type FleetRoot = Omit<FleetSnapshot, 'epoch' | 'revision' | 'instances'>;

/** Changes within this many ms become one patch: below what a person notices, far fewer than progress events. */
export const PATCH_INTERVAL_MS = 50;

/** What follows from the rest of the state, e.g. the mode from the instances; part of the very same patch. */
export type Derive = (instances: readonly InstanceSnapshot[]) => Partial<FleetRoot>;

/**
 * The one place where the fleet's visible state lives. Every change raises the revision and is broadcast as a patch;
 * a client that missed one fetches the snapshot. Equal values are not changes.
 */
export class FleetState {
  readonly #patches = new Emitter<FleetPatch>();
  readonly #instances = new Map<InstanceId, InstanceSnapshot>();
  readonly #dirtyInstances = new Set<InstanceId>();
  #dirtyRoot: Partial<FleetRoot> = {};
  #orderChanged = false;
  #revision = 0;
  #lastFlush = Number.NEGATIVE_INFINITY;
  #interval = PATCH_INTERVAL_MS;
  #cancelFlush: (() => void) | null = null;

  constructor(
    private root: FleetRoot,
    private readonly epoch: string,
    private readonly clock: Clock,
    private readonly derive: Derive,
  ) {}

  onPatch(listener: (patch: FleetPatch) => void): () => void {
    return this.#patches.on(listener);
  }

  /** Flushes first, so that the snapshot's revision and the next patch follow each other without a gap. */
  snapshot(): FleetSnapshot {
    this.#flush();
    return {
      epoch: this.epoch,
      revision: this.#revision,
      ...this.root,
      instances: [...this.#instances.values()],
    };
  }

  instance(id: InstanceId): InstanceSnapshot | null {
    return this.#instances.get(id) ?? null;
  }

  get instances(): readonly InstanceSnapshot[] {
    return [...this.#instances.values()];
  }

  setRoot(change: Partial<FleetRoot>): void {
    const differing = Object.fromEntries(
      Object.entries(change).filter(([key, value]) => !isSame(this.root[key as keyof FleetRoot], value)),
    ) as Partial<FleetRoot>;
    if (Object.keys(differing).length === 0) return;
    this.root = { ...this.root, ...differing };
    this.#dirtyRoot = { ...this.#dirtyRoot, ...differing };
    this.#schedule();
  }

  setInstance(snapshot: InstanceSnapshot): void {
    const previous = this.#instances.get(snapshot.id);
    if (previous !== undefined && isSame(previous, snapshot)) return;
    if (previous === undefined) this.#orderChanged = true;
    this.#instances.set(snapshot.id, snapshot);
    this.#dirtyInstances.add(snapshot.id);
    this.#schedule();
  }

  /** Drops every instance that is not named and puts the others in this order. */
  setOrder(ids: readonly InstanceId[]): void {
    const current = [...this.#instances.keys()];
    const kept = ids.filter((id) => this.#instances.has(id));
    if (isSame(current, kept)) return;
    const snapshots = kept.flatMap((id) => this.#instances.get(id) ?? []);
    this.#instances.clear();
    for (const snapshot of snapshots) this.#instances.set(snapshot.id, snapshot);
    this.#orderChanged = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#cancelFlush !== null) return;
    const elapsed = this.clock.now() - this.#lastFlush;
    // A clock set back must not postpone the patch.
    const wait = elapsed >= 0 ? Math.max(0, this.#interval - elapsed) : 0;
    this.#cancelFlush = this.clock.after(wait, () => {
      this.#cancelFlush = null;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#dirtyInstances.size > 0 || this.#orderChanged) this.setRoot(this.derive(this.instances));
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    const clean =
      this.#dirtyInstances.size === 0 && !this.#orderChanged && Object.keys(this.#dirtyRoot).length === 0;
    if (clean) return;
    this.#revision += 1;
    this.#lastFlush = this.clock.now();
    const patch: FleetPatch = {
      epoch: this.epoch,
      revision: this.#revision,
      root: this.#dirtyRoot,
      instances: [...this.#dirtyInstances].flatMap((id) => this.#instances.get(id) ?? []),
      order: this.#orderChanged ? [...this.#instances.keys()] : null,
    };
    this.#interval = paceAfter(patch.instances.length, PATCH_INTERVAL_MS);
    this.#dirtyInstances.clear();
    this.#dirtyRoot = {};
    this.#orderChanged = false;
    this.#patches.emit(patch);
  }
}
