import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type RefObject, useRef, useState } from 'react';
import type { RunSummary } from '../../shared/runs.ts';
import { Button } from '../components/button.tsx';
import { useRuns, useServices } from '../store/services.ts';
import { RunRow } from './run-row.tsx';
import { useRunKeys } from './use-run-keys.ts';

const ROW_HEIGHT = 126;

export interface RunListProps {
  readonly runs: readonly RunSummary[];
  readonly opened: string | null;
  /** The detail is beside the list: it follows the focus. */
  readonly follows: boolean;
}

/** Runs as rows; only those in sight exist in the page. Arrow keys move, letters act as the run's menu shows them. */
export function RunList({ runs, opened, follows }: RunListProps) {
  const { ui } = useServices();
  const scroller = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const virtual = useVirtualizer({
    count: runs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 4,
    paddingStart: 8,
    getItemKey: (index) => runs[index]?.id ?? index,
  });
  const runKeys = useRunKeys(runs);
  const open = (id: string) => ui.getState().openRun(id);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const next = nextRow(runs, event);
    const run = next === null ? undefined : runs[next];
    if (next === null || run === undefined) return runKeys(event);
    event.preventDefault();
    virtual.scrollToIndex(next);
    focusRun(scroller, run.id);
    if (follows) open(run.id);
  };
  const wanted = focused ?? opened;
  const tabbable = runs.some((run) => run.id === wanted) ? wanted : runs[0]?.id;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys of the rows inside bubble up to here.
    <div className="run-list" ref={scroller} onKeyDown={onKeyDown}>
      <ul style={{ height: virtual.getTotalSize() }} aria-label="Runs">
        {virtual.getVirtualItems().map((item) => {
          const run = runs[item.index];
          return run === undefined ? null : (
            <RunRow
              key={item.key}
              run={run}
              place={item.index + 1}
              of={runs.length}
              top={item.start}
              opened={run.id === opened}
              tabbable={run.id === tabbable}
              onOpen={open}
              onFocus={setFocused}
            />
          );
        })}
      </ul>
      <OlderRuns />
    </div>
  );
}

function OlderRuns() {
  const { runs } = useServices();
  const more = useRuns((state) => state.more);
  const loading = useRuns((state) => state.loadingOlder);
  if (!more) return null;
  return (
    <p className="run-list-older">
      <Button size="s" busy={loading} onClick={() => void runs.getState().loadOlder()}>
        Show older
      </Button>
    </p>
  );
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 6, PageUp: -6 };

/** The row that a key leads to from the row with the focus; null when the key is not for moving. */
function nextRow(runs: readonly RunSummary[], event: KeyboardEvent<HTMLElement>): number | null {
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  const id = event.target instanceof HTMLElement ? event.target.dataset['run'] : undefined;
  const current = runs.findIndex((run) => run.id === id);
  if (current < 0) return null;
  if (event.key === 'Home') return 0;
  if (event.key === 'End') return runs.length - 1;
  const step = STEPS[event.key];
  return step === undefined ? null : Math.min(runs.length - 1, Math.max(0, current + step));
}

/** The row may not exist until the list has scrolled to it. */
function focusRun(list: RefObject<HTMLElement | null>, id: string, tries = 10): void {
  if (tries === 0) return;
  const row = list.current?.querySelector<HTMLElement>(`[data-run="${CSS.escape(id)}"]`);
  if (row) row.focus({ preventScroll: true });
  else requestAnimationFrame(() => focusRun(list, id, tries - 1));
}
