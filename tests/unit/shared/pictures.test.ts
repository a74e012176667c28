import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPicture } from '../../../electron/cli/runs/picture-file.ts';
import { type ByteSource, sourceOf } from '../../../shared/pictures/byte-source.ts';
import { embeddedWorkflow, pictureKind } from '../../../shared/pictures/embedded-workflow.ts';

const PROMPT = '{"1": {"class_type": "KSampler", "inputs": {"seed": 18446744073709551615}}}';
const PAGE = '{"nodes": [{"id": 1, "type": "KSampler"}], "links": [], "extra": {"x": "é"}}';

/** Written by Pillow in the way of ComfyUI's savers. */
const PILLOW = {
  png: Buffer.from(
    [
      'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAUnRFWHRwcm9tcHQAeyIxIjogeyJjbGFzc190eXBlIjogIktT',
      'YW1wbGVyIiwgImlucHV0cyI6IHsic2VlZCI6IDE4NDQ2NzQ0MDczNzA5NTUxNjE1fX19NhTivQAAAFV0RVh0d29ya2Zsb3cA',
      'eyJub2RlcyI6IFt7ImlkIjogMSwgInR5cGUiOiAiS1NhbXBsZXIifV0sICJsaW5rcyI6IFtdLCAiZXh0cmEiOiB7IngiOiAi',
      '6SJ9fUwRc7YAAAAWSURBVHicY+TkYGdgYGBiYGBgYGAAAAFMABwc8gbPAAAAAElFTkSuQmCC',
    ].join(''),
    'base64',
  ),
  compressed: Buffer.from(
    [
      'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAVXpUWHRwcm9tcHQAAHicq1YyVLJSqFZKzkksLo4vqSxIBXKV',
      'vIMTcwtyUouUdBSUMvMKSkuKwYqKU1NTgAxDCxMTM3MTEwNzY3MDS1NTQzND09raWgBivhXTHs8zZwAAABZJREFUeJxj5ORg',
      'Z2BgYGJgYGBgYAAAAUwAHBzyBs8AAAAASUVORK5CYII=',
    ].join(''),
    'base64',
  ),
  animated: Buffer.from(
    [
      'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAACGFjVEwAAAACAAAAAPONk3AAAAAaZmNUTAAAAAAAAAACAAAA',
      'AgAAAAAAAAAAAAAAAQAA2WEaUQAAABZJREFUeJxj5ORgZ2BgYGJgYGBgYAAAAUwAHBzyBs8AAAAaZmNUTAAAAAEAAAACAAAA',
      'AgAAAAAAAAAAAAAAAQAAQhLwhQAAABpmZEFUAAAAAnicY+TkYGdgYGBiYGBgYGAAAAFMABy915y+AAAAUmNvbWZwcm9tcHQA',
      'eyIxIjogeyJjbGFzc190eXBlIjogIktTYW1wbGVyIiwgImlucHV0cyI6IHsic2VlZCI6IDE4NDQ2NzQ0MDczNzA5NTUxNjE1',
      'fX19AQpTWAAAAABJRU5ErkJggg==',
    ].join(''),
    'base64',
  ),
  webp: Buffer.from(
    [
      'UklGRg4BAABXRUJQVlA4WAoAAAAIAAAAAQAAAQAAVlA4TBEAAAAvAUAAAAdQhCb0oP+BiOh/AABFWElG1gAAAE1NACoAAAAI',
      'AAIBDwACAAAAWwAAACYBEAACAAAAUwAAAIIAAAAAd29ya2Zsb3c6eyJub2RlcyI6IFt7ImlkIjogMSwgInR5cGUiOiAiS1Nh',
      'bXBsZXIifV0sICJsaW5rcyI6IFtdLCAiZXh0cmEiOiB7IngiOiAiXHUwMGU5In19AABwcm9tcHQ6eyIxIjogeyJjbGFzc190',
      'eXBlIjogIktTYW1wbGVyIiwgImlucHV0cyI6IHsic2VlZCI6IDE4NDQ2NzQ0MDczNzA5NTUxNjE1fX19AAA=',
    ].join(''),
    'base64',
  ),
};

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

function chunk(type: string, data: Buffer, length = data.length): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, data, Buffer.alloc(4)]);
}

function png(...chunks: readonly Buffer[]): Buffer {
  const end = chunk('IEND', Buffer.alloc(0));
  return Buffer.concat([bytes('\x89PNG\r\n\x1a\n'), chunk('IHDR', Buffer.alloc(13)), ...chunks, end]);
}

const text = (keyword: string, value: string): Buffer => chunk('tEXt', bytes(`${keyword}\0${value}`));

/** An EXIF of one directory, in either order of bytes. */
function webp(order: 'II' | 'MM', entries: readonly string[], prefix = ''): Buffer {
  const directory = Buffer.alloc(2 + entries.length * 12 + 4);
  const u16 = (value: number, at: number) =>
    order === 'II' ? directory.writeUInt16LE(value, at) : directory.writeUInt16BE(value, at);
  const u32 = (value: number, at: number) =>
    order === 'II' ? directory.writeUInt32LE(value, at) : directory.writeUInt32BE(value, at);
  const values = entries.map((entry) => Buffer.from(`${entry}\0`, 'utf8'));
  u16(entries.length, 0);
  let at = 8 + directory.length;
  for (const [index, value] of values.entries()) {
    u16(0x010f + index, 2 + index * 12);
    u16(2, 4 + index * 12);
    u32(value.length, 6 + index * 12);
    u32(at, 10 + index * 12);
    at += value.length;
  }
  const start = bytes(order === 'II' ? 'II*\0\x08\0\0\0' : 'MM\0*\0\0\0\x08');
  const exif = Buffer.concat([bytes(prefix), start, directory, ...values]);
  const head = Buffer.alloc(8);
  head.write('EXIF', 'latin1');
  head.writeUInt32LE(exif.length, 4);
  const other = bytes('VP8 \x03\0\0\0abc\0');
  return Buffer.concat([bytes('RIFF\0\0\0\0WEBP'), other, head, exif]);
}

const read = async (file: Uint8Array): Promise<string | null | undefined> =>
  (await readPicture(sourceOf(file)))?.text;

describe('the workflow in a picture', () => {
  it.each([
    ['png', PAGE],
    ['compressed', PROMPT],
    ['animated', PROMPT],
    ['webp', PAGE],
  ] as const)('is read as Pillow wrote it: %s', async (name, expected) => {
    expect(JSON.parse((await read(PILLOW[name])) ?? '')).toEqual(JSON.parse(expected));
  });

  it('keeps every digit', async () => {
    expect(await read(PILLOW.compressed)).toBe(PROMPT);
  });

  it.each([
    ['tEXt', text('prompt', PROMPT)],
    ['zTXt', chunk('zTXt', Buffer.concat([bytes('prompt\0\0'), deflateSync(PROMPT)]))],
    ['iTXt', chunk('iTXt', bytes(`prompt\0\0\0en\0Eingabe\0${PROMPT}`))],
    ['iTXt, compressed', chunk('iTXt', Buffer.concat([bytes('prompt\0\x01\0\0\0'), deflateSync(PROMPT)]))],
  ])('is found in %s', async (_name, part) => {
    expect(await read(png(text('parameters', 'a cat'), part))).toBe(PROMPT);
  });

  it.each(['II', 'MM'] as const)('is found in EXIF of %s', async (order) => {
    expect(await read(webp(order, ['Camera', `prompt:${PROMPT}`, `workflow:${PAGE}`]))).toBe(PAGE);
    expect(await read(webp(order, [`prompt:${PROMPT}`], 'Exif\0\0'))).toBe(PROMPT);
  });

  it('is the prompt where the page left none that can be read', async () => {
    for (const none of ['null', '{}', '[]', '{"a": NaN}', '']) {
      expect(await read(png(text('workflow', none), text('prompt', PROMPT)))).toBe(PROMPT);
    }
  });

  it.each<[string, Buffer]>([
    ['none in it', png(text('parameters', 'a cat'))],
    ['no text at all', webp('II', [])],
    ['a text that is cut short', png(text('prompt', PROMPT)).subarray(0, 60)],
    ['a length beyond the end', png(chunk('tEXt', bytes('prompt\0{}'), 0xffff_ffff))],
    ['damaged compression', png(chunk('zTXt', bytes('prompt\0\0nonsense')))],
    ['another compression', png(chunk('zTXt', Buffer.concat([bytes('prompt\0\x07'), deflateSync(PROMPT)])))],
    ['a JPEG', bytes('\xff\xd8\xff\xe0 a picture')],
  ])('is not there: %s', async (_name, file) => {
    expect(await read(file)).toBeNull();
  });

  it('does not unpack what would fill the memory', async () => {
    const bomb = deflateSync(Buffer.alloc(40 * 1024 * 1024, ' '));
    expect(bomb.length).toBeLessThan(64 * 1024);
    expect(await read(png(chunk('zTXt', Buffer.concat([bytes('prompt\0\0'), bomb]))))).toBeNull();
  });

  it('leaves what is no picture alone', async () => {
    for (const file of ['{"1": {}}', '', 'PNG', 'RIFF....WAVE'])
      expect(await read(bytes(file))).toBeUndefined();
  });

  it('survives whatever is done to the bytes, and reads little of them', async () => {
    const good = [...Object.values(PILLOW), webp('MM', [`prompt:${PROMPT}`])];
    const damage = fc.record({
      file: fc.constantFrom(...good),
      changes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 12 }),
      cut: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ file, changes, cut }) => {
        const hurt = Buffer.from(file);
        for (const [at, value] of changes) hurt[12 + (at % (hurt.length - 12))] = value;
        const { source, asked } = counted(hurt.subarray(0, hurt.length - (cut % hurt.length)));
        const found = await embeddedWorkflow(source, TOOLS);
        if (found !== null) expect(typeof JSON.parse(found)).toBe('object');
        expect(asked()).toBeLessThan(4 * hurt.length + 64);
      }),
      { numRuns: 400 },
    );
  });

  it('does not follow overlapping texts over and over', async () => {
    const many = Array.from({ length: 900 }, () => `prompt:${'x'.repeat(2_000)}`);
    const { source, asked } = counted(webp('II', many));
    expect(await embeddedWorkflow(source, TOOLS)).toBeNull();
    expect(asked()).toBeLessThan(2 * source.size);
  });
});

const TOOLS = {
  inflate: async () => null,
  utf8: (part: Uint8Array) => Buffer.from(part).toString('utf8'),
};

/** A source that counts the bytes it was asked for. */
function counted(file: Uint8Array): { readonly source: ByteSource; readonly asked: () => number } {
  let sum = 0;
  const read = async (at: number, length: number): Promise<Uint8Array> => {
    const part = file.subarray(at, at + length);
    sum += part.length;
    return part;
  };
  return { source: { size: file.length, read }, asked: () => sum };
}

it.each([
  ['GIF89a', 'other'],
  ['\x89PNG\r\n\x1a\n', 'png'],
  ['RIFF\n\n\n\nWEBP', 'webp'],
  ['{"1":{}}', null],
])('%j is %s', (head, kind) => {
  expect(pictureKind(bytes(head))).toBe(kind);
});
