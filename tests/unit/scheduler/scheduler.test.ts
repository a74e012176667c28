import { describe, expect, it } from 'vitest';
import { Scheduler } from '../../../electron/core/scheduler/scheduler.ts';
import { brief, speed, view, work, works } from './world.ts';

const T = 1_700_000_000_000;

function fleet(...ids: readonly string[]): Scheduler {
  const scheduler = new Scheduler();
  scheduler.setWorkers(ids.map((id) => view(id)));
  return scheduler;
}

describe('dispatching', () => {
  it('gives each idle worker one work and, while enough wait, a second one behind it', () => {
    const scheduler = fleet('w0', 'w1');
    scheduler.loadSpeeds([speed('w0', 10), speed('w1', 10)]);
    scheduler.submit(works(8), T);
    expect(brief(scheduler.decide(T))).toEqual(['run/0>w0', 'run/1>w1', 'run/2>w0+', 'run/3>w1+']);
    expect(scheduler.decide(T + 1)).toEqual([]);
  });

  it('prefetches nothing when fewer works than workers wait', () => {
    const scheduler = fleet('w0', 'w1');
    scheduler.loadSpeeds([speed('w0', 10), speed('w1', 10)]);
    scheduler.submit(works(3), T);
    expect(brief(scheduler.decide(T))).toEqual(['run/0>w0', 'run/1>w1']);
  });

  it('dispatches nothing while paused', () => {
    const scheduler = fleet('w0');
    scheduler.pause();
    scheduler.submit(works(1), T);
    expect(scheduler.decide(T)).toEqual([]);
    expect(scheduler.nextWakeUp(T)).toBeNull();
    scheduler.resume();
    expect(brief(scheduler.decide(T))).toEqual(['run/0>w0']);
  });

  it('asks only those who are eligible and usable', () => {
    const scheduler = new Scheduler();
    scheduler.setWorkers([view('w0', { usable: false }), view('w1'), view('w2')]);
    scheduler.submit([work(0, { eligible: ['w0', 'w2'] })], T);
    expect(brief(scheduler.decide(T))).toEqual(['run/0>w2']);
  });

  it('waits for the preferred worker, but not for one that is unusable', () => {
    const scheduler = fleet('w0', 'w1');
    scheduler.submit([work(0, { preferred: 'w1' }), work(1, { preferred: 'w1' })], T);
    expect(brief(scheduler.decide(T))).toEqual(['run/0>w1']);
    scheduler.setWorker(view('w1', { usable: false }));
    expect(brief(scheduler.decide(T + 1))).toEqual(['run/1>w0']);
  });

  it('goes behind the prompts of somebody else only where nobody else is free, and can be taken back there', () => {
    const scheduler = new Scheduler();
    scheduler.setWorkers([view('w0', { foreignQueue: 1 }), view('w1')]);
    scheduler.submit(works(2), T);
    expect(brief(scheduler.decide(T))).toEqual(['run/0>w1', 'run/1>w0+']);
  });

  it('takes runs in their order, and a run that was moved to the front first', () => {
    const scheduler = fleet('w0');
    scheduler.loadSpeeds([speed('w0', 10)]);
    scheduler.submit([work(0, { runId: 'a', order: 0 })], T);
    scheduler.submit([work(0, { runId: 'b', order: 10 })], T + 5_000);
    scheduler.submit([work(0, { runId: 'c', order: 20 })], T + 9_000);
    scheduler.reorder('c', -5);
    const seen: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const now = T + 10_000 + round * 20_000;
      seen.push(...scheduler.decide(now).map((decision) => decision.work));
      scheduler.finished(seen[round] ?? '', 'w0', now + 10_000, { seconds: 10, loadSeconds: null });
    }
    expect(seen).toEqual(['c/0', 'a/0', 'b/0']);
  });
});

describe('models', () => {
  it('keeps a worker on the model that it has while works for it wait', () => {
    const scheduler = fleet('w0');
    scheduler.loadSpeeds([speed('w0', 1)]);
    scheduler.submit([work(0, { model: 'a' }), work(1, { model: 'b' }), work(2, { model: 'a' })], T);
    expect(brief(scheduler.decide(T))).toEqual(['run/0>w0', 'run/2>w0+']);
  });

  it('does not load a model when a worker that has it is done sooner', () => {
    const scheduler = fleet('w0', 'w1');
    scheduler.loadSpeeds([speed('w0', 2), speed('w1', 2), speed('w0', 2, 'other'), speed('w1', 2, 'other')]);
    scheduler.submit([work(0, { model: 'a' })], T);
    expect(brief(scheduler.decide(T))).toEqual(['run/0>w0']);
    scheduler.started('run/0', 'w0', T);
    scheduler.submit([work(1, { model: 'a' })], T);
    expect(scheduler.decide(T + 10_000)).toEqual([]);
    expect(scheduler.reasons('run/1')).toContainEqual({
      worker: 'w1',
      kind: 'held',
      reason: 'Would have to load the model; others that have it loaded are done sooner.',
    });
    scheduler.finished('run/0', 'w0', T + 12_000, { seconds: 2, loadSeconds: 10 });
    expect(brief(scheduler.decide(T + 12_000))).toEqual(['run/1>w0']);
  });

  it('does not let an old work of another model starve', () => {
    const scheduler = fleet('w0');
    scheduler.loadSpeeds([speed('w0', 1)]);
    scheduler.submit([work(0, { model: 'a' }), work(1, { model: 'b', runId: 'old', order: 1 })], T);
    let now = T;
    const placed: string[] = [];
    for (let round = 0; round < 200 && !placed.includes('old/1'); round += 1) {
      scheduler.submit([work(round, { model: 'a', runId: `new-${round}`, order: 10 + round })], now);
      placed.push(...scheduler.decide(now).map((decision) => decision.work));
      now += 1_000;
      scheduler.finished(placed[round] ?? '', 'w0', now, { seconds: 1, loadSeconds: 0 });
    }
    // Not at once, or the model would be loaded back and forth; but after ten times its load and run.
    expect(placed.indexOf('old/1')).toBeGreaterThan(20);
    expect(scheduler.reasons('old/1')).toEqual([]);
    expect(now - T).toBeLessThan(150_000);
  });
});

describe('the end of the queue', () => {
  it('leaves a slow worker idle when the fast one is done with everything sooner, and says so', () => {
    const scheduler = fleet('w0', 'w1');
    scheduler.loadSpeeds([speed('w0', 1), speed('w1', 10)]);
    scheduler.submit(works(3), T);
    const first = brief(scheduler.decide(T));
    expect(first).toEqual(['run/0>w0', 'run/1>w0+']);
    expect(scheduler.reasons('run/2').find(({ worker }) => worker === 'w1')?.reason).toContain('done later');
    expect(scheduler.nextWakeUp(T)).toBe(T + 1_000);
  });

  it('does not hold anybody back while speeds are unknown', () => {
    const scheduler = fleet('w0', 'w1');
    scheduler.loadSpeeds([speed('w0', 1)]);
    scheduler.submit(works(2), T);
    expect([...brief(scheduler.decide(T))].sort()).toEqual(['run/0>w1', 'run/1>w0']);
  });

  it('stops waiting for a fast worker that hangs', () => {
    const scheduler = fleet('w0', 'w1');
    scheduler.loadSpeeds([speed('w0', 1), speed('w1', 10)]);
    scheduler.submit(works(1), T);
    scheduler.decide(T);
    scheduler.started('run/0', 'w0', T);
    scheduler.submit([work(1)], T + 100);
    expect(scheduler.decide(T + 200)).toEqual([]);
    const at = [2, 5, 10, 15, 20, 40].find((seconds) => scheduler.decide(T + seconds * 1000).length > 0);
    expect(at).toBeGreaterThan(2);
    expect(at).toBeLessThan(40);
  });

  it('takes a prefetched work back for a worker that is idle and faster', () => {
    const scheduler = fleet('w0', 'w1');
    scheduler.loadSpeeds([speed('w0', 10), speed('w1', 10)]);
    scheduler.submit(works(4), T);
    expect(brief(scheduler.decide(T))).toEqual(['run/0>w0', 'run/1>w1', 'run/2>w0+']);
    scheduler.started('run/0', 'w0', T);
    scheduler.started('run/1', 'w1', T);
    scheduler.cancel(['run/3']);
    scheduler.finished('run/1', 'w1', T + 2_000, { seconds: 2, loadSeconds: null });
    expect(brief(scheduler.decide(T + 2_000))).toEqual(['run/2<w0']);
    expect(scheduler.decide(T + 3_000)).toEqual([]);
    scheduler.revoked('run/2', 'w0');
    expect(brief(scheduler.decide(T + 3_000))).toEqual(['run/2>w1']);
  });
});

describe('backup copies', () => {
  function straggling(paid = false): Scheduler {
    const scheduler = new Scheduler();
    scheduler.setWorkers([view('w0', { paid }), view('w1', { paid })]);
    scheduler.loadSpeeds([speed('w0', 10), speed('w1', 10)]);
    scheduler.submit(works(21), T);
    for (let round = 0; round < 40 && scheduler.openCount > 1; round += 1) {
      const now = T + round * 10_000;
      for (const decision of scheduler.decide(now)) {
        if (decision.work === 'run/20') continue;
        scheduler.started(decision.work, decision.worker, now);
        scheduler.finished(decision.work, decision.worker, now + 9_999, { seconds: 10, loadSeconds: null });
      }
    }
    scheduler.decide(T + 500_000);
    for (const id of ['w0', 'w1']) scheduler.started('run/20', id, T + 500_000);
    return scheduler;
  }

  it('doubles a straggler where there is time to gain, and names the loser', () => {
    const scheduler = straggling();
    const slow = scheduler.progress.bind(scheduler);
    for (const id of ['w0', 'w1']) slow('run/20', id, 0, T + 500_000);
    for (const id of ['w0', 'w1']) slow('run/20', id, 0.2, T + 520_000);
    const [decision] = scheduler.decide(T + 520_000);
    expect(decision).toMatchObject({ kind: 'dispatch', work: 'run/20', backup: true });
    expect(scheduler.decide(T + 521_000)).toEqual([]);
    const winner = decision?.worker ?? '';
    const losers = scheduler.finished('run/20', winner, T + 530_000, { seconds: 10, loadSeconds: null });
    expect(losers).toEqual([{ work: 'run/20', worker: winner === 'w0' ? 'w1' : 'w0' }]);
    expect(scheduler.openCount).toBe(0);
    scheduler.submit([work(30), work(31)], T + 530_000);
    expect(brief(scheduler.decide(T + 530_000))).toHaveLength(1);
    scheduler.released('run/20', losers[0]?.worker ?? '');
    expect(brief(scheduler.decide(T + 530_001))).toHaveLength(1);
  });

  it('pays nobody for a second copy', () => {
    const scheduler = straggling(true);
    for (const id of ['w0', 'w1']) scheduler.progress('run/20', id, 0, T + 500_000);
    for (const id of ['w0', 'w1']) scheduler.progress('run/20', id, 0.2, T + 520_000);
    expect(scheduler.decide(T + 520_000)).toEqual([]);
  });

  it('leaves a work alone that is as fast as it should be', () => {
    const scheduler = straggling();
    for (const id of ['w0', 'w1']) scheduler.progress('run/20', id, 0, T + 500_000);
    for (const id of ['w0', 'w1']) scheduler.progress('run/20', id, 0.2, T + 502_000);
    expect(scheduler.decide(T + 502_000)).toEqual([]);
  });
});

describe('failures', () => {
  it('puts a lost work first, elsewhere while there is anybody else', () => {
    const scheduler = fleet('w0', 'w1');
    scheduler.submit([work(0), work(1), work(2)], T);
    scheduler.decide(T);
    scheduler.lost('run/0', 'w0', T + 1_000);
    expect(scheduler.attempt('run/0')).toBe(2);
    expect(brief(scheduler.decide(T + 1_000))).toEqual(['run/2>w0']);
    scheduler.finished('run/1', 'w1', T + 2_000, { seconds: 2, loadSeconds: null });
    expect(brief(scheduler.decide(T + 2_000))).toEqual(['run/0>w1']);
  });

  it('goes back to where it was lost when nobody else is left', () => {
    const scheduler = fleet('w0');
    scheduler.submit(works(1), T);
    scheduler.decide(T);
    scheduler.lost('run/0', 'w0', T + 1_000);
    expect(brief(scheduler.decide(T + 1_000))).toEqual(['run/0>w0']);
  });

  it('keeps a pair apart for a time, says why, and wakes up for it', () => {
    const scheduler = fleet('w0');
    scheduler.exclude('flow', 'w0', 'Failed three times.', T, 5_000);
    scheduler.submit(works(1), T);
    expect(scheduler.decide(T)).toEqual([]);
    expect(scheduler.reasons('run/0')).toEqual([
      { worker: 'w0', kind: 'barred', reason: 'Failed three times.' },
    ]);
    scheduler.setWorker(view('w0', { foreignQueue: 0 }));
    expect(scheduler.nextWakeUp(T)).toBeLessThanOrEqual(T + 5_000);
    expect(brief(scheduler.decide(T + 5_000))).toEqual(['run/0>w0']);
  });

  it('ignores words about copies that are not there', () => {
    const scheduler = fleet('w0');
    scheduler.submit(works(1), T);
    scheduler.lost('run/0', 'w0', T);
    scheduler.revoked('run/0', 'w0');
    scheduler.started('nobody', 'w0', T);
    expect(scheduler.finished('nobody', 'w9', T, null)).toEqual([]);
    expect(brief(scheduler.decide(T))).toEqual(['run/0>w0']);
  });

  it('forgets what was cancelled and says where it still is', () => {
    const scheduler = fleet('w0');
    scheduler.submit(works(2), T);
    scheduler.decide(T);
    expect(scheduler.cancel(['run/0', 'run/1', 'nobody'])).toEqual([{ work: 'run/0', worker: 'w0' }]);
    expect(scheduler.openCount).toBe(0);
    scheduler.released('run/0', 'w0');
    expect(scheduler.decide(T + 1)).toEqual([]);
  });
});

describe('a work that comes again', () => {
  it('finds the worker free once its cancelled copy is gone, though it is known anew by then', () => {
    const scheduler = fleet('w0');
    scheduler.submit(works(1), T);
    scheduler.decide(T);
    expect(scheduler.cancel(['run/0'])).toEqual([{ work: 'run/0', worker: 'w0' }]);
    scheduler.submit(works(1), T + 1);
    expect(scheduler.decide(T + 1)).toEqual([]);
    scheduler.released('run/0', 'w0');
    expect(brief(scheduler.decide(T + 2))).toEqual(['run/0>w0']);
    scheduler.released('run/0', 'w0');
    expect(scheduler.openCount).toBe(1);
  });
});

describe('time', () => {
  it('survives a clock that is set back by hours', () => {
    const scheduler = fleet('w0', 'w1');
    scheduler.loadSpeeds([speed('w0', 1), speed('w1', 10)]);
    scheduler.submit(works(1), T);
    scheduler.decide(T);
    scheduler.started('run/0', 'w0', T);
    const back = T - 7_200_000;
    scheduler.submit([work(1)], back);
    scheduler.decide(back);
    const wake = scheduler.nextWakeUp(back);
    expect(wake).toBe(back + 1_000);
    scheduler.finished('run/0', 'w0', back + 1_000, { seconds: 1, loadSeconds: null });
    expect(brief(scheduler.decide(back + 1_000))).toEqual(['run/1>w0']);
  });

  it('expects the end of a run from speeds, and says nothing without them', () => {
    const scheduler = fleet('w0');
    scheduler.submit(works(3), T);
    scheduler.decide(T);
    expect(scheduler.expectedEnd('run', T)).toBeNull();
    scheduler.started('run/0', 'w0', T);
    scheduler.finished('run/0', 'w0', T + 10_000, { seconds: 10, loadSeconds: null });
    scheduler.decide(T + 10_000);
    expect(scheduler.expectedEnd('run', T + 10_000)).toBe(T + 30_000);
    expect(scheduler.exportSpeeds()).toEqual([
      { instanceId: 'w0', workflow: 'flow', secondsPerUnit: 10, samples: 1, updatedAt: T + 10_000 },
    ]);
  });
});
