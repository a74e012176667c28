import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toPlainText } from '../../../electron/core/logs/ansi.ts';
import { LevelGuesser, ownLine } from '../../../electron/core/logs/level.ts';
import { LineRing } from '../../../electron/core/logs/line-ring.ts';
import { LineSplitter, MOST_LINE_BYTES } from '../../../electron/core/logs/line-splitter.ts';

const split = (...chunks: readonly (string | Buffer)[]): readonly string[] => {
  const splitter = new LineSplitter();
  const lines = chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk)));
  const rest = splitter.flush();
  return rest === null ? lines : [...lines, rest];
};

describe('plain text', { timeout: 60_000 }, () => {
  it.each([
    ['\u001b[32mINFO\u001b[0m ok', 'INFO ok'],
    ['\u001b]8;;http://x\u0007link\u001b]8;;\u0007', 'link'],
    ['\u001b]0;title\u001b\\text', 'text'],
    ['\u001b[1;31;40mred\u001b[K', 'red'],
    ['\u009b31mred', 'red'],
    ['\u001b(Btext\u001b=', 'text'],
    ['a\u0000b\u0007c\td', 'abc\td'],
    ['dangling \u001b[', 'dangling ['],
    ['evil \u202etxt', 'evil txt'],
    ['héllo 漢字 🎨', 'héllo 漢字 🎨'],
  ])('%j → %j', (text, plain) => {
    expect(toPlainText(text)).toBe(plain);
  });

  it('never leaves a control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 24 }), (text) => {
        expect(toPlainText(text)).not.toMatch(/(?!\t)\p{Cc}/u);
      }),
    );
  });
});

describe('splitting into lines', { timeout: 60_000 }, () => {
  it('does not care where chunks end', () => {
    const text = 'héllo\n漢字🎨 done\r\n\n 10%|#\r 50%|##\r100%|###\nlast ünfinished';
    const whole = ['héllo', '漢字🎨 done', '', '100%|###', 'last ünfinished'];
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 }), (cuts) => {
        const edges = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
        const chunks = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
        expect(split(...chunks)).toEqual(whole);
      }),
    );
  });

  it('turns broken UTF-8 into the replacement character', () => {
    expect(split(Buffer.from([0x61, 0xff, 0xfe, 0x62, 0x0a]))).toEqual(['a\ufffd\ufffdb']);
  });

  it('keeps a character that has not come whole for later', () => {
    const splitter = new LineSplitter();
    splitter.push(Buffer.from([0x61, 0xe6, 0xbc]));
    expect(splitter.flush()).toBe('a');
    expect(splitter.push(Buffer.from([0xa2, 0x0a]))).toEqual(['漢']);
  });

  it('does not add an empty line when the end of a shown line comes', () => {
    const splitter = new LineSplitter();
    splitter.push(Buffer.from('Loading…'));
    expect(splitter.flush()).toBe('Loading…');
    expect(splitter.push(Buffer.from('\nnext\n\n'))).toEqual(['next', '']);
  });

  it('cuts long lines, however they come', () => {
    const long = 'é'.repeat(MOST_LINE_BYTES);
    for (const lines of [
      split(`${long}\nnext\n`),
      split(long.slice(0, 9_999), long.slice(9_999), '\nnext\n'),
    ]) {
      expect(lines).toHaveLength(2);
      expect(lines[0]).toMatch(/^é+ … \(16384 more bytes\)$/);
      expect(lines[1]).toBe('next');
    }
  });

  it('holds little of an endless progress bar', () => {
    const splitter = new LineSplitter();
    for (let i = 0; i < 10_000; i += 1) splitter.push(Buffer.from(`\r${i}% ${'#'.repeat(100)}`));
    expect(splitter.overwriting).toBe(true);
    expect(splitter.flush()).toMatch(/^9999% #+$/);
  });
});

describe('levels', () => {
  const levels = (...lines: readonly string[]) => {
    const guesser = new LevelGuesser();
    return lines.map((line) => guesser.guess(line));
  };

  it.each([
    ['Total VRAM 24564 MB, total RAM 64212 MB', 'info'],
    ['[INFO] ComfyUI-Manager: default cache updated', 'info'],
    ['WARNING: You need pytorch with cu130', 'warning'],
    ['[WARNING] something', 'warning'],
    ['/x.py:12: UserWarning: torch.meshgrid', 'warning'],
    ['ERROR: Could not install', 'error'],
    ['[ERROR] An error occurred while retrieving', 'error'],
    ['!!! Exception during processing !!! boom', 'error'],
    ['Error occurred when executing KSampler:', 'error'],
    ['torch.OutOfMemoryError: Allocation on device', 'error'],
    ['main.py: error: unrecognized arguments: --foo', 'error'],
    ['   0.1 seconds (IMPORT FAILED): /custom_nodes/x', 'error'],
    ['Cannot import /custom_nodes/x module for custom nodes: No module named y', 'error'],
    ['DEBUG: trying', 'debug'],
    ['[DEBUG] trying', 'debug'],
    ['Prompt executed in 3.14 seconds', 'info'],
    ['terrific interrupted failsafe', 'info'],
  ])('%s: %s', (line, level) => {
    expect(levels(line)).toEqual([level]);
  });

  it('takes a traceback as one error, chained ones too', () => {
    expect(
      levels(
        'Traceback (most recent call last):',
        '  File "main.py", line 1, in <module>',
        '    import torch',
        "ModuleNotFoundError: No module named 'torch'",
        '',
        'During handling of the above exception, another exception occurred:',
        '',
        'Traceback (most recent call last):',
        '  File "x.py", line 2',
        'KeyError: 1',
        'Prompt executed in 0.1 seconds',
      ),
    ).toEqual([...Array.from({ length: 10 }, () => 'error'), 'info']);
  });

  it('reads our own lines as they were written, whatever words they hold', () => {
    const guesser = new LevelGuesser();
    guesser.guess('Traceback (most recent call last):');
    for (const level of ['debug', 'info', 'warning', 'error'] as const) {
      expect(guesser.guess(ownLine('an error failed with a warning', level))).toBe(level);
    }
  });
});

describe('the ring', { timeout: 60_000 }, () => {
  it('is bounded in characters too and never gives a gap', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        (sizes, lines) => {
          const ring = new LineRing(lines, 100);
          for (const size of sizes) ring.push({ at: 0, level: 'info', text: 'x'.repeat(size) });
          const page = ring.page(-1, 1_000);
          expect(page.lines.length).toBeLessThanOrEqual(lines);
          expect(page.lines.reduce((sum, line) => sum + line.text.length, 0)).toBeLessThanOrEqual(100);
          expect(page.lines.map((line) => line.seq)).toEqual(
            page.lines.map((_, index) => page.first + index),
          );
          expect(page.dropped + page.lines.length).toBe(sizes.length);
        },
      ),
    );
  });
});
