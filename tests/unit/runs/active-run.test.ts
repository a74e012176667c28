import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActiveRun } from '../../../electron/core/runs/active-run.ts';
import { countsOf, thumbnailsOf } from '../../../electron/core/runs/run-summary.ts';
import type { Artifact, ShardStatus } from '../../../shared/runs.ts';
import { attempt, placing, runRecord, shardRecord } from './journal-records.ts';
import { smallPlan, smallRun } from './small-plans.ts';

const STATUSES: readonly ShardStatus[] = [
  'queued',
  'dispatched',
  'running',
  'fetching',
  'done',
  'failed',
  'cancelled',
];

describe('an unfinished run', () => {
  it('always knows how many of its shards are where', () => {
    const step = fc.tuple(fc.nat(2), fc.constantFrom(...STATUSES));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, second) => {
        const run = smallRun(2);
        if (second) run.addSecondStage();
        for (const [index, status] of steps) {
          const shard = run.allShards[index];
          if (shard !== undefined) shard.status = status;
        }
        expect(run.counts).toEqual(countsOf(run.allShards));
        expect(run.isGathered).toBe(run.shards.every(({ isOver }) => isOver));
      }),
    );
  });

  it('always shows the pictures that it would show after a restart', () => {
    const arrival = fc.tuple(fc.constantFrom<1 | 2>(1, 1, 2), fc.nat(1));
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 60 }), (arrivals) => {
        const run = smallRun(2);
        const all: Artifact[] = [];
        for (const [at, [stage, shard]] of arrivals.entries()) {
          const artifact = placing(`a${at}`, { stage, shard: stage === 2 ? 0 : shard, at });
          all.push(artifact);
          run.addArtifact(artifact);
          expect(run.summary(1, null).thumbnails).toEqual(thumbnailsOf(all));
        }
      }),
    );
  });

  it('tells its seeds exactly', () => {
    const run = smallRun(2, {}, smallPlan(2, 2n ** 64n - 2n));
    expect(run.summary(1, null)).toMatchObject({
      seedFirst: '18446744073709551614',
      seedLast: '18446744073709551615',
      shardCount: 2,
      secondStage: false,
    });
  });

  it('calls nodes by their titles, and what it gathers itself by a word', () => {
    const run = smallRun(1);
    expect(run.titleOf('9')).toBe('Save Image');
    expect(run.titleOf('constructor')).toBe('Collected');
  });
});

describe('a shard', () => {
  it('is where its open attempt is, and in the end where it was done', () => {
    const [shard] = smallRun(1).shards;
    expect(shard?.currentInstance()).toBeNull();
    shard?.attempts.push(attempt('a', 'r', 0, { instanceId: 'w1', endedAt: 5, outcome: 'lost' }));
    expect(shard?.currentInstance()).toBeNull();
    shard?.attempts.push(
      attempt('b', 'r', 0, { instanceId: 'w2' }),
      attempt('c', 'r', 0, { instanceId: 'w3' }),
    );
    expect(shard?.currentInstance()).toBe('w3');
    shard?.changeAttempt('b', { endedAt: 9, outcome: 'done' });
    shard?.changeAttempt('c', { endedAt: 9, outcome: 'superseded' });
    expect(shard?.currentInstance()).toBe('w2');
    expect(shard?.changeAttempt('nobody', { endedAt: 1 })).toBeNull();
  });

  const lost = { outcome: 'lost', endedAt: 9 } as const;

  it.each([
    ['it had not begun', { ...lost }, 0],
    ['it ran', { ...lost, startedAt: 3 }, 1],
    ['its files were on their way', { ...lost, startedAt: 3, fetchedAt: 5 }, 0],
    ['it failed', { outcome: 'failed', startedAt: 3, endedAt: 9 }, 0],
    ['it still runs', { startedAt: 3 }, 0],
  ] as const)('remembers after a restart whether it cost a server: %s', (_, change, losses) => {
    const known = {
      shards: [shardRecord('r', 0)],
      attempts: [attempt('a', 'r', 0, change)],
      artifacts: [],
    };
    const run = new ActiveRun(runRecord('r'), smallPlan(1), null, known);
    expect(run.shards[0]).toMatchObject({ fatalLosses: losses, tries: 1 });
    run.shards[0]?.forgive();
    expect(run.shards[0]).toMatchObject({ fatalLosses: 0, tries: 0 });
  });

  it('takes up its state, its second pass and its files where they were', () => {
    const error = { message: 'no', nodeId: null, nodeType: null, exceptionType: null, traceback: [] };
    const run = new ActiveRun(runRecord('r'), smallPlan(2), null, {
      shards: [
        shardRecord('r', 1, { status: 'failed', error }),
        shardRecord('r', 0, { status: 'done' }),
        shardRecord('r', 0, { stage: 2, seed: null }),
      ],
      attempts: [attempt('x', 'r', 0, { stage: 2 })],
      artifacts: [placing('a')],
    });
    expect(run.shards.map(({ status }) => status)).toEqual(['done', 'failed']);
    expect(run.shard(1, 1)?.error).toEqual(error);
    expect(run.shard(2, 0)?.attempts.map(({ id }) => id)).toEqual(['x']);
    expect(run.summary(1, null)).toMatchObject({
      artifactCount: 1,
      shards: { done: 1, failed: 1, queued: 1 },
    });
    expect(run.isGathered).toBe(true);
  });
});
