import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLease } from '../../../electron/core/providers/lease-book.ts';
import { LeaseStore } from '../../../electron/core/providers/lease-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { leaseWith } from './fixtures.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'leases-'));
});
afterEach(() => rm(folder, { recursive: true }));

const file = () => path.join(folder, 'leases.json');
const open = (write?: (name: string, content: string) => Promise<void>) =>
  LeaseStore.open(file(), {
    ...{ clock: new ManualClock(), newController: () => 'newnewnew1' },
    ...(write === undefined ? {} : { write }),
  });

test('what a change says is on disk when it resolves, and read again by the next life', async () => {
  const store = await open();
  await store.update((book) => withLease(book, leaseWith({ reference: 'pod1' })));
  store.note((book) => ({ ...book, total: 5 }));
  expect((await open()).value).toEqual({ ...store.value, total: 0 });
  await store.idle();
  expect(store.value.total).toBe(5);
});

test('changes at the same time follow one another; one that is refused changes nothing', async () => {
  const store = await open();
  const add = (id: string) => store.update((book) => withLease(book, leaseWith({ id })));
  const refused = store.update(() => {
    throw new Error('too much');
  });
  const results = await Promise.allSettled([add('a'), refused, add('b')]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect((await open()).value.leases.map(({ id }) => id)).toEqual(['b', 'a']);
});

test('a full disk is told in a sentence, and nothing is taken for rented', async () => {
  const store = await open(() => Promise.reject(new Error('ENOSPC')));
  await expect(store.update((book) => withLease(book, leaseWith()))).rejects.toMatchObject({
    code: 'settings-unwritable',
    hint: expect.stringContaining('Nothing was rented.'),
  });
  expect(store.value.leases).toEqual([]);
});

test('of a damaged file the tag is saved, so that what was rented can be found', async () => {
  const store = await open();
  await store.update((book) => withLease({ ...book, controller: 'abcdefghij' }, leaseWith()));
  const text = await readFile(file(), 'utf8');
  for (const broken of [text.slice(0, 200), text.replace('"pending"', '"else"')]) {
    await writeFile(file(), broken);
    const again = await open();
    expect(again.value).toMatchObject({ controller: 'abcdefghij', leases: [] });
    expect(again.problem).toContain('is set aside as');
    expect(await readFile(`${file()}.damaged`, 'utf8')).toBe(broken);
  }
});
