import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ControlClient } from '../../shared/contract.ts';
import {
  beginFetch,
  type FleetSync,
  NOTHING_KNOWN,
  receivePatch,
  receiveSnapshot,
} from '../../shared/fleet-sync.ts';
import type { FleetSnapshot } from '../../shared/model.ts';

export interface FleetState {
  /** null until the first snapshot came. */
  readonly fleet: FleetSnapshot | null;
  /** False while the control center cannot be reached: what is shown may be old. */
  readonly connected: boolean;
}

export type FleetStore = StoreApi<FleetState>;

const RETRY_MS = 1000;

/** Subscribes first, then fetches; fetches again after a gap and after every reconnection. */
export function createFleetStore(client: ControlClient): FleetStore {
  const store = createStore<FleetState>(() => ({ fleet: null, connected: true }));
  let sync: FleetSync = NOTHING_KNOWN;
  let fetching = false;

  const accept = (next: FleetSync): void => {
    sync = next;
    if (next.snapshot !== store.getState().fleet) store.setState({ fleet: next.snapshot });
    if (next.stale) void refresh();
  };

  const refresh = async (): Promise<void> => {
    if (fetching) return;
    fetching = true;
    sync = beginFetch(sync);
    try {
      const snapshot = await client.invoke('fleet.snapshot', {});
      fetching = false;
      accept(receiveSnapshot(sync, snapshot));
    } catch {
      fetching = false;
      sync = { ...sync, stale: true };
      // While disconnected, the reconnection asks again.
      if (store.getState().connected) setTimeout(() => void refresh(), RETRY_MS);
    }
  };

  client.subscribe('fleet', (patch) => accept(receivePatch(sync, patch)));
  client.onConnection((connected) => {
    store.setState({ connected });
    if (connected) void refresh();
  });
  return store;
}
