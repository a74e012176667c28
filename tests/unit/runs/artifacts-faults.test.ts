import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ArtifactFiles, nodeFiles } from '../../../electron/core/runs/artifacts/files.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import { PICTURE, Workshop } from './artifacts-bench.ts';
import { request } from './artifacts-content.ts';
import { placing } from './journal-records.ts';

let shop: Workshop;
beforeEach(() => {
  shop = new Workshop();
});
afterEach(() => shop.close());

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: it is so`), { code });
}

function failing(code: string): () => Promise<never> {
  return async () => {
    throw systemError(code);
  };
}

/** Writes until the disk is full after so many bytes. */
function smallDisk(bytes: number): ArtifactFiles['create'] {
  return async (file) => {
    const inner = await nodeFiles.create(file);
    let written = 0;
    return {
      ...inner,
      write: async (chunk) => {
        written += chunk.length;
        if (written > bytes) throw systemError('ENOSPC');
        await inner.write(chunk);
      },
    };
  };
}

/** Nothing is left, in the folder or in the journal, and the same result can still be kept. */
async function expectNothingKept(): Promise<void> {
  expect(shop.files()).toEqual([]);
  expect(shop.journal.placing()).toEqual([]);
  expect(await shop.keep()).not.toBeNull();
  expect(shop.files()).toHaveLength(1);
}

describe('a worker that lies or dies', { timeout: 30_000 }, () => {
  it.each([
    ['a page in place of a picture', 'x.png', Buffer.from('<html>404</html>'), null, 'unavailable'],
    ['a picture of another kind', 'x.png', Buffer.from('GIF89a..........'), null, 'unavailable'],
    ['a head alone', 'x.png', PICTURE.subarray(0, 12), null, 'unavailable'],
    ['no picture', 'x.webp', Buffer.from('RIFFnope'), null, 'unavailable'],
    ['nothing', 'x.png', Buffer.alloc(0), null, 'unavailable'],
    ['less than announced', 'x.png', PICTURE.subarray(0, 50), PICTURE.length, 'disconnected'],
    ['more than announced', 'x.png', PICTURE, PICTURE.length - 1, 'unavailable'],
  ])('%s is not kept', async (_, sourceName, bytes, expectedBytes, code) => {
    const error = await shop.keep({ sourceName, expectedBytes }, bytes).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EnsembleError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(/^Worker 1 sent .*x\.(png|webp)/) });
    await expectNothingKept();
  });

  it('whose connection breaks says so itself', async () => {
    const broken = new Error('socket hang up');
    async function* half(): AsyncGenerator<Uint8Array> {
      yield PICTURE.subarray(0, 40);
      throw broken;
    }
    await expect(shop.store.keep(request(), half())).rejects.toBe(broken);
    await expectNothingKept();
  });

  it('that hangs can be let go of', async () => {
    const controller = new AbortController();
    const hanging = new PassThrough();
    hanging.write(PICTURE.subarray(0, 40));
    const kept = shop.store.keep(request(), hanging, controller.signal);
    const reason = new Error('cancelled');
    setImmediate(() => controller.abort(reason));
    await expect(kept).rejects.toBe(reason);
    expect(hanging.destroyed).toBe(true);
    async function* stuck(): AsyncGenerator<Uint8Array> {
      yield PICTURE.subarray(0, 40);
      await new Promise(() => undefined);
    }
    await expect(shop.store.keep(request(), stuck(), AbortSignal.abort(reason))).rejects.toBe(reason);
    await expectNothingKept();
  });
});

describe('a disk that fails', { timeout: 30_000 }, () => {
  const wire = (): Readable => Readable.from([PICTURE.subarray(0, 40), PICTURE.subarray(40)]);
  const cases: readonly (readonly [string, Partial<ArtifactFiles>, string])[] = [
    ['is full at once', { create: failing('ENOSPC') }, 'disk-full'],
    ['is full in the middle', { create: smallDisk(60) }, 'disk-full'],
    ['is full for the name', { link: failing('ENOSPC') }, 'disk-full'],
    ['has no quota left for the folder', { makeFolder: failing('EDQUOT') }, 'disk-full'],
    [
      'is full when it must be sure',
      { create: async (file) => ({ ...(await nodeFiles.create(file)), sync: failing('ENOSPC') }) },
      'disk-full',
    ],
    ['cannot be written', { create: failing('EROFS') }, 'internal'],
    ['breaks while the name is given', { link: failing('EPERM'), rename: failing('EIO') }, 'internal'],
  ];
  it.each(cases)('%s keeps nothing and says so', async (_, files, code) => {
    const store = shop.storeWith(files);
    const stream = wire();
    const error = await store.keep(request(), stream).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EnsembleError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(`${shop.output}[: ]`) });
    expect(stream.destroyed).toBe(true);
    await expectNothingKept();
  });

  it('makes a second copy of the same result try by itself', async () => {
    const { journal } = shop;
    // The first copy fails only once the second has been told that it is under way.
    let tellSecond = (): void => undefined;
    const secondKnows = new Promise<void>((resolve) => {
      tellSecond = resolve;
    });
    const hasOutput = journal.hasOutput.bind(journal);
    journal.hasOutput = (key) => {
      const has = hasOutput(key);
      if (has) tellSecond();
      return has;
    };
    let first = true;
    const link: ArtifactFiles['link'] = async (from, to) => {
      if (!first) return nodeFiles.link(from, to);
      first = false;
      await secondKnows;
      throw systemError('ENOSPC');
    };
    const store = shop.storeWith({ link });
    const results = await Promise.allSettled([store.keep(request(), wire()), store.keep(request(), wire())]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results).toContainEqual({
      status: 'fulfilled',
      value: expect.objectContaining({ bytes: PICTURE.length }),
    });
    expect(shop.files()).toHaveLength(1);
  });
});

describe('a file system without links', { timeout: 30_000 }, () => {
  it('gives names one by one all the same, and never one that is taken', async () => {
    const store = shop.storeWith({ link: failing('EPERM') });
    writeFileSync(path.join(shop.output, 'ComfyUI_00001_.png'), 'mine');
    const kept = await Promise.all(
      [0, 1, 2].map((shard) => store.keep(request({ shard }), Readable.from([PICTURE]))),
    );
    writeFileSync(path.join(shop.output, 'ComfyUI_00005_.png'), 'theirs');
    kept.push(await store.keep(request({ shard: 3 }), Readable.from([PICTURE])));
    expect(kept.map((artifact) => artifact?.name).sort()).toEqual(
      [2, 3, 4, 6].map((n) => `ComfyUI_0000${n}_.png`),
    );
    expect(shop.read('ComfyUI_00001_.png').toString()).toBe('mine');
    expect(shop.read('ComfyUI_00005_.png').toString()).toBe('theirs');
    expect(shop.files()).toHaveLength(6);
  });

  it('and a folder on another volume get a copy of their own', async () => {
    const link: ArtifactFiles['link'] = async (from, to) => {
      if (path.dirname(from) !== path.dirname(to)) throw systemError('EXDEV');
      await nodeFiles.link(from, to);
    };
    const store = shop.storeWith({ link });
    await store.keep(request({ prefix: 'a/pic' }), Readable.from([PICTURE]));
    expect(shop.files()).toEqual(['a/pic_00001_.png']);
    expect(shop.read('a/pic_00001_.png').equals(PICTURE)).toBe(true);
  });
});

describe('after a crash', { timeout: 30_000 }, () => {
  const sha256 = createHash('sha256').update(PICTURE).digest('hex');
  const incoming = (id: string): string => path.join(shop.output, '.ensemble-incoming', `${id}.part`);
  const begin = (id: string): void => {
    const place = { name: `${id}_00001_.png`, path: path.join(shop.output, `${id}_00001_.png`) };
    const change = { ...place, temporary: incoming(id), bytes: PICTURE.length, sha256, outputKey: id };
    expect(shop.journal.beginPlacing(placing(id, change))).toBe(true);
  };
  const out = (name: string, bytes: string | Uint8Array): void =>
    writeFileSync(path.join(shop.output, name), bytes);

  it('everything that was on its way is finished or undone', async () => {
    mkdirSync(path.join(shop.output, '.ensemble-incoming'));
    for (const id of ['aside', 'named', 'both', 'taken', 'cut', 'gone', 'changed']) begin(id);
    writeFileSync(incoming('aside'), PICTURE);
    out('named_00001_.png', PICTURE);
    out('both_00001_.png', PICTURE);
    writeFileSync(incoming('both'), PICTURE);
    out('taken_00001_.png', 'from somebody else');
    writeFileSync(incoming('taken'), PICTURE);
    writeFileSync(incoming('cut'), PICTURE.subarray(0, 20));
    writeFileSync(incoming('changed'), Buffer.alloc(PICTURE.length));
    writeFileSync(incoming('never-journaled'), 'half');
    mkdirSync(shop.previews);
    shop.restart();
    expect(await shop.store.recover()).toEqual({ finished: 4, dropped: 3 });
    expect(shop.files()).toEqual([
      'aside_00001_.png',
      'both_00001_.png',
      'named_00001_.png',
      'taken_00001_.png',
      'taken_00002_.png',
    ]);
    expect(shop.read('taken_00001_.png').toString()).toBe('from somebody else');
    expect(shop.read('taken_00002_.png').equals(PICTURE)).toBe(true);
    expect(shop.journal.placing()).toEqual([]);
    const kept = shop.journal.artifactsOf('r').map(({ id, name }) => [id, name]);
    expect(kept).toHaveLength(4);
    expect(kept).toContainEqual(['taken', 'taken_00002_.png']);
    expect(await shop.store.recover()).toEqual({ finished: 0, dropped: 0 });
    expect(await shop.keep({ outputKey: 'named' })).toBeNull();
    expect(await shop.keep({ outputKey: 'gone' })).not.toBeNull();
  });

  it('what cannot be finished now is left for the next start', async () => {
    mkdirSync(path.join(shop.output, '.ensemble-incoming'));
    for (const id of ['one', 'two']) begin(id);
    writeFileSync(incoming('one'), PICTURE);
    writeFileSync(incoming('two'), PICTURE);
    const link: ArtifactFiles['link'] = async (from, to) => {
      if (from === incoming('one')) throw systemError('ENOSPC');
      await nodeFiles.link(from, to);
    };
    expect(await shop.storeWith({ link }).recover()).toEqual({ finished: 1, dropped: 0 });
    expect(shop.journal.placing().map(({ id }) => id)).toEqual(['one']);
    shop.restart();
    expect(await shop.store.recover()).toEqual({ finished: 1, dropped: 0 });
    expect(shop.files()).toEqual(['one_00001_.png', 'two_00001_.png']);
  });
});
