import { describe, expect, it } from 'vitest';
import { RecentMap } from '../../../electron/core/media/recent-map.ts';
import { Semaphore } from '../../../electron/core/media/semaphore.ts';
import { SharedWork } from '../../../electron/core/media/shared-work.ts';

/** Work that the test ends by hand. */
function handWork(): {
  readonly start: (signal: AbortSignal, tell: (value: number) => void) => Promise<string>;
  readonly starts: AbortSignal[];
  readonly tell: (value: number) => void;
  readonly finish: (value: string) => void;
  readonly fail: (error: Error) => void;
} {
  const starts: AbortSignal[] = [];
  let hands: { resolve: (value: string) => void; reject: (error: Error) => void } | null = null;
  let say: (value: number) => void = () => {};
  return {
    starts,
    start: (signal, tell) => {
      starts.push(signal);
      say = tell;
      return new Promise((resolve, reject) => {
        hands = { resolve, reject };
      });
    },
    tell: (value) => say(value),
    finish: (value) => hands?.resolve(value),
    fail: (error) => hands?.reject(error),
  };
}

describe('SharedWork', () => {
  it('is done once for all who ask meanwhile, and again for who asks later', async () => {
    const [shared, work] = [new SharedWork<string>(), handWork()];
    const heard: number[] = [];
    const first = shared.join('a', work.start);
    const second = shared.join('a', work.start, { onProgress: (value) => heard.push(value) });
    work.tell(7);
    work.finish('done');
    expect(await Promise.all([first, second])).toEqual(['done', 'done']);
    expect(heard).toEqual([7]);
    const third = shared.join('a', work.start);
    work.finish('again');
    expect(await third).toBe('again');
    expect(work.starts).toHaveLength(2);
  });

  it('fails for all, and is tried anew by the next', async () => {
    const [shared, work] = [new SharedWork<string>(), handWork()];
    const both = Promise.allSettled([shared.join('a', work.start), shared.join('a', work.start)]);
    work.fail(new Error('broken'));
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = shared.join('a', work.start);
    work.finish('whole');
    expect(await next).toBe('whole');
  });

  it('goes on while somebody waits, and is given up with the last one', async () => {
    const [shared, work] = [new SharedWork<string>(), handWork()];
    const [one, two] = [new AbortController(), new AbortController()];
    const first = shared.join('a', work.start, { signal: one.signal });
    const second = shared.join('a', work.start, { signal: two.signal });
    const reason = new Error('cancelled');
    one.abort(reason);
    await expect(first).rejects.toBe(reason);
    expect(work.starts[0]?.aborted).toBe(false);
    two.abort(reason);
    await expect(second).rejects.toBe(reason);
    expect(work.starts[0]?.aborted).toBe(true);
    await expect(shared.join('a', work.start, { signal: one.signal })).rejects.toBe(reason);
    expect(work.starts).toHaveLength(1);
  });
});

describe('Semaphore', () => {
  it('lets so many in at once, the others in their order, failed ones too', async () => {
    const gate = new Semaphore(2);
    const [log, doors]: [string[], (() => void)[]] = [[], []];
    const task = (name: string) => (): Promise<void> =>
      new Promise((resolve, reject) => {
        log.push(name);
        doors.push(() => (name === 'b' ? reject(new Error(name)) : resolve()));
      });
    const all = Promise.allSettled(['a', 'b', 'c', 'd'].map((name) => gate.run(task(name))));
    expect(log).toEqual(['a', 'b']);
    doors[1]?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual(['a', 'b', 'c']);
    doors[0]?.();
    doors[2]?.();
    await new Promise((resolve) => setImmediate(resolve));
    doors[3]?.();
    expect((await all).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
  });
});

describe('RecentMap', () => {
  it('forgets what was not asked for longest', () => {
    const map = new RecentMap<number>(2);
    map.set('a', 1);
    map.set('b', 2);
    expect(map.get('a')).toBe(1);
    map.set('c', 3);
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
  });
});
