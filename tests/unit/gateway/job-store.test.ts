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
    store.end('b', 'b', ending('b'));
    store.end('a', 'a', ending('a'));
    store.show('c', 1, 0, [['7', { images: [] }]]);
    expect([store.nextNumber(), store.nextNumber()]).toEqual([0, 1]);
    store.close();
    store = open();
    expect(store.unfinished()).toEqual([record('c')]);
    expect(store.finished(0, 10).map(({ runId }) => runId)).toEqual(['b', 'a']);
    expect(store.finished(-1, 1).map(({ runId }) => runId)).toEqual(['a']);
    expect(store.find('a')).toEqual({ ...record('a'), ...ending('a') });
    expect(store.shown('c')).toEqual([{ stage: 1, shard: 0, nodes: [['7', { images: [] }]] }]);
    expect(store.nextNumber()).toBe(2);
  });

  it('replaces a finished prompt of the same id, as ComfyUI does', () => {
    store.add(record('first', 'same'));
    store.end('first', 'same', ending('first'));
    store.add(record('second', 'same'));
    expect(store.find('same')?.runId).toBe('first');
    store.end('second', 'same', ending('second'));
    expect(store.finished(0, 10).map(({ runId }) => runId)).toEqual(['second']);
  });

  it('forgets what it is told to, with all that belongs to it', () => {
    for (const id of ['a', 'b']) store.add(record(id));
    store.show('a', 1, 0, []);
    store.remove('a');
    expect(store.shown('a')).toEqual([]);
    store.end('b', 'b', ending('b'));
    store.removeFinished('b');
    expect(store.finishedCount()).toBe(0);
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
