import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ControlClient } from '../../shared/contract.ts';
import type { ProvidersState } from '../../shared/providers.ts';

export interface ProvidersStoreState {
  /** null until it came. */
  readonly state: ProvidersState | null;
}

export type ProvidersStore = StoreApi<ProvidersStoreState>;

export function createProvidersStore(client: ControlClient): ProvidersStore {
  const store = createStore<ProvidersStoreState>(() => ({ state: null }));
  client.subscribe('providers', (state) => store.setState({ state }));
  client.onConnection((connected) => {
    if (!connected) return;
    client.invoke('providers.state', {}).then(
      (state) => store.setState({ state }),
      () => undefined,
    );
  });
  return store;
}
