import { useEffect, useRef } from 'react';

export interface LogKeys {
  readonly search: () => void;
  readonly step: (step: 1 | -1) => void;
  readonly toggleFollow: () => void;
  readonly togglePause: () => void;
  readonly jumpToEnd: () => void;
}

/** / search · n and Shift+n next and previous match · f follow · p pause · End newest. Not while one types or a dialog is open. */
export function useLogKeys(keys: LogKeys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || document.querySelector('dialog[open], [role="menu"]') !== null) return;
      const action = actionOf(event.key, latest.current);
      if (action === null) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

function actionOf(key: string, keys: LogKeys): (() => void) | null {
  switch (key) {
    case '/':
      return keys.search;
    case 'n':
      return () => keys.step(1);
    case 'N':
      return () => keys.step(-1);
    case 'f':
      return keys.toggleFollow;
    case 'p':
      return keys.togglePause;
    case 'End':
      return keys.jumpToEnd;
    default:
      return null;
  }
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input:not([type="checkbox"]), textarea, select') !== null
  );
}
