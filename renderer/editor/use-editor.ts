import { type RefObject, useEffect, useRef, useState } from 'react';
import type { EditorState, PaneBounds } from '../../shared/editor.ts';
import { useClient, useServices } from '../store/services.ts';

/**
 * Lays the ComfyUI page over the pane, and takes it away with it.
 * @param url of the fleet; another one is another page
 */
export function useEditor(pane: RefObject<HTMLElement | null>, url: string, covered: boolean): EditorState {
  const client = useClient();
  const { toasts } = useServices();
  const [state, setState] = useState<EditorState>({ status: 'closed' });
  const events = useRef(0);
  useEffect(
    () =>
      client.subscribe('editor', (next) => {
        events.current += 1;
        setState(next);
      }),
    [client],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new address is a new page in the same pane.
  useEffect(() => {
    const element = pane.current;
    if (element === null || covered) return;
    const show = (): void => {
      if (!element.isConnected) return;
      const before = events.current;
      client.invoke('editor.show', { bounds: boundsOf(element) }).then(
        (answer) => {
          // An event that came while it was under way is newer.
          if (events.current === before) setState(answer);
        },
        (error: unknown) => toasts.getState().showError(error),
      );
    };
    // Also called once at the start.
    const watching = new ResizeObserver(show);
    watching.observe(element);
    // A message appears with the next frame.
    const stopToasts = toasts.subscribe(() => requestAnimationFrame(show));
    return () => {
      watching.disconnect();
      stopToasts();
      void client.invoke('editor.hide', {}).catch(() => undefined);
    };
  }, [client, toasts, pane, url, covered]);
  return state;
}

/** Whole pixels within the pane, above the messages in the corner: nothing of ours can lie over the page. */
function boundsOf(element: HTMLElement): PaneBounds {
  const { left, top, right, bottom } = element.getBoundingClientRect();
  const messages = document.querySelector('.toasts')?.getBoundingClientRect();
  const end = messages === undefined || messages.height === 0 ? bottom : Math.min(bottom, messages.top);
  const [x, y] = [Math.max(0, Math.ceil(left)), Math.max(0, Math.ceil(top))];
  return { x, y, width: Math.max(0, Math.floor(right) - x), height: Math.max(0, Math.floor(end) - y) };
}
