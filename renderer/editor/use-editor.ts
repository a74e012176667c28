import { type RefObject, useEffect, useState } from 'react';
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
  useEffect(() => client.subscribe('editor', setState), [client]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new address is a new page in the same pane.
  useEffect(() => {
    const element = pane.current;
    if (element === null || covered) return;
    const show = (): void => {
      client
        .invoke('editor.show', { bounds: boundsOf(element) })
        .then(setState, (error: unknown) => toasts.getState().showError(error));
    };
    // Also called once at the start.
    const watching = new ResizeObserver(show);
    watching.observe(element);
    return () => {
      watching.disconnect();
      void client.invoke('editor.hide', {}).catch(() => undefined);
    };
  }, [client, toasts, pane, url, covered]);
  return state;
}

/** Whole pixels within the pane: its own border stays visible. */
function boundsOf(element: HTMLElement): PaneBounds {
  const { left, top, right, bottom } = element.getBoundingClientRect();
  const [x, y] = [Math.max(0, Math.ceil(left)), Math.max(0, Math.ceil(top))];
  return { x, y, width: Math.max(0, Math.floor(right) - x), height: Math.max(0, Math.floor(bottom) - y) };
}
