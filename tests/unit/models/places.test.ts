import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeOf, windowsProblem } from '../../../electron/core/models/model-place.ts';
import { readSourceUrl } from '../../../electron/core/models/source-url.ts';
import { UrlStore } from '../../../electron/core/models/url-store.ts';

describe('a place', () => {
  it('never leaves the models folder', () => {
    const part = fc.oneof(
      fc.constantFrom('..', '.', '', 'C:', '/', '\\', 'a', '~'),
      fc.string({ maxLength: 5 }),
    );
    const name = fc.array(part, { maxLength: 5 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(name, name, (folder, file) => {
        const { place } = placeOf(folder, file);
        if (place === null) return;
        const whole = path.posix.normalize(`/root/${place.directory}/${place.file}`);
        expect(whole.startsWith('/root/models/')).toBe(true);
        expect(whole).toBe(`/root/${place.directory}/${place.file}`);
        expect(place.file).not.toMatch(/[/\\]/);
      }),
    );
  }, 30_000);

  it.each([
    ['loras', '../../etc/passwd', 'its name leads out of the models folder'],
    ['loras', '/etc/passwd.pt', 'its name leads out of the models folder'],
    ['loras', 'a\\..\\..\\b.pt', 'its name leads out of the models folder'],
    ['..', 'a.pt', 'its name leads out of the models folder'],
    ['loras', 'C:\\a.pt', 'its name holds a drive letter'],
    ['loras', 'a\u001b[2J.pt', 'its name holds control characters'],
  ])('refuses %s and %j', (folder, name, problem) => {
    expect(placeOf(folder, name)).toEqual({ place: null, problem });
  });

  it.each([
    ['ab:c.pt', true],
    ['con.pt', true],
    ['a /b.pt', true],
    ['concept.pt', false],
    ['it’s (1).pt', false],
  ])('knows what Windows cannot have: %j', (name, refused) => {
    const { place } = placeOf('loras', name);
    expect(place === null ? null : windowsProblem(place) !== null).toBe(refused);
  });
});

describe('an address', () => {
  it.each([
    [' https://models.example/a b.pt#x ', 'https://models.example/a%20b.pt'],
    ['https://huggingface.co/a/b/blob/main/c.pt', 'https://huggingface.co/a/b/resolve/main/c.pt'],
    ['https://civitai.com/models/1/x?modelVersionId=22', 'https://civitai.com/api/download/models/22'],
    [
      'https://civitai.com/api/download/models/22?type=Model',
      'https://civitai.com/api/download/models/22?type=Model',
    ],
    ['http://192.0.2.1:8000/a.pt', 'http://192.0.2.1:8000/a.pt'],
  ])('%s is downloaded as %s', (text, url) => {
    expect(readSourceUrl(text)).toEqual({ url, problem: null });
  });

  it.each([
    '',
    'models.example/a',
    'file:///etc/passwd',
    'ftp://a/b',
    'javascript:1',
    'https://me:secret@a/b',
    '--output=x',
  ])('refuses %j in words', (text) => {
    const { url, problem } = readSourceUrl(text);
    expect([url, typeof problem]).toEqual([null, 'string']);
  });

  it('has nothing in it that could end a line or a quoted text', () => {
    const begin = fc.constantFrom(
      'https://',
      'http://a.example/',
      'http://[::1]:80/x?y=',
      'https://a.example/\n',
    );
    fc.assert(
      fc.property(begin, fc.string({ unit: 'binary' }), (start, tail) => {
        const read = readSourceUrl(start + tail);
        if (read.url !== null) expect(read.url).toMatch(/^[!#-~]+$/);
      }),
      { numRuns: 60 },
    );
  }, 30_000);
});

describe('what people entered', () => {
  const inFolder = async (work: (file: string) => Promise<void>): Promise<void> => {
    const folder = await mkdtemp(path.join(tmpdir(), 'ensemble-urls-'));
    await work(path.join(folder, 'urls.json')).finally(() => rm(folder, { recursive: true }));
  };

  it('is there in the next life, under either spelling', () =>
    inFolder(async (file) => {
      const store = new UrlStore(file);
      await Promise.all([
        store.remember('clip', 'a\\b.pt', 'https://models.example/b.pt'),
        store.remember('loras', 'c.pt', 'https://models.example/c.pt'),
      ]);
      const later = new UrlStore(file);
      expect(later.find('text_encoders', 'a/b.pt')).toBe('https://models.example/b.pt');
      expect(later.folderFor('a/b.pt')).toBe('text_encoders');
      await later.remember('loras', 'c.pt', null);
      expect(new UrlStore(file).find('loras', 'c.pt')).toBeNull();
    }));

  it('is refused where nothing can be downloaded, or it would lie elsewhere', () =>
    inFolder(async (file) => {
      const store = new UrlStore(file);
      await expect(store.remember('loras', 'a.pt', 'file:///a')).rejects.toMatchObject({
        code: 'bad-argument',
        problems: [{ field: 'url' }],
      });
      await expect(store.remember('..', 'a.pt', 'https://a.example/a')).rejects.toMatchObject({
        problems: [{ field: 'name' }],
      });
    }));

  it('puts aside a file that it does not understand', () =>
    inFolder(async (file) => {
      await writeFile(file, '{"version": 2}');
      const store = new UrlStore(file);
      expect(await readFile(file, 'utf8')).toBe('{"version": 2}');
      await store.remember('loras', 'a.pt', 'https://a.example/a');
      expect(await readFile(`${file}.old`, 'utf8')).toBe('{"version": 2}');
      expect((await readdir(path.dirname(file))).sort()).toEqual(['urls.json', 'urls.json.old']);
    }));
});
