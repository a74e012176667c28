import { createStore, type StoreApi } from 'zustand/vanilla';
import type { InstanceId } from '../../shared/model.ts';

export type View = 'fleet' | 'logs' | 'settings';

export type DialogState =
  | { readonly kind: 'worker-add' }
  | { readonly kind: 'worker-edit'; readonly id: InstanceId }
  | { readonly kind: 'worker-remove'; readonly id: InstanceId }
  | { readonly kind: 'stop-all' }
  | { readonly kind: 'picture'; readonly id: InstanceId }
  | { readonly kind: 'palette' }
  | { readonly kind: 'shortcuts' }
  /** "Set up real ComfyUI", whatever the set-up state is. */
  | { readonly kind: 'onboarding' };

export interface UiState {
  readonly view: View;
  /** At most one dialog is open. */
  readonly dialog: DialogState | null;
  /** Whose log the Logs view shows; null = its own choice. */
  readonly logInstance: InstanceId | null;
  /** The notification centre is open. */
  readonly notifications: boolean;
  navigate(view: View): void;
  openDialog(dialog: DialogState): void;
  closeDialog(): void;
  showLogs(id: InstanceId): void;
  toggleNotifications(open?: boolean): void;
}

export type UiStore = StoreApi<UiState>;

export function createUiStore(): UiStore {
  return createStore<UiState>((set, get) => ({
    view: 'fleet',
    dialog: null,
    logInstance: null,
    notifications: false,
    navigate: (view) => set({ view }),
    openDialog: (dialog) => set({ dialog }),
    closeDialog: () => set({ dialog: null }),
    showLogs: (id) => set({ view: 'logs', logInstance: id, dialog: null }),
    toggleNotifications: (open) => set({ notifications: open ?? !get().notifications }),
  }));
}
