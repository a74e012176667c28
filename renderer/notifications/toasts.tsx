import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { Toast } from '../components/toast.tsx';
import { stayOnTop } from '../components/top-layer.ts';
import { useServices, useToasts } from '../store/services.ts';
import type { ToastMessage } from '../store/toast-store.ts';
import './notifications.css';
import { toastDuration } from './toast-duration.ts';

/**
 * The toasts in the corner, over any dialog. While the pointer or the focus is on one of them, none goes away. Errors interrupt
 * a screen reader and stand nearest to the corner; the others wait until it has finished.
 */
export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  const element = useTopElement();
  const { held, handlers } = useHeld(toasts.length);
  const list = (errors: boolean) =>
    toasts
      .filter((toast) => (toast.level === 'error') === errors)
      .map((toast) => <TimedToast key={toast.id} toast={toast} held={held} />);
  return createPortal(
    <section className="toasts" aria-label="Messages" {...handlers}>
      <div className="toast-group" role="status" aria-atomic={false} aria-relevant="additions">
        {list(false)}
      </div>
      <div className="toast-group" role="alert" aria-atomic={false} aria-relevant="additions">
        {list(true)}
      </div>
    </section>,
    element,
  );
}

/** One element for the life of the page: a new one would forget how long each toast has been seen. */
function useTopElement(): HTMLElement {
  const [element] = useState(() => document.createElement('div'));
  useLayoutEffect(() => stayOnTop(element, document.body), [element]);
  return element;
}

function useHeld(count: number) {
  const [hovered, setHovered] = useState(false);
  const [focused, setFocused] = useState(false);
  useEffect(() => {
    // A toast that is removed under the pointer or the focus tells nobody that they left.
    if (count > 0) return;
    setHovered(false);
    setFocused(false);
  }, [count]);
  const handlers = {
    onMouseEnter: () => setHovered(true),
    onMouseLeave: () => setHovered(false),
    onFocus: () => setFocused(true),
    onBlur: () => setFocused(false),
  };
  return { held: count > 0 && (hovered || focused), handlers };
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
