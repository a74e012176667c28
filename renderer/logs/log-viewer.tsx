import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { type Ref, type RefObject, useCallback, useImperativeHandle, useLayoutEffect, useRef } from 'react';
import { classNames } from '../components/class-names.ts';
import { LogRowView } from './log-row.tsx';
import { indexOfKey, type LogRow } from './log-rows.ts';

/** Pixels from the end that still count as "at the end". */
const NEAR_END = 24;
const ROW_HEIGHT = 18;

export interface LogViewerHandle {
  scrollToKey(key: number): void;
  /** The row at the top of what is seen; null when there are none. */
  topKey(): number | null;
}

export interface LogViewerProps {
  readonly ref: Ref<LogViewerHandle>;
  readonly label: string;
  readonly rows: readonly LogRow[];
  readonly query: string;
  readonly match: number | null;
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly wrap: boolean;
  readonly onFollow: (follow: boolean) => void;
}

/** Draws only the rows that are seen; sticks to the end while it follows, and to what one reads while it does not. */
export function LogViewer(props: LogViewerProps) {
  const { rows, wrap } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
    overscan: 12,
    paddingStart: 6,
    paddingEnd: 6,
  });
  const { onScroll, letGo } = useStickiness(props, scroller, virtualizer);
  useImperativeHandle(
    props.ref,
    () => ({
      scrollToKey(key) {
        letGo();
        virtualizer.scrollToIndex(indexOfKey(rows, key), { align: 'center' });
      },
      topKey: () => {
        const top = virtualizer.getVirtualItemForOffset(virtualizer.scrollOffset ?? 0);
        return top === undefined ? null : (rows[top.index]?.key ?? null);
      },
    }),
    [rows, virtualizer, letGo],
  );
  return (
    <div
      ref={scroller}
      className={classNames('log-scroller', wrap && 'log-wrap')}
      role="log"
      // Thousands of lines a second cannot be spoken: reading goes by the arrow keys.
      aria-live="off"
      aria-label={props.label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      onScroll={onScroll}
    >
      <div className="log-sizer" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          return (
            <LogRowView
              key={item.key}
              index={item.index}
              measure={wrap ? virtualizer.measureElement : null}
              start={item.start}
              row={row}
              query={props.query}
              current={row.key === props.match}
              timestamps={props.timestamps}
            />
          );
        })}
      </div>
    </div>
  );
}

interface Anchor {
  readonly key: number;
  /** Pixels between the top of that row and the top of the view. */
  readonly offset: number;
}

/** Keeps the end in view while following; otherwise keeps the row at the top where it is while lines come and go around it. */
function useStickiness(
  { rows, follow, wrap, onFollow }: LogViewerProps,
  scroller: RefObject<HTMLDivElement | null>,
  virtualizer: Virtualizer<HTMLDivElement, Element>,
): { readonly onScroll: () => void; readonly letGo: () => void } {
  const anchor = useRef<Anchor | null>(null);
  const lastTop = useRef(0);
  const total = virtualizer.getTotalSize();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new width of the lines changes every height.
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, wrap]);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    if (follow) {
      element.scrollTop = total;
    } else if (anchor.current !== null) {
      const start = virtualizer.measurementsCache[indexOfKey(rows, anchor.current.key)]?.start;
      const wanted = start === undefined ? null : start + anchor.current.offset;
      if (wanted !== null && Math.abs(wanted - element.scrollTop) > 1) element.scrollTop = wanted;
    }
    lastTop.current = element.scrollTop;
  }, [rows, follow, total, scroller, virtualizer]);
  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const top = element.scrollTop;
    const atEnd = element.scrollHeight - top - element.clientHeight < NEAR_END;
    // Only a person moves it up; the end itself moves down by new lines.
    if (atEnd && !follow && top > lastTop.current) onFollow(true);
    if (!atEnd && follow && top < lastTop.current) onFollow(false);
    lastTop.current = top;
    const item = virtualizer.getVirtualItemForOffset(top);
    const key = item === undefined ? undefined : rows[item.index]?.key;
    anchor.current = item === undefined || key === undefined ? null : { key, offset: top - item.start };
  }, [scroller, follow, onFollow, rows, virtualizer]);
  /** Before a jump: the place that was kept must not be restored over it. */
  const letGo = useCallback(() => {
    anchor.current = null;
  }, []);
  return { onScroll, letGo };
}
