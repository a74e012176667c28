import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lanePath, lanesOf, laneWords, rangeOf, segmentsOf } from '../../../../renderer/runs/lanes.ts';
import { attempt, shard } from '../../../web/fixtures/runs.ts';

const times = { dispatchedAt: 0, startedAt: 100, sampledAt: 300, fetchedAt: 900, endedAt: 1000 };

describe('lanes', () => {
  it('cut an attempt into waiting, loading, sampling and fetching', () => {
    const done = attempt('a', 0, 0, times);
    const range = rangeOf([shard('a', 0, { attempts: [done] })], 0);
    expect(range).toEqual({ from: 0, to: 1000 });
    const parts = segmentsOf(done, { from: 0, to: 1000 }, 0).map(({ kind, from, to }) => [kind, from, to]);
    expect(parts).toEqual([
      ['wait', 0, 0.1],
      ['load', 0.1, 0.3],
      ['sample', 0.3, 0.9],
      ['fetch', 0.9, 1],
    ]);
  });

  it('let what goes on last until now, and count all of it as work where nothing samples', () => {
    const running = attempt('a', 0, 0, { ...times, fetchedAt: null, endedAt: null, outcome: 'running' });
    expect(segmentsOf(running, { from: 0, to: 2000 }, 2000).at(-1)).toMatchObject({ kind: 'sample', to: 1 });
    const plain = attempt('a', 0, 0, { ...times, sampledAt: null });
    const kinds = segmentsOf(plain, { from: 0, to: 1000 }, 0).map(({ kind }) => kind);
    expect(kinds).toEqual(['wait', 'sample', 'fetch']);
  });

  it('mark what was lost or failed, and say so in words', () => {
    const lost = attempt('a', 3, 1, { ...times, outcome: 'lost', reason: 'It died.' });
    const backup = attempt('a', 3, 1, { ...times, id: 'b', backup: true });
    const [lane] = lanesOf([shard('a', 3, { attempts: [lost, backup] })], { from: 0, to: 1000 }, 0);
    expect(lane?.marks).toEqual([{ id: lost.id, at: 1, outcome: 'lost', words: 'Shard 3 lost: It died.' }]);
    expect(lane === undefined ? '' : laneWords(lane)).toBe('1 done, 1 lost, with backup copies');
    expect(rangeOf([], 5)).toBeNull();
  });

  it('stay inside the picture, in order and without holes, whatever the times', () => {
    const moment = fc.option(fc.nat(5000));
    fc.assert(
      fc.property(fc.nat(5000), moment, moment, moment, moment, (sent, started, sampled, fetched, ended) => {
        const one = attempt('a', 0, 0, {
          dispatchedAt: sent,
          startedAt: started,
          sampledAt: sampled,
          fetchedAt: fetched,
          endedAt: ended,
        });
        const range = rangeOf([shard('a', 0, { attempts: [one] })], 5000);
        for (const { from, to } of range === null ? [] : segmentsOf(one, range, 5000)) {
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeLessThanOrEqual(1);
          expect(to).toBeGreaterThan(from);
        }
      }),
    );
  });

  it('draw 2,000 attempts as one path per kind', () => {
    const shards = Array.from({ length: 2000 }, (_, index) => shard('a', index));
    const range = rangeOf(shards, 0) ?? { from: 0, to: 1 };
    const lanes = lanesOf(shards, range, 0);
    expect(lanes).toHaveLength(4);
    expect(lanePath(lanes[0]?.segments ?? [], 'sample', null).split('M')).toHaveLength(501);
    expect(lanePath(lanes[0]?.segments ?? [], 'sample', true)).toBe('');
  });
});
