import { useEffect, useRef, useState } from 'react';
import { Toast } from '../components/toast.tsx';
import { useServices, useToasts } from '../store/services.ts';
import type { ToastMessage } from '../store/toast-store.ts';
import './notifications.css';
import { toastDuration } from './toast-duration.ts';

/** The toasts in the corner. While the pointer or the focus is on one of them, none goes away. */
export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  const [hovered, setHovered] = useState(false);
  const [focused, setFocused] = useState(false);
  const held = toasts.length > 0 && (hovered || focused);
  useEffect(() => {
    // A toast that is removed under the pointer or the focus tells nobody that they left.
    if (toasts.length > 0) return;
    setHovered(false);
    setFocused(false);
  }, [toasts.length]);
  return (
    <section
      className="toasts"
      aria-label="Messages"
      aria-live="polite"
      aria-relevant="additions"
      onMouseEnter={() => setHovered(true)}
      onMouseLeave={() => setHovered(false)}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
    >
      {toasts.map((toast) => (
        <TimedToast key={toast.id} toast={toast} held={held} />
      ))}
    </section>
  );
}

function TimedToast({ toast, held }: { readonly toast: ToastMessage; readonly held: boolean }) {
  const { toasts } = useServices();
  const remaining = useRef(toastDuration(toast));
  useEffect(() => {
    if (held) return;
    const began = Date.now();
    const timer = setTimeout(() => toasts.getState().dismiss(toast.id), remaining.current);
    return () => {
      clearTimeout(timer);
      remaining.current -= Date.now() - began;
    };
  }, [held, toast.id, toasts]);
  return (
    <Toast
      level={toast.level}
      title={toast.title}
      detail={toast.detail}
      {...(toast.action === undefined ? {} : { action: toast.action })}
      onDismiss={() => toasts.getState().dismiss(toast.id)}
    />
  );
}
