import { useEffect } from 'react';
import { useServices } from '../store/services.ts';
import { VIEWS } from './views.ts';

/** Keys that work everywhere: the palette, a new run, the views by number, and help. */
export function useAppShortcuts(): void {
  const { ui } = useServices();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const state = ui.getState();
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        if (state.dialog?.kind === 'palette') state.closeDialog();
        else state.openDialog({ kind: 'palette' });
        return;
      }
      if (state.dialog !== null) return;
      if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') {
        event.preventDefault();
        state.openDialog({ kind: 'run', source: null });
        return;
      }
      const view = VIEWS.find((candidate) => event.altKey && event.code === `Digit${candidate.digit}`);
      if (view !== undefined) {
        event.preventDefault();
        state.navigate(view.view);
      } else if (event.key === '?' && !isTyping(event.target)) {
        event.preventDefault();
        state.openDialog({ kind: 'shortcuts' });
      }
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [ui]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
  );
}
