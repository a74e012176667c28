import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { openJournal } from '../../../electron/core/runs/journal/journal.ts';
import type { Journal } from '../../../electron/core/runs/records.ts';
import type { GalleryFilter } from '../../../shared/runs.ts';
import { placing } from './journal-records.ts';

const ARTIFACTS = 100_000;
const PAGE = 100;
/**
 * In first pages of the unfiltered gallery, measured at the same moment because machines are busy. Any page takes about one;
 * without its index one takes more than 20. A search for a rare name reads an index to its end, which takes 6 to 30.
 */
const MOST_PAGES = { page: 10, search: 100 };
const EVERYTHING: GalleryFilter = {
  runId: null,
  instanceId: null,
  name: null,
  since: null,
  until: null,
  previews: true,
};

let folder = '';
let journal: Journal;

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'gallery-'));
  journal = openJournal(path.join(folder, 'runs.db'), { clock: systemClock, logger: silentLogger });
  journal.together(() => {
    for (let n = 0; n < ARTIFACTS; n += 1) {
      const run = Math.floor(n / 50);
      const runName = run === 7 ? 'The rare one' : `Run ${run}`;
      // Nearly all are previews: leaving them out must not mean reading them.
      const change = { runId: `r${run}`, runName, instanceId: `w${n % 12}`, preview: n % 1_000 !== 0, at: n };
      journal.beginPlacing(placing(`p${n}`, change));
      journal.endPlacing(`p${n}`);
    }
  });
}, 60_000);
afterAll(() => {
  journal.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The best of some tries, so that a busy machine does not matter. */
function fastest(work: () => void): number {
  const times = Array.from({ length: 7 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return Math.min(...times);
}

describe('a gallery of 100,000 files', () => {
  const middle = `${ARTIFACTS / 2}~p${ARTIFACTS / 2}`;
  const cases: readonly (readonly [string, Partial<GalleryFilter>, string | null, number])[] = [
    ['the first page', {}, null, PAGE],
    ['a page in the middle', {}, middle, PAGE],
    ['without previews', { previews: false }, null, PAGE],
    ['without previews, in the middle', { previews: false }, middle, 50],
    ['one run', { runId: 'r900' }, null, 50],
    ['one worker', { instanceId: 'w3' }, middle, PAGE],
    ['a stretch of time', { since: 20_000, until: 20_049 }, null, 50],
    ['a rare name', { name: 'the RARE' }, null, 50],
    ['a name that nothing has', { name: 'nothing' }, null, 0],
    ['one worker and a rare name', { instanceId: 'w1', name: 'rare' }, null, 4],
  ];
  it.each(cases)('shows %s at once', (_, filter, cursor, count) => {
    const query = { filter: { ...EVERYTHING, ...filter }, cursor, limit: PAGE };
    expect(journal.artifacts(query).artifacts).toHaveLength(count);
    const took = fastest(() => journal.artifacts(query));
    const firstPage = fastest(() => journal.artifacts({ filter: EVERYTHING, cursor: null, limit: PAGE }));
    expect(took / firstPage).toBeLessThan(filter.name === undefined ? MOST_PAGES.page : MOST_PAGES.search);
  });

  it('is opened at once', () => {
    journal.close();
    const start = performance.now();
    journal = openJournal(path.join(folder, 'runs.db'), { clock: systemClock, logger: silentLogger });
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(journal.problems).toEqual([]);
  });
});
