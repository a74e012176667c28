import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clearLines,
  EMPTY_LOG,
  type LogBuffer,
  MOST_LINES,
  receivePage,
} from '../../../../renderer/logs/log-buffer.ts';
import type { LogLine, LogPage } from '../../../../shared/logs.ts';

const line = (seq: number): LogLine => ({ seq, at: seq, level: 'info', text: `line ${seq}` });
const page = (from: number, count: number, dropped = 0): LogPage => ({
  lines: Array.from({ length: count }, (_, index) => line(from + index)),
  dropped,
  first: 0,
  next: from + count,
  file: '/log',
});
const read = (buffer: LogBuffer, ...pages: readonly LogPage[]): LogBuffer =>
  pages.reduce(receivePage, buffer);

describe('receivePage', () => {
  it('appends pages and asks for what comes after the newest line', () => {
    const buffer = read(EMPTY_LOG, page(1, 3), page(4, 2));
    expect(buffer.lines.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(buffer.after).toBe(5);
    expect(buffer.file).toBe('/log');
  });

  it('keeps its identity when a long wait brings nothing, so that nothing renders', () => {
    const buffer = read(EMPTY_LOG, page(1, 3));
    expect(receivePage(buffer, page(4, 0))).toBe(buffer);
  });

  it('says that an empty log was loaded', () => {
    expect(read(EMPTY_LOG, page(0, 0))).toMatchObject({ loaded: true, after: null, lines: [] });
    expect(read(EMPTY_LOG, page(700, 0))).toMatchObject({ loaded: true, after: 699, lines: [] });
  });

  it('marks lost lines before the line that follows them, but not those from before it looked', () => {
    expect(read(EMPTY_LOG, page(500, 3, 500)).gaps.size).toBe(0);
    const buffer = read(EMPTY_LOG, page(1, 3), page(40, 2, 36));
    expect([...buffer.gaps]).toEqual([[40, 36]]);
  });

  it('starts over when the control center numbers anew', () => {
    const buffer = read(EMPTY_LOG, page(1, 300), page(2, 0));
    expect(buffer).toMatchObject({ lines: [], after: null });
    expect(read(buffer, page(0, 2)).lines).toHaveLength(2);
  });

  it('stays bounded and in order, whatever comes', () => {
    const sizes = fc.array(fc.tuple(fc.integer({ min: 0, max: 9000 }), fc.integer({ min: 0, max: 50 })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(sizes, (steps) => {
        let buffer = EMPTY_LOG;
        let next = 0;
        for (const [count, dropped] of steps) {
          buffer = receivePage(buffer, page(next + dropped, count, dropped));
          next += dropped + count;
        }
        expect(buffer.lines.length).toBeLessThanOrEqual(MOST_LINES);
        const first = buffer.lines[0]?.seq ?? 0;
        expect([...buffer.gaps.keys()].every((seq) => seq >= first)).toBe(true);
        const numbers = buffer.lines.map(({ seq }) => seq);
        expect(numbers.every((seq, index) => index === 0 || seq > (numbers[index - 1] ?? 0))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

describe('clearLines', () => {
  it('empties the view and goes on after what was read', () => {
    const buffer = clearLines(read(EMPTY_LOG, page(1, 3), page(40, 2, 36)));
    expect(buffer).toMatchObject({ lines: [], after: 41 });
    expect(read(buffer, page(42, 1)).lines.map(({ seq }) => seq)).toEqual([42]);
  });
});
