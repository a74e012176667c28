import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../electron/core/ports.ts';
import { type QuitChoice, quitQuestion } from '../../../electron/shell/quit-decision.ts';
import { Shutdown } from '../../../electron/shell/shutdown.ts';
import { instanceSnapshot } from '../../support/fixtures.ts';
import { ManualClock } from '../../support/manual-clock.ts';

describe('the question before quitting', () => {
  const busy = instanceSnapshot({ queue: 2 });

  it('is asked when work would be lost', () => {
    expect(quitQuestion({ instances: [busy] }, true)?.message).toBe('Worker 1 is working.');
    expect(quitQuestion({ instances: [busy, busy] }, true)?.message).toBe('2 servers are working.');
    expect(quitQuestion({ instances: [busy, busy] }, true)?.detail).toContain('loses 4 unfinished prompts');
  });

  it('is not asked otherwise', () => {
    expect(quitQuestion({ instances: [busy] }, false)).toBeNull();
    expect(quitQuestion({ instances: [instanceSnapshot()] }, true)).toBeNull();
    expect(quitQuestion({ instances: [{ ...busy, control: 'attached' }] }, true)).toBeNull();
    expect(
      quitQuestion({ instances: [{ ...busy, process: { status: 'stopped', since: 0 } }] }, true),
    ).toBeNull();
  });
});

describe('the way out', () => {
  function shutdown(ask: () => Promise<QuitChoice | null>, close: () => Promise<void> = async () => {}) {
    const clock = new ManualClock();
    const closed: (boolean | null)[] = [];
    const exits: number[] = [];
    const kills: number[] = [];
    const way = new Shutdown({
      clock,
      logger: silentLogger,
      ask,
      close: (end) => {
        closed.push(end);
        return close();
      },
      exit: (code) => exits.push(code),
      kill: () => kills.push(clock.now()),
    });
    return { way, clock, closed, exits, kills };
  }
  const never = new Promise<never>(() => {});

  it.each([
    ['end', true],
    ['leave', false],
    [null, null],
  ] as const)('closes as chosen: %s', async (choice, end) => {
    const { way, closed, exits, clock } = shutdown(async () => choice);
    await way.request();
    expect(closed).toEqual([end]);
    expect(exits).toEqual([0]);
    // Whether it ended is all that is still looked at.
    expect(clock.pending).toBe(1);
  });

  it('is told again when it was told and goes on, and at last is ended from outside', async () => {
    const { way, clock, exits, kills } = shutdown(async () => null);
    await way.request();
    clock.advance(4_999);
    expect([exits.length, new Set(exits).size, kills.length]).toEqual([10, 1, 0]);
    clock.advance(1);
    expect(kills).toHaveLength(1);
  });

  it('goes on after a cancel, and can be asked again', async () => {
    const { way, closed, exits } = shutdown(async () => 'cancel');
    await way.request();
    expect(way.isClosing).toBe(false);
    await way.request();
    expect([closed, exits]).toEqual([[], []]);
  });

  it('asks once, however often it is requested', async () => {
    let asked = 0;
    const { way } = shutdown(() => {
      asked += 1;
      return never;
    });
    void way.request();
    void way.request();
    expect(asked).toBe(1);
  });

  it('lets a signal overrule a question that nobody answers', async () => {
    let answer: (choice: QuitChoice) => void = () => {};
    const { way, closed } = shutdown(() => new Promise((resolve) => (answer = resolve)));
    const asked = way.request();
    await way.force();
    answer('leave');
    await asked;
    expect(closed).toEqual([null]);
  });

  it('ends at its bound when the servers do not', async () => {
    const { way, clock, exits } = shutdown(
      async () => null,
      () => never,
    );
    void way.force();
    clock.advance(29_999);
    expect(exits).toEqual([]);
    clock.advance(1);
    expect(exits).toEqual([1]);
  });

  it('ends at once at the second signal', async () => {
    const { way, exits } = shutdown(
      async () => null,
      () => never,
    );
    void way.force();
    void way.force();
    expect(exits).toEqual([1]);
  });

  it('ends even if closing fails', async () => {
    const { way, exits } = shutdown(
      async () => null,
      () => Promise.reject(new Error('disk gone')),
    );
    await way.request();
    expect(exits).toEqual([0]);
  });
});
