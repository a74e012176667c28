import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ControlClient } from '../../shared/contract.ts';
import type { Settings } from '../../shared/settings.ts';

export interface SettingsState {
  /** null until they came. */
  readonly settings: Settings | null;
}

export type SettingsStore = StoreApi<SettingsState>;

export function createSettingsStore(client: ControlClient): SettingsStore {
  const store = createStore<SettingsState>(() => ({ settings: null }));
  client.subscribe('settings', (settings) => store.setState({ settings }));
  client.onConnection((connected) => {
    if (!connected) return;
    client.invoke('settings.get', {}).then(
      (settings) => store.setState({ settings }),
      () => undefined,
    );
  });
  return store;
}
