import { useVirtualizer } from '@tanstack/react-virtual';
import { Plus } from 'lucide-react';
import { type KeyboardEvent, type RefObject, useRef } from 'react';
import type { InstanceSnapshot } from '../../shared/model.ts';
import { Button } from '../components/button.tsx';
import { useServices } from '../store/services.ts';
import { GroupHeading } from './group-heading.tsx';
import { InstanceRow } from './instance-row.tsx';
import { useOffsetTop } from './use-offset-top.ts';
import type { WorkersOfType } from './workers-by-type.ts';

const ROW_HEIGHT = 40;
const COLUMNS = ['State', 'Name', 'Device', 'Now', 'VRAM', 'GPU', 'Temp', 'Power', 'Queue'] as const;

export interface FleetListProps {
  readonly group: WorkersOfType;
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly focused: string | null;
  readonly onFocus: (id: string) => void;
}

/** Many workers as rows: only those in sight exist in the page, so that 500 scroll as well as 13. */
export function FleetList({ group, scroller, focused, onFocus }: FleetListProps) {
  const { workers } = group;
  const body = useRef<HTMLDivElement>(null);
  const margin = useOffsetTop(body);
  const virtual = useVirtualizer({
    count: workers.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 5,
    scrollMargin: margin,
    getItemKey: (index) => workers[index]?.id ?? index,
  });
  const tabbable = workers.some((worker) => worker.id === focused) ? focused : workers[0]?.id;
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const next = nextRow(workers, event);
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation();
    reveal(scroller.current, margin + next * ROW_HEIGHT);
    focusRow(body, workers[next]?.id);
  };
  return (
    <section aria-labelledby={group.headingId}>
      <GroupHeading group={group} />
      {/* biome-ignore-start lint/a11y/useSemanticElements: rows are placed absolutely, which a native table cannot do. */}
      <div
        className="list"
        role="table"
        aria-label={`${group.title} workers`}
        aria-rowcount={workers.length + 1}
      >
        <ListHead />
        <div
          ref={body}
          className="list-body"
          role="rowgroup"
          style={{ height: virtual.getTotalSize() }}
          onKeyDown={onKeyDown}
        >
          {virtual.getVirtualItems().map((item) => {
            const worker = workers[item.index];
            return worker === undefined ? null : (
              <InstanceRow
                key={item.key}
                instance={worker}
                index={item.index}
                top={item.start - margin}
                tabbable={worker.id === tabbable}
                onFocus={onFocus}
              />
            );
          })}
        </div>
      </div>
      {/* biome-ignore-end lint/a11y/useSemanticElements: as above */}
    </section>
  );
}

export function FleetListHead() {
  const { ui } = useServices();
  return (
    <div className="fleet-list-head">
      <Button size="s" icon={Plus} onClick={() => ui.getState().openDialog({ kind: 'worker-add' })}>
        Add worker
      </Button>
    </div>
  );
}

/* biome-ignore-start lint/a11y/useSemanticElements: as the rows */
/* biome-ignore-start lint/a11y/useFocusableInteractive: headings are read, not operated */
function ListHead() {
  return (
    <div role="rowgroup">
      <div className="list-row list-head" role="row" aria-rowindex={1}>
        <span role="columnheader">
          <span className="visually-hidden">Takes part</span>
        </span>
        {COLUMNS.map((column) => (
          <span key={column} role="columnheader" className={`list-${column.toLowerCase()}`}>
            {column}
          </span>
        ))}
        <span role="columnheader">
          <span className="visually-hidden">Actions</span>
        </span>
      </div>
    </div>
  );
}
/* biome-ignore-end lint/a11y/useFocusableInteractive: as above */
/* biome-ignore-end lint/a11y/useSemanticElements: as above */

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };

/** The row that a key leads to from the row with the focus; null when the key is not ours. */
function nextRow(workers: readonly InstanceSnapshot[], event: KeyboardEvent<HTMLElement>): number | null {
  const id = event.target instanceof HTMLElement ? event.target.dataset['instance'] : undefined;
  const current = workers.findIndex((worker) => worker.id === id);
  if (current < 0) return null;
  if (event.key === 'Home') return 0;
  if (event.key === 'End') return workers.length - 1;
  const step = STEPS[event.key];
  if (step === undefined) return null;
  // The first row gives the arrow to what is above this list, the last one to what is below.
  if ((current === 0 && step < 0) || (current === workers.length - 1 && step > 0)) return null;
  return Math.min(workers.length - 1, Math.max(0, current + step));
}

/**
 * Scrolls no further than needed. (The virtualizer's own way takes the last row of a list for the end of the page.)
 * @param top px from the top of what scrolls
 */
function reveal(scroller: HTMLElement | null, top: number): void {
  if (scroller === null) return;
  const least = top + ROW_HEIGHT - scroller.clientHeight;
  scroller.scrollTop = Math.min(top, Math.max(least, scroller.scrollTop));
}

/** The row may not exist until the list has scrolled to it. */
function focusRow(body: RefObject<HTMLElement | null>, id: string | undefined, tries = 10): void {
  if (id === undefined || tries === 0) return;
  const row = body.current?.querySelector<HTMLElement>(`[data-instance="${CSS.escape(id)}"]`);
  if (row) row.focus({ preventScroll: true });
  else requestAnimationFrame(() => focusRow(body, id, tries - 1));
}
