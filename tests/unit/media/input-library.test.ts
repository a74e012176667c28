import { createHash } from 'node:crypto';
import {
  appendFile,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputLibrary, missingFailure } from '../../../electron/core/media/input-library.ts';
import { inputsOf, parseName } from '../../../electron/core/media/inputs-of.ts';

describe('InputLibrary', () => {
  let home = '';
  let library: InputLibrary;
  beforeEach(async () => {
    home = await mkdtemp(path.join(os.tmpdir(), 'library-'));
    const folders = {
      input: path.join(home, 'in'),
      output: path.join(home, 'out'),
      temp: path.join(home, 'tmp'),
    };
    for (const folder of Object.values(folders)) await mkdir(path.join(folder, 'sub'), { recursive: true });
    await writeFile(path.join(home, 'secret.png'), 'secret');
    library = new InputLibrary(folders);
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  const find = (raw: string): ReturnType<InputLibrary['find']> => library.find({ raw, ...parseName(raw) });

  it('finds files in each folder and below, with either separator', async () => {
    await writeFile(path.join(home, 'in/a.png'), 'in');
    await writeFile(path.join(home, 'out/sub/a.png'), 'output');
    await writeFile(path.join(home, 'tmp/a.png'), 'tempo');
    expect(await find('a.png')).toMatchObject({ path: path.join(home, 'in/a.png'), bytes: 2 });
    expect(await find('sub\\a.png [output]')).toMatchObject({ bytes: 6 });
    expect(await find('a.png [temp]')).toMatchObject({ bytes: 5 });
    expect(await find('a.png [output]')).toBeNull();
    expect(await find('sub')).toBeNull();
  });

  it('follows links that the user has made', async () => {
    await symlink(home, path.join(home, 'in/linked'));
    expect(await find('linked/secret.png')).toMatchObject({ bytes: 6 });
  });

  it.each([
    '../secret.png',
    'sub/../../secret.png',
    '..\\secret.png [output]',
    '/etc/passwd',
    '\\\\host\\share\\a.png',
    '..',
    'a\0.png',
    'sub/',
  ])('refuses %j', async (raw) => {
    await expect(find(raw)).rejects.toMatchObject({
      code: 'bad-argument',
      message: expect.stringContaining('is not in the'),
    });
  });

  it('never leads out of its folders', async () => {
    const part = fc.constantFrom('..', '.', '', 'sub', 'secret.png', '/', '\\', '~', ' ', '\0', 'C:');
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 6 }), async (parts) => {
        const found = await find(parts.join('/')).catch(() => null);
        expect(found).toBeNull();
      }),
      { numRuns: 200 },
    );
  });

  it('hashes a version of a file once, whoever asks, and again when it changed', async () => {
    const file = path.join(home, 'in/a.png');
    await writeFile(file, 'one');
    const first = await find('a.png');
    if (first === null) throw new Error('absent');
    const one = createHash('sha256').update('one').digest('hex');
    expect(await Promise.all([library.digest(first), library.digest(first)])).toEqual([one, one]);
    // Known by now: the content is not looked at.
    await rm(file);
    expect(await library.digest(first)).toBe(one);
    await writeFile(file, 'two');
    await utimes(file, new Date(), new Date(Date.now() - 5_000));
    const second = await find('a.png');
    if (second === null) throw new Error('absent');
    expect(await library.digest(second)).toBe(createHash('sha256').update('two').digest('hex'));
  });

  it('does not trust a file that is being written', async () => {
    const file = path.join(home, 'in/a.bin');
    await writeFile(file, '');
    await truncate(file, 64 * 1_048_576);
    const found = await find('a.bin');
    if (found === null) throw new Error('absent');
    const hashing = library.digest(found);
    await appendFile(file, 'more');
    await expect(hashing).rejects.toMatchObject({ code: 'conflict' });
    await rm(file);
    await expect(library.digest(found)).rejects.toMatchObject({ code: 'internal' });
  });

  it('names the nodes whose files are missing', async () => {
    const prompt = {
      '3': { class_type: 'LoadImage', inputs: { image: 'a.png' }, _meta: { title: 'Portrait' } },
      '9': { class_type: 'LoadAudio', inputs: { audio: 'b.wav [output]' } },
    };
    const failure = missingFailure(prompt, inputsOf(prompt));
    expect(failure).toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(
        /node 3 \(Portrait\), image: “a\.png” is not in the input folder, and 1 more/,
      ),
      problems: [{ field: 'node 3 (Portrait), image' }, { field: 'node 9 (LoadAudio), audio' }],
    });
    expect(await readFile(path.join(home, 'secret.png'), 'utf8')).toBe('secret');
  });
});
