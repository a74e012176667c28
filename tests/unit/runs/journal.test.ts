import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { openJournal } from '../../../electron/core/runs/journal/journal.ts';
import type { Journal } from '../../../electron/core/runs/records.ts';
import type { Artifact, GalleryFilter } from '../../../shared/runs.ts';
import { attempt, placing, runRecord, shardRecord } from './journal-records.ts';

const ALL: GalleryFilter = {
  runId: null,
  instanceId: null,
  name: null,
  since: null,
  until: null,
  previews: true,
};

let folder = '';
let journal: Journal;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'journal-'));
  journal = reopen();
});
afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true, force: true });
});

function reopen(): Journal {
  return openJournal(path.join(folder, 'runs.db'), { clock: systemClock, logger: silentLogger });
}

function keep(id: string, change: Parameters<typeof placing>[1] = {}): void {
  expect(journal.beginPlacing(placing(id, change))).toBe(true);
  journal.endPlacing(id);
}

describe('the journal', () => {
  it('gives back after a restart what it was told', () => {
    const run = runRecord('r', { startedAt: 1_234.5 });
    const error = {
      message: 'Out of memory.',
      nodeId: '3',
      nodeType: 'KSampler',
      exceptionType: 'OutOfMemoryError',
      traceback: ['a', 'b'],
    };
    journal.addRun(run, [shardRecord('r', 0), shardRecord('r', 1, { seed: null })]);
    journal.addShards([shardRecord('r', 0, { stage: 2, status: 'failed', error })]);
    journal.addAttempt(attempt('a1', 'r', 0));
    journal.updateAttempt('a1', { startedAt: 2_100, outcome: 'lost', reason: 'It died.' });
    journal.addAttempt(attempt('a2', 'r', 0, { number: 2, backup: true }));
    journal.updateShard({ runId: 'r', stage: 1, index: 1 }, { status: 'running' });
    journal.updateShard({ runId: 'r', stage: 1, index: 0 }, { error });
    journal.updateRun('r', { status: 'running', mode: 'fallback', warnings: ['x'], order: -3 });
    journal.updateRun('r', {});
    journal.setSetting('paused', 'true');
    journal.setSetting('paused', 'false');
    const speed = { instanceId: 'w1', workflow: 'ab12', secondsPerUnit: 0.25, samples: 3, updatedAt: 5_000 };
    journal.saveSpeed(speed);
    journal.saveSpeed({ ...speed, samples: 4 });
    journal.close();
    journal = reopen();
    expect(journal.problems).toEqual([]);
    const now = { ...run, status: 'running', mode: 'fallback', warnings: ['x'], order: -3 };
    expect(journal.openRuns()).toEqual([
      {
        run: now,
        shards: [
          shardRecord('r', 0, { error }),
          shardRecord('r', 1, { seed: null, status: 'running' }),
          shardRecord('r', 0, { stage: 2, status: 'failed', error }),
        ],
        attempts: [
          attempt('a1', 'r', 0, { startedAt: 2_100, outcome: 'lost', reason: 'It died.' }),
          attempt('a2', 'r', 0, { number: 2, backup: true }),
        ],
      },
    ]);
    expect(journal.run('r')).toEqual(now);
    expect(journal.run('other')).toBeNull();
    expect(journal.shards('r', 1)).toHaveLength(1);
    expect(journal.attempts('r')).toHaveLength(2);
    expect(journal.setting('paused')).toBe('false');
    expect(journal.setting('other')).toBeNull();
    expect(journal.speeds()).toEqual([{ ...speed, samples: 4 }]);
  });

  it('keeps open runs in queue order, and finished ones newest first without their texts', () => {
    for (const [id, order] of [
      ['b', 2],
      ['a', 3],
      ['c', 1],
    ] as const) {
      journal.addRun(runRecord(id, { order, createdAt: order }), []);
    }
    expect(journal.openRuns().map(({ run }) => run.id)).toEqual(['c', 'b', 'a']);
    journal.updateRun('b', { status: 'done', endedAt: 9 });
    journal.updateRun('a', { status: 'cancelled' });
    expect(journal.openRuns().map(({ run }) => run.id)).toEqual(['c']);
    const finished = journal.finishedRuns(null, 10);
    expect(finished.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(finished[0]).not.toHaveProperty('plan');
    expect(journal.finishedRuns(3, 10).map(({ id }) => id)).toEqual(['b']);
    expect(journal.finishedRuns(null, 1).map(({ id }) => id)).toEqual(['a']);
  });

  it('places each output of a shard once', () => {
    expect(journal.hasOutput(placing('one'))).toBe(false);
    expect(journal.beginPlacing(placing('one'))).toBe(true);
    expect(journal.beginPlacing(placing('two', { outputKey: 'one' }))).toBe(false);
    expect(journal.hasOutput(placing('two', { outputKey: 'one' }))).toBe(true);
    expect(journal.beginPlacing(placing('three', { outputKey: 'one', shard: 1 }))).toBe(true);
    expect(journal.artifact('one')).toBeNull();
    journal.movePlacing('one', '/output/one_2.png', 'one_2.png');
    journal.endPlacing('one');
    expect(journal.artifact('one')).toMatchObject({ path: '/output/one_2.png', name: 'one_2.png' });
    expect(journal.artifact('one')).not.toHaveProperty('temporary');
    expect(journal.placing()).toEqual([placing('three', { outputKey: 'one', shard: 1 })]);
    journal.dropPlacing('one');
    journal.dropPlacing('three');
    expect(journal.placing()).toEqual([]);
    expect(journal.beginPlacing(placing('four', { outputKey: 'one' }))).toBe(false);
    expect(journal.beginPlacing(placing('five', { outputKey: 'one', shard: 1 }))).toBe(true);
  });

  it('commits together, or not at all', () => {
    journal.addRun(runRecord('r'), [shardRecord('r', 0)]);
    const failure = new Error('no');
    expect(() =>
      journal.together(() => {
        journal.updateRun('r', { status: 'running' });
        journal.addAttempt(attempt('a1', 'r', 0));
        throw failure;
      }),
    ).toThrow(failure);
    expect(journal.run('r')?.status).toBe('queued');
    expect(journal.attempts('r')).toEqual([]);
    expect(
      journal.together(() => {
        journal.updateRun('r', { status: 'running' });
        return 5;
      }),
    ).toBe(5);
    expect(journal.run('r')?.status).toBe('running');
  });

  it('says in words what cannot be kept', () => {
    journal.addRun(runRecord('r'), [shardRecord('r', 0)]);
    expect(() => journal.addRun(runRecord('r'), [])).toThrow(expect.objectContaining({ code: 'internal' }));
    expect(() => journal.addAttempt(attempt('a', 'nobody', 0))).toThrow('The record of runs');
    expect(() => journal.updateRun('r', { startedAt: Number.NaN })).toThrow('The record of runs');
    // A value that the native module would end the process over.
    expect(() => journal.setSetting('k', true as unknown as string)).toThrow('The record of runs');
    expect(() => journal.addRun(runRecord('s', { status: 'bad' as 'done' }), [])).toThrow(
      'The record of runs',
    );
    expect(journal.run('s')).toBeNull();
    journal.close();
    journal.close();
    expect(() => journal.openRuns()).toThrow('The record of runs');
  });

  it('sums up a run', () => {
    journal.addRun(
      runRecord('r'),
      [0, 1, 2].map((index) => shardRecord('r', index, { seed: String(index + 5) })),
    );
    journal.updateShard({ runId: 'r', stage: 1, index: 1 }, { status: 'done' });
    for (const shard of [2, 0, 1]) keep(`p${shard}`, { shard, at: 10 - shard });
    const digest = journal.digest('r', 2);
    expect(digest).toMatchObject({ shardCount: 3, secondStage: false, seedFirst: '5', seedLast: '7' });
    expect(digest.shards).toMatchObject({ queued: 2, done: 1, failed: 0 });
    expect(digest.artifactCount).toBe(3);
    expect(digest.firstArtifacts.map(({ id }) => id)).toEqual(['p0', 'p1']);
    expect(journal.artifactsOf('r').map(({ id }) => id)).toEqual(['p0', 'p1', 'p2']);
    journal.addShards([shardRecord('r', 0, { stage: 2, seed: null })]);
    expect(journal.digest('r', 0)).toMatchObject({ secondStage: true, seedLast: '7', firstArtifacts: [] });
    expect(journal.digest('none', 3)).toMatchObject({ shardCount: 0, seedFirst: null, artifactCount: 0 });
  });

  it('forgets old runs, and keeps their files in the gallery', () => {
    for (let n = 1; n <= 6; n += 1) {
      const status = n === 2 ? 'running' : 'done';
      journal.addRun(runRecord(`r${n}`, { createdAt: n, status }), [shardRecord(`r${n}`, 0)]);
      journal.addAttempt(attempt(`a${n}`, `r${n}`, 0));
      keep(`p${n}`, { runId: `r${n}`, at: n });
    }
    expect(journal.prune({ maxRuns: 3, olderThan: 0 })).toEqual(['r1', 'r3']);
    expect(journal.prune({ maxRuns: 100, olderThan: 5 })).toEqual(['r4']);
    expect(journal.prune({ maxRuns: 100, olderThan: 5 })).toEqual([]);
    journal.removeRun('r6');
    expect(journal.finishedRuns(null, 10).map(({ id }) => id)).toEqual(['r5']);
    expect(journal.run('r6')).toBeNull();
    expect(journal.shards('r6', 9)).toEqual([]);
    expect(journal.attempts('r6')).toEqual([]);
    const page = journal.artifacts({ filter: ALL, cursor: null, limit: 10 });
    expect(page.artifacts.map(({ runId }) => runId)).toEqual(['r6', 'r5', 'r4', 'r3', 'r2', 'r1']);
  });

  it('holds a run of 100,000 shards', () => {
    const shards = Array.from({ length: 100_000 }, (_, index) => shardRecord('r', index));
    journal.addRun(runRecord('r'), shards);
    expect(journal.openRuns()[0]?.shards).toEqual(shards);
  }, 30_000);
});

describe('the gallery', () => {
  const pages = (filter: Partial<GalleryFilter>, limit: number): readonly Artifact[] => {
    const found: Artifact[] = [];
    let cursor: string | null = null;
    do {
      const page = journal.artifacts({ filter: { ...ALL, ...filter }, cursor, limit });
      found.push(...page.artifacts);
      cursor = page.next;
    } while (cursor !== null);
    return found;
  };
  const ids = (filter: Partial<GalleryFilter>, limit = 2): readonly string[] =>
    pages(filter, limit).map(({ id }) => id);

  it('is paged newest first, by every filter, with nothing twice and nothing left out', () => {
    keep('a', { at: 1, runId: 'one', runName: 'Dunes at ÉTÉ', instanceId: 'w1' });
    keep('b', { at: 2, runId: 'one', runName: 'Dunes at ÉTÉ', instanceId: 'w2', preview: true });
    keep('d', { at: 2, runId: 'two', runName: '100% wool_', instanceId: 'w1' });
    keep('c', { at: 2, runId: 'two', runName: '100% wool_', instanceId: 'w2' });
    keep('e', { at: 3.5, runId: 'two', runName: '100% wool_', instanceId: 'w2' });
    journal.beginPlacing(placing('unfinished', { at: 2 }));
    for (const limit of [1, 2, 3, 5, 100]) {
      expect(ids({}, limit)).toEqual(['e', 'd', 'c', 'b', 'a']);
    }
    expect(ids({ previews: false })).toEqual(['e', 'd', 'c', 'a']);
    expect(ids({ runId: 'one' })).toEqual(['b', 'a']);
    expect(ids({ instanceId: 'w2', previews: false })).toEqual(['e', 'c']);
    expect(ids({ name: 'at été' })).toEqual(['b', 'a']);
    expect(ids({ name: '% Wool_' })).toEqual(['e', 'd', 'c']);
    expect(ids({ name: '_%' })).toEqual([]);
    expect(ids({ since: 2, until: 3 })).toEqual(['d', 'c', 'b']);
    expect(() => journal.artifacts({ filter: ALL, cursor: "1' OR 1", limit: 5 })).toThrow(
      expect.objectContaining({ code: 'bad-argument' }),
    );
  });
});
