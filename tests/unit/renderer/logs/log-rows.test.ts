import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  findMatches,
  firstError,
  formatClock,
  indexOfKey,
  rowsAsText,
  splitAtMatches,
  stepMatch,
  visibleRows,
} from '../../../../renderer/logs/log-rows.ts';
import type { LogLevel, LogLine } from '../../../../shared/logs.ts';

const line = (seq: number, level: LogLevel, text: string): LogLine => ({ seq, at: 0, level, text });
const lines = [
  line(1, 'debug', 'looking for GPUs'),
  line(2, 'info', 'Starting server'),
  line(5, 'warning', 'slow disk'),
  line(6, 'error', 'CUDA out of memory'),
  line(7, 'info', 'server stopped'),
];
const rows = visibleRows({ lines, gaps: new Map([[5, 2]]) }, 'all');

describe('visibleRows', () => {
  it('puts a marker where lines were lost', () => {
    expect(rows.map((row) => row.kind)).toEqual(['line', 'line', 'gap', 'line', 'line', 'line']);
  });

  it('keeps the level and above, and the markers', () => {
    const shown = visibleRows({ lines, gaps: new Map([[2, 1]]) }, 'warning');
    expect(shown.map((row) => row.key)).toEqual([1.5, 5, 6]);
    expect(visibleRows({ lines, gaps: new Map() }, 'info').map((row) => row.key)).toEqual([2, 5, 6, 7]);
  });
});

describe('search', () => {
  it('finds upper and lower case alike', () => {
    expect(findMatches(rows, 'SERVER')).toEqual([2, 7]);
    expect(findMatches(rows, '')).toEqual([]);
  });

  it('steps round and round', () => {
    expect(stepMatch([2, 7], null, 1)).toBe(2);
    expect(stepMatch([2, 7], null, -1)).toBe(7);
    expect(stepMatch([2, 7], 2, 1)).toBe(7);
    expect(stepMatch([2, 7], 7, 1)).toBe(2);
    expect(stepMatch([2, 7], 2, -1)).toBe(7);
    expect(stepMatch([2, 7], 4, -1)).toBe(2);
    expect(stepMatch([], 4, 1)).toBeNull();
  });

  it('cuts a line at its matches without losing a character', () => {
    expect(splitAtMatches('abcABC', 'bc')).toEqual([
      { text: 'a', match: false },
      { text: 'bc', match: true },
      { text: 'A', match: false },
      { text: 'BC', match: true },
    ]);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ maxLength: 3 }), (text, query) => {
        expect(
          splitAtMatches(text, query)
            .map((part) => part.text)
            .join(''),
        ).toBe(text);
      }),
    );
  });
});

describe('rows', () => {
  it('finds the first error', () => {
    expect(firstError(rows)).toBe(6);
    expect(firstError([])).toBeNull();
  });

  it('finds a key, or the next one after it', () => {
    expect(rows[indexOfKey(rows, 6)]?.key).toBe(6);
    expect(rows[indexOfKey(rows, 3)]?.key).toBe(4.5);
    expect(indexOfKey(rows, 99)).toBe(rows.length);
  });

  it('copies as text, with or without times', () => {
    expect(rowsAsText(rows.slice(0, 2), false)).toBe('looking for GPUs\nStarting server');
    expect(rowsAsText(rows.slice(1, 2), true)).toBe(`${formatClock(0)} Starting server`);
    expect(rowsAsText(rows.slice(2, 3), false)).toContain('2 lines');
    expect(formatClock(0)).toMatch(/^\d\d:\d\d:00\.000$/);
  });
});
