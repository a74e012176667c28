import { memo } from 'react';
import { classNames } from '../components/class-names.ts';
import { formatClock, gapWords, type LogRow, splitAtMatches } from './log-rows.ts';

export interface LogRowViewProps {
  readonly index: number;
  /** Wrapped rows have heights of their own; null where every row has the same. */
  readonly measure: ((element: HTMLElement | null) => void) | null;
  readonly start: number;
  readonly row: LogRow;
  readonly query: string;
  readonly current: boolean;
  readonly timestamps: boolean;
}

export const LogRowView = memo(function LogRowView(props: LogRowViewProps) {
  const { row } = props;
  const level = row.kind === 'gap' ? 'gap' : row.line.level;
  return (
    <div
      ref={props.measure}
      data-index={props.index}
      className={classNames('log-row', `log-${level}`, props.current && 'log-current')}
      style={{ transform: `translateY(${props.start}px)` }}
    >
      {row.kind === 'gap' ? (
        gapWords(row.count)
      ) : (
        <>
          {props.timestamps && <time className="log-time">{formatClock(row.line.at)}</time>}
          {/* A colour alone tells nothing to many people. */}
          {(level === 'error' || level === 'warning') && (
            <span className="visually-hidden">{`${level}: `}</span>
          )}
          <span className="log-text">
            <LineText text={row.line.text} query={props.query} />
          </span>
        </>
      )}
    </div>
  );
});

function LineText({ text, query }: { readonly text: string; readonly query: string }) {
  if (query === '') return text;
  let at = 0;
  return splitAtMatches(text, query).map((part) => {
    const key = at;
    at += part.text.length;
    return part.match ? <mark key={key}>{part.text}</mark> : <span key={key}>{part.text}</span>;
  });
}
