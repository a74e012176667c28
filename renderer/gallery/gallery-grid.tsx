import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type Ref,
  type RefObject,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { Artifact } from '../../shared/runs.ts';
import { GalleryTile } from './gallery-tile.tsx';
import { gridKey } from './grid-keys.ts';

const LEAST_TILE = 164;
const GAP = 12;
const CAPTION = 40;
const PADDING = 16;
/** Rows before the end at which the next page is asked for. */
const AHEAD = 4;

export interface GridHandle {
  /** True while what is on top must not move: the pointer or the focus is in it, or it is scrolled. */
  isLookedAt(): boolean;
  scrollToTop(): void;
}

export interface GalleryGridProps {
  readonly ref: Ref<GridHandle>;
  readonly artifacts: readonly Artifact[];
  readonly picked: readonly Artifact[];
  readonly onPick: (artifact: Artifact) => void;
  readonly onOpen: (artifact: Artifact) => void;
  /** The end comes into sight. */
  readonly onEnd: () => void;
  /** Nobody looks at it any more: what waited may be shown. */
  readonly onRest: () => void;
}

/** Pictures in rows; only the rows in sight exist in the page. */
export function GalleryGrid(props: GalleryGridProps) {
  const { artifacts, onEnd } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const { columns, tile } = useColumns(scroller);
  const [focused, setFocused] = useState<string | null>(null);
  const rows = Math.ceil(artifacts.length / columns);
  const virtual = useVirtualizer({
    count: rows,
    getScrollElement: () => scroller.current,
    estimateSize: () => tile + CAPTION + GAP,
    overscan: 2,
    paddingStart: PADDING,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another edge changes every height.
  useEffect(() => virtual.measure(), [virtual, tile]);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= rows - AHEAD) onEnd();
  }, [last, rows, onEnd]);
  useLookedAt(props.ref, scroller);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const next = gridKey(artifacts, columns, event);
    if (next === null) return;
    event.preventDefault();
    virtual.scrollToIndex(Math.floor(next / columns));
    focusTile(scroller, artifacts[next]?.id);
  };
  const tabbable = artifacts.some(({ id }) => id === focused) ? focused : artifacts[0]?.id;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys of the tiles inside bubble up to here.
    <div
      className="gallery-scroller"
      ref={scroller}
      onKeyDown={onKeyDown}
      onPointerLeave={() => rest(scroller, props)}
    >
      <ul className="gallery-sizer" style={{ height: virtual.getTotalSize() }} aria-label="Files">
        {items.flatMap((row) =>
          artifacts
            .slice(row.index * columns, (row.index + 1) * columns)
            .map((artifact, column) => (
              <GalleryTile
                key={artifact.id}
                artifact={artifact}
                place={row.index * columns + column + 1}
                of={artifacts.length}
                left={PADDING + column * (tile + GAP)}
                top={row.start}
                size={tile}
                picked={props.picked.some(({ id }) => id === artifact.id)}
                tabbable={artifact.id === tabbable}
                onPick={props.onPick}
                onOpen={props.onOpen}
                onFocus={setFocused}
              />
            )),
        )}
      </ul>
    </div>
  );
}

/** What waited is shown once the pointer has left, unless one has scrolled down: then the pill offers it. */
function rest(scroller: RefObject<HTMLElement | null>, { onRest }: GalleryGridProps): void {
  if (scroller.current?.scrollTop === 0) onRest();
}

function useLookedAt(ref: Ref<GridHandle>, scroller: RefObject<HTMLElement | null>): void {
  useImperativeHandle(
    ref,
    () => ({
      isLookedAt: () => {
        const element = scroller.current;
        return element !== null && (element.scrollTop > 0 || element.matches(':hover, :focus-within'));
      },
      scrollToTop: () => scroller.current?.scrollTo(0, 0),
    }),
    [scroller],
  );
}

/** As many columns as fit, all of one width. */
function useColumns(scroller: RefObject<HTMLElement | null>): {
  readonly columns: number;
  readonly tile: number;
} {
  const [width, setWidth] = useState(960);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = (): void => setWidth(element.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller]);
  const room = Math.max(LEAST_TILE, width - 2 * PADDING);
  const columns = Math.max(1, Math.floor((room + GAP) / (LEAST_TILE + GAP)));
  return { columns, tile: Math.floor((room - (columns - 1) * GAP) / columns) };
}

/** The tile may not exist until the grid has scrolled to it. */
function focusTile(scroller: RefObject<HTMLElement | null>, id: string | undefined, tries = 10): void {
  if (id === undefined || tries === 0) return;
  const tile = scroller.current?.querySelector<HTMLElement>(`[data-artifact="${CSS.escape(id)}"]`);
  if (tile) tile.focus({ preventScroll: true });
  else requestAnimationFrame(() => focusTile(scroller, id, tries - 1));
}
