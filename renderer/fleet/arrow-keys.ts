import type { KeyboardEvent } from 'react';

export interface Box {
  readonly x: number;
  readonly y: number;
}

/** Index of the nearest box in a direction, or the same index when there is none. Sideways counts double across lines. */
export function nextIndex(boxes: readonly Box[], current: number, key: string): number {
  const from = boxes[current];
  if (from === undefined) return current;
  if (key === 'Home') return 0;
  if (key === 'End') return boxes.length - 1;
  if (key === 'ArrowRight') return Math.min(boxes.length - 1, current + 1);
  if (key === 'ArrowLeft') return Math.max(0, current - 1);
  const down = key === 'ArrowDown';
  if (!down && key !== 'ArrowUp') return current;
  const rows = boxes
    .map((box, index) => ({ box, index }))
    .filter(({ box }) => (down ? box.y > from.y + 1 : box.y < from.y - 1));
  const distance = (box: Box): number => Math.abs(box.y - from.y) * 1000 + Math.abs(box.x - from.x);
  rows.sort((left, right) => distance(left.box) - distance(right.box));
  return rows[0]?.index ?? current;
}

/** Arrow keys between the elements marked data-roving inside a container; use as its onKeyDown. */
export function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-roving]')];
  const current = items.indexOf(event.target as HTMLElement);
  if (current < 0) return;
  const boxes = items.map((item) => item.getBoundingClientRect());
  const next = nextIndex(boxes, current, event.key);
  if (next === current) return;
  event.preventDefault();
  items[next]?.focus();
  items[next]?.scrollIntoView({ block: 'nearest' });
}
