import type { FleetPatch, FleetSnapshot, InstanceSnapshot } from './model.ts';

/** How snapshots and patches, in whatever order they come, become one picture of the fleet. Pure. */

export interface FleetSync {
  readonly snapshot: FleetSnapshot | null;
  /** Patches that do not follow the snapshot yet. */
  readonly pending: readonly FleetPatch[];
  /** A snapshot must be fetched: something is missing between what is here and what was announced. */
  readonly stale: boolean;
}

export const NOTHING_KNOWN: FleetSync = { snapshot: null, pending: [], stale: true };

/** Called when a fetch begins: patches of another life have done their part by making us ask again. */
export function beginFetch(state: FleetSync): FleetSync {
  const epoch = state.snapshot?.epoch;
  const pending =
    epoch === undefined ? state.pending : state.pending.filter((patch) => patch.epoch === epoch);
  return { ...state, pending, stale: false };
}

export function receiveSnapshot(state: FleetSync, snapshot: FleetSnapshot): FleetSync {
  const older =
    state.snapshot?.epoch === snapshot.epoch && state.snapshot.revision > snapshot.revision
      ? state.snapshot
      : null;
  return drain(older ?? snapshot, state.pending);
}

export function receivePatch(state: FleetSync, patch: FleetPatch): FleetSync {
  if (state.snapshot === null) return { ...state, pending: [...state.pending, patch] };
  return drain(state.snapshot, [...state.pending, patch]);
}

function drain(start: FleetSnapshot, patches: readonly FleetPatch[]): FleetSync {
  let snapshot = start;
  const pending: FleetPatch[] = [];
  for (const patch of [...patches].sort((left, right) => left.revision - right.revision)) {
    if (patch.epoch !== snapshot.epoch) pending.push(patch);
    else if (patch.revision === snapshot.revision + 1) snapshot = applyPatch(snapshot, patch);
    else if (patch.revision > snapshot.revision) pending.push(patch);
  }
  return { snapshot, pending, stale: pending.length > 0 };
}

/** Instances that did not change keep their identity, so that their cards do not render again. */
export function applyPatch(snapshot: FleetSnapshot, patch: FleetPatch): FleetSnapshot {
  const byId = new Map(snapshot.instances.map((instance) => [instance.id, instance]));
  for (const instance of patch.instances) byId.set(instance.id, instance);
  const order = patch.order ?? snapshot.instances.map((instance) => instance.id);
  const instances = order
    .map((id) => byId.get(id))
    .filter((instance): instance is InstanceSnapshot => instance !== undefined);
  const unchanged = patch.instances.length === 0 && patch.order === null;
  return {
    ...snapshot,
    ...patch.root,
    revision: patch.revision,
    instances: unchanged ? snapshot.instances : instances,
  };
}
