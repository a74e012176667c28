import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LiveLines } from '../../../electron/cli/runs/live-lines.ts';
import { duration, progressLines } from '../../../electron/cli/runs/progress-lines.ts';
import { cutTo, widthOf } from '../../../electron/cli/terminal.ts';
import { attemptOf, runOf, shardOf } from './run-fixtures.ts';

const size = { columns: 100, rows: 24 };

describe('the bars', () => {
  it('show what each participant does, and the run below', () => {
    const shards = [
      shardOf(0, { status: 'done', step: 20 }),
      shardOf(1),
      shardOf(2, {
        status: 'fetching',
        instanceId: 'master',
        attempts: [attemptOf(0)],
        node: null,
        step: null,
      }),
    ];
    const counts = { queued: 0, dispatched: 0, running: 1, fetching: 1, done: 1, failed: 1, cancelled: 0 };
    const run = runOf({
      shardCount: 4,
      shards: counts,
      expectedEnd: 10_000,
      participants: ['Master', 'Worker 1', 'Idle'],
    });
    expect(progressLines({ run, shards }, size, 5_000)).toEqual([
      'Master    ████████████████████  shard 2 · seed 102 · fetching the files  1 done',
      'Worker 1  █████░░░░░░░░░░░░░░░  shard 1 · seed 101 · KSampler · 5/20',
      'Idle                            waiting',
      '1 of 4 shards done · 1 failed · about 5.0 s left',
    ]);
  });

  it('fit the screen, whatever its size and whoever takes part', () => {
    const screen = fc.record({
      columns: fc.integer({ min: 1, max: 200 }),
      rows: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(
        screen,
        fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 60 }),
        (shown, participants) => {
          const lines = progressLines(
            { run: runOf({ participants }), shards: [shardOf(0), shardOf(1)] },
            shown,
            0,
          );
          expect(lines.length).toBeLessThanOrEqual(Math.max(3, shown.rows));
          for (const line of lines) expect(widthOf(line)).toBeLessThan(Math.max(2, shown.columns));
        },
      ),
    );
  });

  it('show a second pass as one', () => {
    const shards = [shardOf(0, { stage: 2, seed: null })];
    expect(progressLines({ run: runOf({ participants: ['Master'] }), shards }, size, 0)[0]).toContain(
      'second pass · KSampler · 5/20',
    );
  });
});

describe('text in cells', () => {
  it('is cut between letters as people see them', () => {
    expect(cutTo('Wörker 🎨🎨', 11)).toBe('Wörker 🎨🎨');
    expect(cutTo('Wörker 🎨🎨', 10)).toBe('Wörker 🎨…');
    expect(cutTo('abc', 0)).toBe('');
  });
});

describe('lines that are drawn again', () => {
  const screenOf = (columns: number) => {
    const written: string[] = [];
    const live = new LiveLines({
      size: () => ({ columns, rows: 24 }),
      write: (text) => void written.push(text),
      onResize: () => () => undefined,
    });
    return { live, written };
  };

  it('take away as many rows as they had', () => {
    const { live, written } = screenOf(80);
    live.draw(['one', 'two']);
    live.draw(['three']);
    live.clear();
    live.clear();
    expect(written).toEqual(['one\ntwo\n', '\r\u001b[2A\u001b[Jthree\n', '\r\u001b[1A\u001b[J']);
  });

  it('count the rows into which a narrower terminal has broken them, colours aside', () => {
    const { live, written } = screenOf(10);
    live.draw([`\u001b[32m${'x'.repeat(20)}\u001b[0m`, 'y'.repeat(21)]);
    live.clear();
    expect(written.at(-1)).toBe('\r\u001b[5A\u001b[J');
  });
});

it.each([
  [-5, '0.0 s'],
  [1_234, '1.2 s'],
  [59_900, '60 s'],
  [300_000, '5 min'],
  [9_000_000, '2.5 h'],
])('%i ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
