import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, type ReactNode, useRef } from 'react';
import './virtual-table.css';

const ROW_HEIGHT = 32;

export interface Column<T> {
  readonly id: string;
  readonly title: string;
  /** A track of a CSS grid, e.g. "minmax(120px, 1fr)". */
  readonly width: string;
  readonly numeric?: boolean;
  readonly cell: (row: T) => ReactNode;
}

export interface VirtualTableProps<T> {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
}

/** A table of any length that scrolls by itself: only the rows in sight exist in the page. */
/* biome-ignore-start lint/a11y/useSemanticElements: rows are placed absolutely, which a native table cannot do. */
/* biome-ignore-start lint/a11y/useFocusableInteractive: headings are read, not operated. */
export function VirtualTable<T extends object>({ label, columns, rows, rowKey }: VirtualTableProps<T>) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  });
  const tracks = columns.map((column) => column.width).join(' ');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section ref={scroller} className="table-scroller" aria-label={label} tabIndex={0}>
      <div className="table" role="table" aria-label={label} aria-rowcount={rows.length + 1}>
        <div role="rowgroup" className="table-head">
          <div role="row" className="table-row" aria-rowindex={1} style={{ gridTemplateColumns: tracks }}>
            {columns.map((column) => (
              <span
                key={column.id}
                role="columnheader"
                className={column.numeric ? 'table-number' : undefined}
              >
                {column.title}
              </span>
            ))}
          </div>
        </div>
        <div role="rowgroup" className="table-body" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            return row === undefined ? null : (
              <Row
                key={rowKey(row)}
                row={row}
                columns={columns}
                index={item.index}
                top={item.start}
                tracks={tracks}
              />
            );
          })}
        </div>
      </div>
    </section>
  );
}

interface RowProps<T> {
  readonly row: T;
  readonly columns: readonly Column<T>[];
  readonly index: number;
  /** px from the top of the body. */
  readonly top: number;
  readonly tracks: string;
}

function RowView<T>({ row, columns, index, top, tracks }: RowProps<T>) {
  return (
    <div
      role="row"
      className="table-row table-line"
      aria-rowindex={index + 2}
      style={{ gridTemplateColumns: tracks, transform: `translateY(${top}px)` }}
    >
      {columns.map((column) => (
        <span key={column.id} role="cell" className={column.numeric ? 'table-number truncate' : 'truncate'}>
          {column.cell(row)}
        </span>
      ))}
    </div>
  );
}
// memo() forgets that the component is generic.
const Row = memo(RowView) as typeof RowView;
/* biome-ignore-end lint/a11y/useFocusableInteractive: as above */
/* biome-ignore-end lint/a11y/useSemanticElements: as above */
