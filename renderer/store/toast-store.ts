import { createStore, type StoreApi } from 'zustand/vanilla';
import { EnsembleError, messageOf } from '../../shared/errors.ts';
import type { NoticeLevel } from '../../shared/model.ts';

export interface ToastMessage {
  readonly id: number;
  readonly level: NoticeLevel;
  readonly title: string;
  readonly detail: string | null;
  readonly action?: { readonly label: string; readonly run: () => void };
}

export interface ToastState {
  /** Oldest first. The list in renderer/notifications decides how long each stays. */
  readonly toasts: readonly ToastMessage[];
  show(toast: Omit<ToastMessage, 'id'>): void;
  /** What a refused command has to say. */
  showError(error: unknown): void;
  dismiss(id: number): void;
}

export type ToastStore = StoreApi<ToastState>;

const MOST_TOASTS = 4;

export function createToastStore(): ToastStore {
  let nextId = 1;
  return createStore<ToastState>((set, get) => ({
    toasts: [],
    show(toast) {
      const added = { ...toast, id: nextId };
      nextId += 1;
      set({ toasts: [...get().toasts, added].slice(-MOST_TOASTS) });
    },
    showError(error) {
      const detail = error instanceof EnsembleError ? error.hint : null;
      get().show({ level: 'error', title: messageOf(error), detail });
    },
    dismiss(id) {
      set({ toasts: get().toasts.filter((toast) => toast.id !== id) });
    },
  }));
}
