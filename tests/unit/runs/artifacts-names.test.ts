import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  baseOf,
  counterIn,
  expandPrefix,
  extensionOf,
  numberedName,
  safeName,
} from '../../../electron/core/runs/artifacts/names.ts';

const wild = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        '..',
        '.',
        '/',
        '\\',
        'C:',
        '\0',
        'con',
        'NUL.txt',
        ' ',
        '...',
        'a',
        'ü',
        '\ud800',
        ':',
        '~',
        '%',
        'x'.repeat(300),
        '😀'.repeat(90),
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
);

describe('names', () => {
  it.each([
    ['ComfyUI', [], 'ComfyUI'],
    ['sub/deep/pic', ['sub', 'deep'], 'pic'],
    ['sub\\pic', ['sub'], 'pic'],
    ['sub//./pic/', ['sub'], 'pic'],
    ['../../etc/passwd', ['etc'], 'passwd'],
    ['/etc/passwd', ['etc'], 'passwd'],
    ['C:\\Windows\\x', ['Windows'], 'x'],
    ['a/..\\../b', ['a'], 'b'],
    ['', [], 'ComfyUI'],
    ['...', [], 'ComfyUI'],
    ['con/aux.png', ['_con'], '_aux.png'],
    ['a\0b<c>', [], 'a_b_c_'],
    ['.hidden/.ensemble-incoming', ['hidden'], 'ensemble-incoming'],
    ['name. . ', [], 'name'],
    ['Größe 日本', [], 'Größe 日本'],
  ])('%j is made harmless', (prefix, folders, base) => {
    expect(safeName(prefix)).toEqual({ folders, base });
  });

  it('are safe whatever the prefix is', () => {
    fc.assert(
      fc.property(wild, (prefix) => {
        const { folders, base } = safeName(prefix);
        for (const part of [...folders, base]) {
          expect(part).not.toMatch(/^[.\s]|[.\s]$|^$/);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
          expect(part).not.toMatch(/[\0-\x1f<>:"|?*/\\\x7f]/);
          expect(part).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
          expect(Buffer.from(part).toString()).toBe(part);
        }
        expect(folders.length).toBeLessThanOrEqual(8);
        const file = numberedName(base, 123_456, 'safetensors');
        expect(Buffer.byteLength(file)).toBeLessThan(200);
        expect(path.relative('/out', path.resolve('/out', ...folders, file))).toBe(
          [...folders, file].join('/'),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('have the values that ComfyUI puts in', () => {
    const at = new Date(2026, 0, 9, 7, 5, 3).getTime();
    const facts = { width: 512, height: 768, at };
    expect(expandPrefix('%year%-%month%-%day%/%hour%%minute%%second% %width%x%height%', facts)).toBe(
      '2026-01-09/070503 512x768',
    );
    expect(expandPrefix('%width%_%date:yyyy%_%batch_num%', { ...facts, width: null })).toBe(
      '0_%date:yyyy%_%batch_num%',
    );
  });

  it('keep a worker’s own name without its counter', () => {
    expect(baseOf('ComfyUI_temp_abcde_00012_.png')).toBe('ComfyUI_temp_abcde');
    expect(baseOf('audio_00001.flac')).toBe('audio');
    expect(baseOf('clip_2024.mp4')).toBe('clip_2024');
    expect(baseOf('..\\..\\x/mesh.glb')).toBe('mesh');
    expect(baseOf('_00001_.png')).toBe('_00001_');
    expect([
      extensionOf('A.PNG'),
      extensionOf('x.tar.gz'),
      extensionOf('none'),
      extensionOf('x.a/b'),
    ]).toEqual(['png', 'gz', '', '']);
  });

  it('count as ComfyUI counts', () => {
    expect(numberedName('ComfyUI', 1, 'png')).toBe('ComfyUI_00001_.png');
    expect(numberedName('a', 123_456, '')).toBe('a_123456_');
    expect(counterIn('ComfyUI_00041_.png', 'ComfyUI')).toBe(41);
    expect(counterIn('comfyui_00041.flac', 'ComfyUI')).toBe(41);
    for (const other of ['ComfyUI2_00041_.png', 'ComfyUI_a_00041_.png', 'ComfyUI_4x_.png', 'ComfyUI', 'b']) {
      expect(counterIn(other, 'ComfyUI')).toBe(0);
    }
    fc.assert(
      fc.property(wild, fc.integer({ min: 1, max: 10 ** 9 }), (prefix, counter) => {
        const { base } = safeName(prefix);
        expect(counterIn(numberedName(base, counter, 'png'), base)).toBe(counter);
        expect(counterIn(numberedName(base, counter, ''), base)).toBe(counter);
      }),
    );
  });
});
