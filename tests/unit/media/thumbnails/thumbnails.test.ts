import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Thumbnails } from '../../../../electron/core/media/thumbnails/thumbnails.ts';
import { silentLogger, systemClock } from '../../../../electron/core/ports.ts';
import { type Picture, still } from '../pngs.ts';

let folder = '';
let directory = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ensemble-thumbnails-'));
  directory = path.join(folder, 'kept');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function open(mostBytes?: number): Thumbnails {
  return new Thumbnails({
    ...{ directory, clock: systemClock, logger: silentLogger },
    ...(mostBytes === undefined ? {} : { mostBytes }),
  });
}

/** Too noisy to be small. */
async function pictureFile(name: string, edge = 400): Promise<string> {
  const rows = Buffer.alloc(edge * (edge * 3 + 1));
  let noise = 1;
  for (let at = 0; at < rows.length; at += 1) {
    noise = (Math.imul(noise, 1_664_525) + 1_013_904_223) >>> 0;
    rows[at] = at % (edge * 3 + 1) === 0 ? 0 : noise >>> 24;
  }
  const image: Picture = { width: edge, height: edge, depth: 8, color: 2, rows };
  const file = path.join(folder, `${name}.png`);
  await writeFile(file, still(image, 65_536));
  return file;
}

describe('kept thumbnails', () => {
  it('are made once for all who ask, and found again after a restart', async () => {
    const file = await pictureFile('a');
    const thumbnails = open();
    const [first, second] = await Promise.all([thumbnails.of('a', file), thumbnails.of('a', file)]);
    expect(first).toMatchObject({ path: path.join(directory, 'a.jpg'), mime: 'image/jpeg' });
    expect(second).toEqual(first);
    expect((await stat(first?.path ?? '')).size).toBeLessThan((await stat(file)).size / 3);
    expect(await readdir(directory)).toEqual(['a.jpg']);
    await rm(file);
    expect(await open().of('a', file)).toMatchObject({ path: path.join(directory, 'a.jpg') });
  });

  it('are not made of pictures that are small, gone or damaged', async () => {
    const small = path.join(folder, 'small.png');
    await writeFile(small, still({ width: 1, height: 1, depth: 8, color: 2, rows: Buffer.alloc(4) }));
    const damaged = path.join(folder, 'damaged.png');
    await writeFile(damaged, Buffer.alloc(100_000, 7));
    const thumbnails = open();
    expect(await thumbnails.of('s', small)).toBeNull();
    expect(await thumbnails.of('d', damaged)).toBeNull();
    expect(await thumbnails.of('g', path.join(folder, 'gone.png'))).toBeNull();
    expect(await readdir(directory)).toEqual([]);
  });

  it('stay within their room: the one that was not looked at for longest goes first', async () => {
    const file = await pictureFile('a');
    const one = (await open().of('probe', file))?.path ?? '';
    const { size } = await stat(one);
    await rm(one);
    const thumbnails = open(2.5 * size);
    await thumbnails.of('a', file);
    await thumbnails.of('b', file);
    await thumbnails.of('a', file);
    await thumbnails.of('c', file);
    expect((await readdir(directory)).sort()).toEqual(['a.jpg', 'c.jpg']);
  });

  it('remember their order over a restart, and clear away what is not theirs', async () => {
    await mkdir(directory);
    for (const [at, name] of ['old.jpg', 'new.png', 'cut.part'].entries()) {
      await writeFile(path.join(directory, name), Buffer.alloc(1_000));
      await utimes(path.join(directory, name), 1_000 + at, 1_000 + at);
    }
    const file = await pictureFile('a');
    expect(await open(1_500).of('new', file)).toMatchObject({ mime: 'image/png' });
    expect(await readdir(directory)).toEqual(['new.png']);
  });

  it('are let go of when nobody waits any more, also those whose turn has not come', async () => {
    const file = await pictureFile('a', 900);
    const thumbnails = open();
    const gone = new AbortController();
    const unwanted = ['a', 'b', 'c', 'd', 'e'].map((id) => thumbnails.of(id, file, gone.signal));
    const wanted = thumbnails.of('f', file);
    gone.abort();
    const ends = await Promise.allSettled(unwanted);
    expect(ends.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'rejected'));
    expect(await wanted).not.toBeNull();
    expect(await readdir(directory)).toEqual(['f.jpg']);
  });

  it('do without where nothing can be kept', async () => {
    await writeFile(directory, 'a file in its place');
    expect(await open().of('a', await pictureFile('a'))).toBeNull();
  });
});
