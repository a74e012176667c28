import type { LogLine, LogPage } from '../../shared/logs.ts';

/** What the viewer holds of one instance's log. Pure: pages go in, a bounded list of lines comes out. */

export const MOST_LINES = 20_000;

export interface LogBuffer {
  /** Oldest first, at most MOST_LINES. */
  readonly lines: readonly LogLine[];
  /** seq of a line → how many lines before it were lost before they could be read. */
  readonly gaps: ReadonlyMap<number, number>;
  /** What to ask for next: the seq of the newest line that was read. */
  readonly after: number | null;
  /** The file on disk. */
  readonly file: string | null;
  /** True once a first page came. */
  readonly loaded: boolean;
}

export const EMPTY_LOG: LogBuffer = { lines: [], gaps: new Map(), after: null, file: null, loaded: false };

export function receivePage(buffer: LogBuffer, page: LogPage): LogBuffer {
  // A next below what was read already: another life of the log (the control center was started again).
  const startsOver = buffer.after !== null && page.next <= buffer.after;
  if (startsOver) return { ...EMPTY_LOG, file: page.file, loaded: true };
  const first = page.lines[0];
  const last = page.lines.at(-1);
  if (first === undefined || last === undefined) {
    const known = buffer.loaded && buffer.file === page.file && buffer.after !== null;
    return known
      ? buffer
      : { ...buffer, after: page.next > 0 ? page.next - 1 : null, file: page.file, loaded: true };
  }
  // On the very first page nothing was lost: the viewer had not been looking.
  const lost = buffer.after === null ? 0 : page.dropped;
  const gaps = lost > 0 ? new Map(buffer.gaps).set(first.seq, lost) : buffer.gaps;
  const lines = [...buffer.lines, ...page.lines].slice(-MOST_LINES);
  return { lines, gaps: keepGaps(gaps, lines[0]?.seq ?? 0), after: last.seq, file: page.file, loaded: true };
}

/** Empties the viewer and goes on after what was read. */
export function clearLines(buffer: LogBuffer): LogBuffer {
  return { ...buffer, lines: [], gaps: new Map() };
}

function keepGaps(gaps: ReadonlyMap<number, number>, first: number): ReadonlyMap<number, number> {
  if ([...gaps.keys()].every((seq) => seq >= first)) return gaps;
  return new Map([...gaps].filter(([seq]) => seq >= first));
}
