import type { LogLevel, LogLine } from '../../shared/logs.ts';
import type { LogBuffer } from './log-buffer.ts';

/** Which lines are shown, and which of them match the search. Pure. */

export type LogRow =
  | { readonly kind: 'line'; readonly key: number; readonly line: LogLine }
  /** Lines that nobody could read: they fell out of the control center's memory. */
  | { readonly kind: 'gap'; readonly key: number; readonly count: number };

/** The least level that is shown. */
export type LevelFilter = 'all' | 'info' | 'warning' | 'error';

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warning: 2, error: 3 };
const LEAST: Readonly<Record<LevelFilter, number>> = { all: 0, info: 1, warning: 2, error: 3 };

export function visibleRows(
  buffer: Pick<LogBuffer, 'lines' | 'gaps'>,
  level: LevelFilter,
): readonly LogRow[] {
  const rows: LogRow[] = [];
  for (const line of buffer.lines) {
    const lost = buffer.gaps.get(line.seq);
    // Half a number below its line: unique, and in order for the binary search.
    if (lost !== undefined) rows.push({ kind: 'gap', key: line.seq - 0.5, count: lost });
    if (RANK[line.level] >= LEAST[level]) rows.push({ kind: 'line', key: line.seq, line });
  }
  return rows;
}

/** Keys of the rows that contain the text, upper and lower case alike. */
export function findMatches(rows: readonly LogRow[], query: string): readonly number[] {
  const wanted = query.toLowerCase();
  if (wanted === '') return [];
  const keys: number[] = [];
  for (const row of rows) {
    if (row.kind === 'line' && row.line.text.toLowerCase().includes(wanted)) keys.push(row.key);
  }
  return keys;
}

/** The match after (or before) the current one, round and round; without a current one the last is the nearest to what one sees. */
export function stepMatch(matches: readonly number[], current: number | null, step: 1 | -1): number | null {
  if (matches.length === 0) return null;
  if (current === null) return (step === 1 ? matches[0] : matches.at(-1)) ?? null;
  if (step === 1) return matches.find((key) => key > current) ?? matches[0] ?? null;
  return matches.findLast((key) => key < current) ?? matches.at(-1) ?? null;
}

export function firstError(rows: readonly LogRow[]): number | null {
  return rows.find((row) => row.kind === 'line' && row.line.level === 'error')?.key ?? null;
}

/** Index of the row with this key, or of the first one after it. */
export function indexOfKey(rows: readonly LogRow[], key: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle]?.key ?? Number.POSITIVE_INFINITY) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

export interface TextPart {
  readonly text: string;
  readonly match: boolean;
}

/** Cuts a line at its matches, for highlighting. */
export function splitAtMatches(text: string, query: string): readonly TextPart[] {
  const wanted = query.toLowerCase();
  const lower = text.toLowerCase();
  // Lower case may be longer (İ): then positions do not fit, and the line stays whole.
  if (wanted === '' || lower.length !== text.length) return [{ text, match: false }];
  const parts: TextPart[] = [];
  let from = 0;
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, from)) {
    if (at > from) parts.push({ text: text.slice(from, at), match: false });
    from = at + wanted.length;
    parts.push({ text: text.slice(at, from), match: true });
  }
  if (from < text.length || parts.length === 0) parts.push({ text: text.slice(from), match: false });
  return parts;
}

/** @param at ms since the epoch → local "14:03:09.120" */
export function formatClock(at: number): string {
  const time = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const milliseconds = String(time.getMilliseconds()).padStart(3, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${milliseconds}`;
}

export function rowsAsText(rows: readonly LogRow[], timestamps: boolean): string {
  return rows
    .map((row) => {
      if (row.kind === 'gap') return gapWords(row.count);
      return timestamps ? `${formatClock(row.line.at)} ${row.line.text}` : row.line.text;
    })
    .join('\n');
}

export function gapWords(count: number): string {
  return `… ${count.toLocaleString('en')} ${count === 1 ? 'line' : 'lines'} came too fast to be shown; the file has them …`;
}
