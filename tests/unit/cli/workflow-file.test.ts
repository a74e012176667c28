import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWorkflow, runNameOf } from '../../../electron/cli/runs/workflow-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ensemble-workflow-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function* nothing(): AsyncGenerator<Uint8Array> {}
const read = async (content: string | Uint8Array): Promise<string> => {
  const file = path.join(folder, 'w.json');
  await writeFile(file, content);
  return readWorkflow(file, nothing);
};

describe('a workflow', () => {
  it('is read as it stands, but for a byte order mark', async () => {
    const text = '{"1": {"class_type": "Naïve ✓", "inputs": {"seed": 18446744073709551615}}}\n';
    expect(await read(text)).toBe(text);
    expect(await read(`\ufeff${text}`)).toBe(text);
  });

  it('comes in pieces through a pipe', async () => {
    async function* pieces() {
      for (const byte of Buffer.from('{"é": 1}')) yield Uint8Array.of(byte);
    }
    expect(await readWorkflow('-', pieces)).toBe('{"é": 1}');
  });

  it.each([
    ['', 'w.json is empty.'],
    [' \n', 'w.json is empty.'],
    ['{"1": }', /w\.json is not valid JSON: Unexpected token '?}'?( in line 1, column 7)?\./],
    ['{"1": {\n "a" 7}}', /not valid JSON: Expected ':' after property name in line 2, column 6\./],
    ['{"1": ', /not valid JSON: Unexpected end of JSON input\.|in line 1, column 7\./],
    ['[1]', 'it is JSON, but not an object.'],
    ['"text"', 'it is JSON, but not an object.'],
    ['null', 'it is JSON, but not an object.'],
    [Uint8Array.of(0x7b, 0xff, 0x7d), 'w.json is not text in UTF-8.'],
    [Uint8Array.of(0x89, 0x50, 0x4e, 0x47), 'w.json is not text in UTF-8.'],
  ])('is refused in one sentence: %j', async (content, message) => {
    await expect(read(content)).rejects.toMatchObject({
      code: 'bad-argument',
      message: expect.stringMatching(typeof message === 'string' ? message.replaceAll('.', '\\.') : message),
    });
  });

  it('is taken out of a picture, and a picture without one is refused in one sentence', async () => {
    const [picture, bare] = [path.join(folder, 'cat.png'), path.join(folder, 'bare.png')];
    const part = Buffer.from('prompt\0{"1": {"class_type": "A"}}');
    const head = Buffer.from([0, 0, 0, part.length, ...Buffer.from('tEXt')]);
    const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
    const bytes = Buffer.concat([signature, head, part, Buffer.alloc(4), Buffer.alloc(16)]);
    await writeFile(picture, bytes);
    await writeFile(bare, Buffer.concat([signature, Buffer.alloc(64)]));
    expect(await readWorkflow(picture, nothing)).toBe('{"1": {"class_type": "A"}}');
    async function* piped() {
      yield bytes;
    }
    expect(await readWorkflow('-', piped)).toBe('{"1": {"class_type": "A"}}');
    await expect(readWorkflow(bare, nothing)).rejects.toThrow(
      /bare\.png is a picture without a workflow: only PNG and WebP files as ComfyUI saved them have one in them\.$/,
    );
  });

  it('is refused where there is none', async () => {
    await expect(readWorkflow(path.join(folder, 'none.json'), nothing)).rejects.toThrow(
      /^There is no file .*none/,
    );
    await expect(readWorkflow(folder, nothing)).rejects.toThrow(/is a folder\.$/);
    await expect(readWorkflow(path.join(folder, 'w.json', 'x'), nothing)).rejects.toThrow(/cannot be read/);
  });

  it('is refused at once when it is large, whatever it holds', async () => {
    const file = path.join(folder, 'large.json');
    const handle = await open(file, 'w');
    await handle.truncate(200 * 1024 * 1024);
    await handle.close();
    // The size is only known to a reader who looks before reading.
    await expect(readWorkflow(file, nothing)).rejects.toThrow(
      /too large for a workflow \(200 MB\): at most 32 MB/,
    );
  });

  it('is refused when a pipe brings too much, without waiting for its end', async () => {
    let pulled = 0;
    async function* endless() {
      for (;;) {
        pulled += 1;
        yield new Uint8Array(1024 * 1024);
      }
    }
    await expect(readWorkflow('-', endless)).rejects.toThrow('What came in is too large');
    expect(pulled).toBe(33);
  });
});

it.each([
  ['-', 'workflow'],
  ['/a/b/txt2img.JSON', 'txt2img'],
  ['.json', 'workflow'],
  ['out/cat_00001_.PNG', 'cat_00001_'],
  [`${'x'.repeat(300)}.json`, 'x'.repeat(200)],
])('a run of %s is called %s', (source, name) => {
  expect(runNameOf(source)).toBe(name);
});
