import type { KeyboardEvent } from 'react';
import type { Artifact } from '../../shared/runs.ts';

/** The tile that a key leads to from the one with the focus; null when the key is not for moving. */
export function gridKey(
  artifacts: readonly Artifact[],
  columns: number,
  event: KeyboardEvent<HTMLElement>,
): number | null {
  if (event.altKey || event.ctrlKey || event.metaKey || !(event.target instanceof HTMLElement)) return null;
  const id = event.target.dataset['artifact'];
  const current = id === undefined ? -1 : artifacts.findIndex((artifact) => artifact.id === id);
  return current < 0 ? null : nextTile(current, artifacts.length, columns, event.key);
}

export function nextTile(current: number, count: number, columns: number, key: string): number | null {
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
    PageDown: 3 * columns,
    PageUp: -3 * columns,
  };
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  const step = steps[key];
  if (step === undefined) return null;
  const next = current + step;
  // Up from the first row and down from the last stay: jumping to another column would surprise.
  if (next < 0) return key.startsWith('Page') ? 0 : current;
  if (next >= count) return key.startsWith('Page') || key === 'ArrowDown' ? count - 1 : current;
  return next;
}
