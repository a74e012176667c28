import { FileJson } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { stayOnTop } from '../components/top-layer.ts';
import { useServices } from '../store/services.ts';
import type { DialogState } from '../store/ui-store.ts';

/** A dialog with something typed in must not be closed by a file that was dropped. */
const REPLACEABLE: readonly (DialogState['kind'] | undefined)[] = [
  undefined,
  'run',
  'palette',
  'shortcuts',
  'picture',
];

/** A workflow file dropped anywhere in the window opens "Run workflow…" with it. */
export function DropTarget() {
  const over = useWindowDrop();
  const [element] = useState(() => document.createElement('div'));
  useLayoutEffect(() => stayOnTop(element, document.body), [element]);
  return createPortal(
    over && (
      <p className="drop-overlay">
        <FileJson size={28} strokeWidth={1.3} aria-hidden="true" />
        Drop the workflow to see what will happen with it
      </p>
    ),
    element,
  );
}

function useWindowDrop(): boolean {
  const { ui } = useServices();
  const [over, setOver] = useState(false);
  // A picture dragged out of the gallery counts as a file for the browser; it is not one to run.
  const ownDrag = useRef(false);
  useEffect(() => {
    const hasFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;
    const takes = (event: DragEvent): boolean =>
      !ownDrag.current && hasFile(event) && REPLACEABLE.includes(ui.getState().dialog?.kind);
    const listeners: { readonly [name: string]: (event: DragEvent) => void } = {
      dragstart: () => {
        ownDrag.current = true;
      },
      dragend: () => {
        ownDrag.current = false;
      },
      dragover: (event) => {
        if (!hasFile(event)) return;
        // Otherwise the browser would open the file in place of this page.
        event.preventDefault();
        if (event.dataTransfer) event.dataTransfer.dropEffect = takes(event) ? 'copy' : 'none';
        setOver(takes(event));
      },
      dragleave: (event) => {
        if (event.relatedTarget === null) setOver(false);
      },
      drop: (event) => {
        if (!hasFile(event)) return;
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer?.files[0];
        if (file !== undefined && takes(event)) {
          ui.getState().openDialog({ kind: 'run', source: { kind: 'file', file } });
        }
      },
    };
    const entries = Object.entries(listeners) as [string, EventListener][];
    for (const [name, listener] of entries) window.addEventListener(name, listener);
    return () => {
      for (const [name, listener] of entries) window.removeEventListener(name, listener);
    };
  }, [ui]);
  return over;
}
