import type { ToastMessage } from '../store/toast-store.ts';

/** How long a toast stays, ms: longer where there is something to decide or to understand. */
export function toastDuration(toast: Pick<ToastMessage, 'level' | 'detail' | 'action'>): number {
  if (toast.action !== undefined || toast.level === 'error') return 10_000;
  return toast.detail === null ? 4000 : 6000;
}
