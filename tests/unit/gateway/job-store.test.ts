import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JobStore } from '../../../electron/core/gateway/jobs/job-store.ts';
import type { JobRecord } from '../../../electron/core/gateway/jobs/job-types.ts';
import { systemClock } from '../../../electron/core/ports.ts';

const record = (runId: string, promptId = runId): JobRecord => ({
  ...{ runId, promptId, number: 1.5, clientId: 'c “é”', caller: 'me', createdAt: 2 },
  ...{ prompt: '{"1":{"seed":18446744073709551615}}', extraData: '{}', outputs: '["1"]' },
});
const ending = (text: string) => ({
  endedAt: 9,
  ending: `{"outputs":"${text}"}`,
  summary: `{"id":"${text}"}`,
});

describe('what clients are told', () => {
  let folder = '';
  let store: JobStore;
  const open = (): JobStore => JobStore.open(path.join(folder, 'gateway.db'), systemClock);
  const idsOf = (offset: number, limit: number): readonly string[] =>
    Object.keys(JSON.parse(Buffer.concat([...store.finished.history(offset, limit)]).toString()));
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'gateway-store-'));
    store = open();
  });
  afterEach(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is there after a restart, unfinished and finished, in the order of the ends', () => {
    for (const id of ['a', 'b', 'c']) store.add(record(id));
    store.finished.end('b', 'b', ending('b'));
    store.finished.end('a', 'a', ending('a'));
    store.show('c', 1, 0, [['7', { images: [] }]]);
    expect([store.nextNumber(), store.nextNumber()]).toEqual([0, 1]);
    store.close();
    store = open();
    expect(store.unfinished()).toEqual([record('c')]);
    expect(idsOf(0, 10)).toEqual(['b', 'a']);
    expect(idsOf(-1, 1)).toEqual(['a']);
    expect(store.finished.find('a')).toEqual({ ...record('a'), ...ending('a') });
    expect(store.shown('c')).toEqual([{ stage: 1, shard: 0, nodes: [['7', { images: [] }]] }]);
    expect(store.nextNumber()).toBe(2);
  });

  it('replaces a finished prompt of the same id, as ComfyUI does', () => {
    store.add(record('first', 'same'));
    store.finished.end('first', 'same', ending('first'));
    store.add(record('second', 'same'));
    expect(store.finished.find('same')?.runId).toBe('first');
    store.finished.end('second', 'same', ending('second'));
    expect(store.finished.find('same')?.runId).toBe('second');
    expect(idsOf(0, 10)).toEqual(['same']);
  });

  it('tells the history to the digit, page by page, however many there are', () => {
    const ids = Array.from({ length: 250 }, (_, index) => `run “${index}”`);
    for (const id of ids) {
      store.add(record(id, `p ${id}`));
      store.finished.end(id, `p ${id}`, ending(id));
    }
    const text = Buffer.concat([...store.finished.history(0, 1_000)]).toString();
    expect(Object.keys(JSON.parse(text))).toEqual(ids.map((id) => `p ${id}`));
    const [first] = ids;
    expect(store.finished.entry(`p ${first}`)).toBe(
      `{"p ${first}": {"prompt": [1.5, "p ${first}", {"1":{"seed":18446744073709551615}}, {}, ["1"]], "outputs":"${first}"}}`,
    );
    expect(idsOf(99, 102)).toEqual(ids.slice(99, 201).map((id) => `p ${id}`));
    expect(idsOf(-3, 2)).toEqual(ids.slice(-3, -1).map((id) => `p ${id}`));
    expect(idsOf(250, 9)).toEqual([]);
    expect(store.finished.entry('nobody')).toBe('{}');
    // Once more, out of what was kept: with one that is new, one that was replaced, and one that was forgotten.
    store.add(record('new', 'p new'));
    store.finished.end('new', 'p new', ending('new'));
    store.add(record('second', `p ${ids[7]}`));
    store.finished.end('second', `p ${ids[7]}`, ending('second'));
    const now = [...ids.filter((_, index) => index !== 7).map((id) => `p ${id}`), 'p new', `p ${ids[7]}`];
    expect(idsOf(0, 1_000)).toEqual(now);
    store.finished.clear(`p ${ids[120]}`);
    expect(idsOf(0, 1_000)).toEqual(now.filter((id) => id !== `p ${ids[120]}`));
    store.finished.reopen(ids[30] ?? '');
    expect(idsOf(0, 1_000)).toHaveLength(249);
    store.finished.clear(null);
    expect(idsOf(0, 1_000)).toEqual([]);
  });

  it('keeps the lines of the list up with what ends and what is forgotten', () => {
    const lines = (): readonly string[] => store.finished.lines.map(({ text }) => text);
    for (const id of ['a', 'b', 'c', 'd']) store.add(record(id));
    store.finished.end('a', 'a', ending('a'));
    expect(lines()).toEqual(['{"id":"a"}']);
    store.finished.end('c', 'c', ending('c'));
    store.finished.end('b', 'b', ending('b'));
    const known = lines();
    expect(known).toEqual(['{"id":"a"}', '{"id":"c"}', '{"id":"b"}']);
    store.add(record('again', 'a'));
    store.finished.end('again', 'a', ending('again'));
    store.finished.remove('c');
    store.finished.clear('b');
    expect(lines()).toEqual(['{"id":"again"}']);
    store.close();
    store = open();
    expect(lines()).toEqual(['{"id":"again"}']);
    store.finished.clear(null);
    expect(lines()).toEqual([]);
  });

  it('goes on with one that is tried again, and keeps what it has shown', () => {
    store.add(record('a'));
    store.show('a', 1, 0, [['7', {}]]);
    store.finished.end('a', 'a', ending('failed'));
    expect(store.finished.lines).toHaveLength(1);
    expect(store.finished.reopen('nobody')).toBeNull();
    expect(store.finished.reopen('a')).toEqual(record('a'));
    expect([store.finished.lines, idsOf(0, 9), store.unfinished()]).toEqual([[], [], [record('a')]]);
    expect(store.shown('a')).toHaveLength(1);
  });

  it('forgets what it is told to, with all that belongs to it', () => {
    for (const id of ['a', 'b']) store.add(record(id));
    store.show('a', 1, 0, []);
    store.finished.remove('a');
    expect(store.shown('a')).toEqual([]);
    store.finished.end('b', 'b', ending('b'));
    store.finished.clear('b');
    expect(store.finished.count).toBe(0);
  });

  it('sets a damaged file aside, and says so', () => {
    store.close();
    for (const name of readdirSync(folder)) rmSync(path.join(folder, name));
    writeFileSync(
      path.join(folder, 'gateway.db'),
      'no database at all, but long enough to be looked at'.repeat(50),
    );
    store = open();
    expect(store.problems).toHaveLength(1);
    expect(readdirSync(folder).some((name) => name.includes('.broken-'))).toBe(true);
    expect(store.nextNumber()).toBe(0);
  });
});
