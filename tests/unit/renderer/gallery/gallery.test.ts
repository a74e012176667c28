import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { baseName, dragOutData, neighbour, sizeWords } from '../../../../renderer/gallery/artifact-words.ts';
import {
  dayToTime,
  isFiltered,
  matchesFilter,
  NO_PAGES,
  receiveFirstPage,
  receiveNew,
  receiveNextPage,
  showFresh,
  timeToDay,
} from '../../../../renderer/gallery/gallery-pages.ts';
import { nextTile } from '../../../../renderer/gallery/grid-keys.ts';
import { togglePick } from '../../../../renderer/gallery/pick.ts';
import { WHOLE_GALLERY } from '../../../../renderer/store/ui-store.ts';
import { artifact } from '../../../web/fixtures/runs.ts';

const files = (...indices: readonly number[]) => indices.map((index) => artifact('a', index));
const ids = (artifacts: readonly { readonly id: string }[]) => artifacts.map(({ id }) => id);
const loaded = receiveFirstPage(NO_PAGES, { artifacts: files(2, 1), next: '2' }, false);

describe('gallery pages', () => {
  it('append older ones without doubling any', () => {
    const more = receiveNextPage(loaded, { artifacts: files(1, 0), next: null });
    expect(ids(more.artifacts)).toEqual(['a-2', 'a-1', 'a-0']);
    expect(more.next).toBeNull();
  });

  it('put a new one on top, or aside while somebody looks', () => {
    expect(ids(receiveNew(loaded, artifact('a', 3), false).artifacts)).toEqual(['a-3', 'a-2', 'a-1']);
    const held = receiveNew(receiveNew(loaded, artifact('a', 3), true), artifact('a', 4), true);
    expect(held.artifacts).toBe(loaded.artifacts);
    expect(ids(held.fresh)).toEqual(['a-4', 'a-3']);
    expect(ids(showFresh(held).artifacts)).toEqual(['a-4', 'a-3', 'a-2', 'a-1']);
    expect(receiveNew(held, artifact('a', 4), false)).toBe(held);
    // The next one that may appear takes along those that waited.
    expect(ids(receiveNew(held, artifact('a', 5), false).artifacts).slice(0, 3)).toEqual([
      'a-5',
      'a-4',
      'a-3',
    ]);
  });

  it('keep what came by event before the first page', () => {
    const early = receiveNew(NO_PAGES, artifact('a', 9), false);
    expect(ids(receiveFirstPage(early, { artifacts: files(2), next: null }, false).artifacts)).toEqual([
      'a-9',
      'a-2',
    ]);
  });

  it('keep their place over a reconnection when both overlap, and start over when not', () => {
    const deep = receiveNextPage(loaded, { artifacts: files(0), next: null });
    const again = receiveFirstPage(deep, { artifacts: files(3, 2), next: '2' }, true);
    expect(ids(again.artifacts)).toEqual(['a-2', 'a-1', 'a-0']);
    expect(ids(again.fresh)).toEqual(['a-3']);
    expect(again.next).toBeNull();
    const other = receiveFirstPage(deep, { artifacts: files(9, 8), next: '2' }, true);
    expect(ids(other.artifacts)).toEqual(['a-9', 'a-8']);
  });
});

describe('gallery filter', () => {
  it('decides about new files as the control center does', () => {
    const one = artifact('a', 0, { at: 100, instanceId: 'worker-1' });
    expect(matchesFilter(one, WHOLE_GALLERY)).toBe(true);
    expect(matchesFilter(one, { ...WHOLE_GALLERY, name: 'LIGHT' })).toBe(true);
    expect(matchesFilter(one, { ...WHOLE_GALLERY, name: 'dark' })).toBe(false);
    expect(matchesFilter(one, { ...WHOLE_GALLERY, runId: 'b' })).toBe(false);
    expect(matchesFilter(one, { ...WHOLE_GALLERY, instanceId: 'worker-1', since: 100, until: 100 })).toBe(
      true,
    );
    expect(matchesFilter(one, { ...WHOLE_GALLERY, since: 101 })).toBe(false);
    expect(matchesFilter(artifact('a', 0, { preview: true }), WHOLE_GALLERY)).toBe(false);
    expect(isFiltered({ ...WHOLE_GALLERY })).toBe(false);
    expect(isFiltered({ ...WHOLE_GALLERY, since: 0 })).toBe(true);
  });

  it('reads a day as its first and its last moment in local time', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(1971, 0, 1), max: new Date(2100, 0, 1), noInvalidDate: true }),
        (date) => {
          const day = timeToDay(date.getTime());
          const from = dayToTime(day, false) ?? 0;
          const until = dayToTime(day, true) ?? 0;
          expect(from).toBeLessThanOrEqual(date.getTime());
          expect(until).toBeGreaterThanOrEqual(date.getTime());
          expect(timeToDay(from)).toBe(day);
          expect(timeToDay(until)).toBe(day);
        },
      ),
    );
    expect(dayToTime('', false)).toBeNull();
  });
});

describe('gallery keys and words', () => {
  it('move in the grid without leaving it', () => {
    expect(nextTile(0, 10, 4, 'ArrowRight')).toBe(1);
    expect(nextTile(5, 10, 4, 'ArrowUp')).toBe(1);
    expect(nextTile(1, 10, 4, 'ArrowUp')).toBe(1);
    expect(nextTile(7, 10, 4, 'ArrowDown')).toBe(9);
    expect(nextTile(9, 10, 4, 'ArrowRight')).toBe(9);
    expect(nextTile(3, 10, 4, 'End')).toBe(9);
    expect(nextTile(3, 10, 4, 'x')).toBeNull();
  });

  it('pick two, the third in place of the first', () => {
    const [a, b, c] = files(0, 1, 2) as [ReturnType<typeof artifact>, ...ReturnType<typeof artifact>[]];
    const two = togglePick(togglePick([], a), b ?? a);
    expect(ids(togglePick(two, c ?? a))).toEqual(['a-1', 'a-2']);
    expect(ids(togglePick(two, a))).toEqual(['a-1']);
  });

  it('name a file for whoever takes it out of the page', () => {
    const one = artifact('a', 0, { name: 'x/y:z.png', bytes: 2048 });
    expect(baseName(one)).toBe('y:z.png');
    expect(dragOutData(one, 'http://h/f')).toBe('image/png:y_z.png:http://h/f');
    expect(dragOutData(artifact('a', 0, { name: 'n' }), 'u')).toBe('application/octet-stream:n:u');
    expect(sizeWords(one)).toBe('1024 × 1024 · 2 KB');
    expect(sizeWords({ ...one, width: null })).toBe('2 KB');
    expect(neighbour(files(0, 1), 'a-0', 1)?.id).toBe('a-1');
    expect(neighbour(files(0, 1), 'a-1', 1)).toBeNull();
    expect(neighbour(files(0, 1), 'gone', 1)).toBeNull();
  });
});
