import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileName, RUN_ACTION_WORDS } from '../../../../renderer/runs/run-actions.ts';
import { slotsOf, tilesOf } from '../../../../renderer/runs/run-slots.ts';
import {
  cancelConsequence,
  moveTarget,
  progressWords,
  runActions,
  seedWords,
  shardsWords,
  shortSeedWords,
  timeWords,
  troublesOf,
} from '../../../../renderer/runs/run-words.ts';
import { artifact, counts, run, shard, thumbnails } from '../../../web/fixtures/runs.ts';

const queued = (id: string) => run(id, { status: 'queued', shards: counts({ queued: 4 }) });

describe('words of a run', () => {
  it('tell one error once, and everywhere it happened', () => {
    const fails = (index: number, message: string, stage: 1 | 2 = 1) => {
      const error = { message, nodeId: '3', nodeType: null, exceptionType: null, traceback: [] };
      return shard('b', index, { stage, status: 'failed', error });
    };
    const failing = [fails(0, 'A.'), fails(1, 'B.'), shard('b', 2), fails(3, 'A.'), fails(0, 'C.', 2)];
    expect(troublesOf(failing).map(({ error, shards }) => `${error.message} ${shardsWords(shards)}`)).toEqual(
      ['A. Shards 0, 3', 'B. Shard 1', 'C. Second pass'],
    );
    expect(shardsWords(Array.from({ length: 9 }, (_, index) => fails(index, 'A.')))).toBe('9 shards');
  });

  it('says how far it is and how long it takes', () => {
    const busy = run('a', {
      status: 'running',
      startedAt: 1000,
      endedAt: null,
      expectedEnd: 101_000,
      shardCount: 1600,
      shards: counts({ done: 1200, failed: 1 }),
    });
    expect(progressWords(busy)).toBe('1,200 of 1,600 shards, 1 failed');
    // The second pass counts among the shards, and is none of them to people.
    const twice = run('b', { shardCount: 4, secondStage: true, shards: counts({ done: 5 }) });
    expect(progressWords(twice)).toBe('4 of 4 shards');
    expect(timeWords(busy, 41_000)).toBe('40 s · about 1 min left');
    expect(timeWords(busy, 200_000)).toBe('3 min · ends any moment');
    expect(timeWords({ ...busy, expectedEnd: null }, 41_000)).toBe('40 s');
    expect(timeWords(run('a', { status: 'queued', startedAt: null, endedAt: null }), 5)).toBe('Not begun');
    expect(timeWords(run('a', { status: 'cancelled', startedAt: null }), 5)).toBe('Never began');
  });

  it('keeps seeds exact, and short where only their ends differ', () => {
    expect(seedWords(null, null)).toBeNull();
    expect(seedWords('7', '7')).toBe('Seed 7');
    expect(seedWords('18446744073709551612', '18446744073709551615')).toBe(
      'Seeds 18446744073709551612 – 18446744073709551615',
    );
    expect(shortSeedWords('9007199254741000', '9007199254741015')).toBe('Seeds 9007199254741000 – …015');
    expect(shortSeedWords('99', '102')).toBe('Seeds 99 – 102');
    expect(shortSeedWords('1000000', '9000001')).toBe('Seeds 1000000 – 9000001');
  });

  it('shortens to the end of the last seed, whatever the seeds are', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 3000n), fc.integer({ min: 1, max: 2000 }), (base, count) => {
        const last = String(base + BigInt(count));
        const words = shortSeedWords(String(base), last) ?? '';
        const shown = words.split('– ').at(-1)?.replace('…', '') ?? '';
        expect(last.endsWith(shown)).toBe(true);
        expect(shown.length).toBeGreaterThanOrEqual(Math.min(3, last.length));
      }),
    );
  });

  it('offers what fits the state', () => {
    const runs = [run('r', { status: 'running' }), queued('a'), queued('b'), queued('c'), run('done')];
    expect(runActions(queued('a'), runs)).toEqual([
      'cancel',
      'again',
      'move-down',
      'gallery',
      'copy-id',
      'download',
    ]);
    expect(runActions(queued('b'), runs)).toContain('move-up');
    expect(runActions(run('done'), runs)).not.toContain('cancel');
    expect(runActions(run('done'), runs)).not.toContain('retry');
    expect(runActions(run('f', { status: 'partial', shards: counts({ failed: 1 }) }), runs)).toContain(
      'retry',
    );
    expect(runActions(run('r', { status: 'running' }), runs)).not.toContain('remove');
    const keys = Object.values(RUN_ACTION_WORDS).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('moves a waiting run by one place', () => {
    const runs = [run('r', { status: 'running' }), queued('a'), queued('b'), queued('c')];
    expect(moveTarget(runs, 'b', 'up')).toBe('a');
    expect(moveTarget(runs, 'a', 'up')).toBeUndefined();
    expect(moveTarget(runs, 'a', 'down')).toBe('c');
    expect(moveTarget(runs, 'b', 'down')).toBeNull();
    expect(moveTarget(runs, 'c', 'down')).toBeUndefined();
    expect(moveTarget(runs, 'r', 'up')).toBeUndefined();
  });

  it('names what cancelling ends', () => {
    const words = cancelConsequence(run('a', { shards: counts({ running: 1, queued: 3, done: 2 }) }));
    expect(words).toContain('1 shard at work is stopped and 3 waiting shards will not run');
    expect(words).toContain('2 finished shards stay');
  });

  it('makes a name that every file system takes', () => {
    expect(fileName('a/b: "c"?')).toBe('a b c');
    expect(fileName('../..')).toBe('workflow');
    expect(fileName('Größe 2')).toBe('Größe 2');
  });
});

describe('places of pictures', () => {
  it('never change while a run fills up', () => {
    const running = run('a', { shardCount: 4, thumbnails: thumbnails('a', [2]) });
    expect(slotsOf(running, 7).map((slot) => slot?.shard)).toEqual([undefined, undefined, 2, undefined]);
    const later = run('a', { shardCount: 4, thumbnails: thumbnails('a', [0, 2, 3]) });
    expect(slotsOf(later, 7).map((slot) => slot?.shard)).toEqual([0, undefined, 2, 3]);
    expect(slotsOf(run('a', { shardCount: 2000 }), 7)).toHaveLength(7);
    expect(slotsOf(run('a', { shardCount: 1, thumbnails: thumbnails('a', [0, 0, 0]) }), 7)).toHaveLength(3);
    expect(slotsOf(run('a', { shardCount: 1, thumbnails: [] }), 7)).toEqual([null]);
  });

  it('show the saved picture before the preview, and count the others', () => {
    const files = [artifact('a', 0, { id: 'p', preview: true }), artifact('a', 0), artifact('a', 1)];
    const [first, second, third] = tilesOf(
      [0, 1, 2].map((index) => shard('a', index)),
      files,
      10,
    );
    expect([first?.artifact?.id, first?.further]).toEqual(['a-0', 1]);
    expect([second?.artifact?.id, second?.further]).toEqual(['a-1', 0]);
    expect(third?.artifact).toBeNull();
  });
});
