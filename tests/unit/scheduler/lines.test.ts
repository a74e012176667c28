import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineModel } from '../../../electron/core/scheduler/line-model.ts';
import { Scheduler } from '../../../electron/core/scheduler/scheduler.ts';
import type { WorkerView } from '../../../electron/core/scheduler/scheduler-types.ts';
import { brief, speed, view, work } from './world.ts';

const T = 1_700_000_000_000;
const MB = 1_000_000;
const VIDEO = [{ id: 'video', bytes: 2_000 * MB }];

function fleet(...views: readonly WorkerView[]): Scheduler {
  const scheduler = new Scheduler();
  scheduler.setWorkers(views);
  return scheduler;
}

describe('lines', () => {
  it('tell how long bytes take, the newest transfer counting 0.3', () => {
    const lines = new LineModel();
    lines.observe('w0', 'up', 10 * MB, 1);
    expect(lines.ms('w0', 'up', 20 * MB, null)).toBeCloseTo(2_000);
    lines.observe('w0', 'up', 10 * MB, 2);
    expect(lines.ms('w0', 'up', 10 * MB, null)).toBeCloseTo(1_300);
    expect(lines.ms('w0', 'down', 10 * MB, null)).toBe(0);
  });

  it('believe the readiness ladder until there is a transfer', () => {
    const lines = new LineModel();
    expect(lines.ms('w0', 'up', 10 * MB, 5 * MB)).toBeCloseTo(2_000);
    lines.observe('w0', 'up', 10 * MB, 1);
    expect(lines.ms('w0', 'up', 10 * MB, 5 * MB)).toBeCloseTo(1_000);
    lines.forget('w0');
    expect(lines.ms('w0', 'up', 10 * MB, 5 * MB)).toBeCloseTo(2_000);
  });

  it('learn nothing from a round trip or nonsense', () => {
    const lines = new LineModel();
    lines.observe('w0', 'up', 1_000, 0.2);
    for (const seconds of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      lines.observe('w0', 'up', MB, seconds);
    lines.observe('w0', 'up', 0, 5);
    expect(lines.ms('w0', 'up', MB, null)).toBe(0);
    // A really slow line moves little in a long time.
    lines.observe('w0', 'up', 20_000, 2);
    expect(lines.ms('w0', 'up', 20_000, null)).toBeCloseTo(2_000);
  });

  it('never say less than the fastest nor more than the slowest transfer, and more for more bytes', () => {
    const transfer = fc.tuple(
      fc.integer({ min: 300_000, max: 1e9 }),
      fc.double({ min: 0.01, max: 1e4, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(transfer, { minLength: 1, maxLength: 20 }), fc.nat(1e9), (transfers, bytes) => {
        const lines = new LineModel();
        for (const [moved, seconds] of transfers) lines.observe('w0', 'down', moved, seconds);
        const each = transfers.map(([moved, seconds]) => (bytes * seconds * 1000) / moved);
        const ms = lines.ms('w0', 'down', bytes, null);
        expect(ms).toBeGreaterThanOrEqual(Math.min(...each) * (1 - 1e-9));
        expect(ms).toBeLessThanOrEqual(Math.max(...each) * (1 + 1e-9));
        expect(lines.ms('w0', 'down', bytes + 1, null)).toBeGreaterThanOrEqual(ms);
      }),
    );
  });
});

describe('placement of works that load files', () => {
  it('goes to the fast line, all else being equal', () => {
    const scheduler = fleet(view('w0', { uploadRate: MB }), view('w1', { uploadRate: 100 * MB }));
    scheduler.loadSpeeds([speed('w0', 10), speed('w1', 10)]);
    scheduler.submit([work(0, { inputs: VIDEO })], T);
    expect(brief(scheduler.decide(T))).toEqual(['run/0>w1']);
  });

  it('goes to whoever reads our files, though it computes more slowly', () => {
    const here = view('w0', { uploadRate: Number.POSITIVE_INFINITY });
    const scheduler = fleet(view('w1', { uploadRate: 10 * MB }), here);
    scheduler.loadSpeeds([speed('w0', 60), speed('w1', 10)]);
    scheduler.submit([work(0, { inputs: VIDEO })], T);
    expect(brief(scheduler.decide(T))).toEqual(['run/0>w0']);
  });

  it('goes back to who has the file, and says why not to the other', () => {
    const scheduler = fleet(view('w0', { uploadRate: 10 * MB }), view('w1', { uploadRate: 11 * MB }));
    scheduler.loadSpeeds([speed('w0', 10), speed('w1', 10)]);
    const inputs = VIDEO.slice();
    scheduler.submit([work(0, { inputs, eligible: ['w0'] })], T);
    scheduler.decide(T);
    scheduler.brought('run/0', 'w0', T + 200_000);
    scheduler.started('run/0', 'w0', T + 200_000);
    scheduler.submit([work(1, { runId: 'next', inputs }), work(2, { runId: 'next', inputs })], T + 201_000);
    // The first of them goes behind the one that runs; the second waits for the same worker.
    expect(brief(scheduler.decide(T + 201_000))).toEqual(['next/1>w0+']);
    const reasons = scheduler.reasons('next/2');
    expect(reasons.find(({ worker }) => worker === 'w1')?.reason).toContain('sent its files');
  });

  it('takes part of the work to a slow line where there is enough of it', () => {
    const inputs = [{ id: 'picture', bytes: 20 * MB }];
    const scheduler = fleet(
      view('w0', { uploadRate: Number.POSITIVE_INFINITY }),
      view('w1', { uploadRate: MB }),
    );
    scheduler.loadSpeeds([speed('w0', 10), speed('w1', 10)]);
    scheduler.submit(
      Array.from({ length: 12 }, (_, index) => work(index, { inputs })),
      T,
    );
    expect(brief(scheduler.decide(T))).toContain('run/1>w1');
  });

  it('waits for who is done sooner with its result at home', () => {
    const far = view('w0', { downloadRate: MB });
    const scheduler = fleet(far, view('w1', { downloadRate: 100 * MB }));
    scheduler.loadSpeeds([speed('w0', 9), speed('w1', 10)]);
    scheduler.lines.observeResult('flow', 1, 60 * MB);
    scheduler.submit([work(0)], T);
    expect(brief(scheduler.decide(T))).toEqual(['run/0>w1']);
  });

  it('tells the end of a run with what is sent and fetched', () => {
    const scheduler = fleet(view('w0', { uploadRate: 20 * MB, downloadRate: 10 * MB }));
    scheduler.loadSpeeds([speed('w0', 10)]);
    scheduler.lines.observeResult('flow', 1, 50 * MB);
    scheduler.submit([work(0, { inputs: VIDEO })], T);
    expect(scheduler.expectedEnd('run', T)).toBe(T + 100_000 + 10_000 + 5_000);
    scheduler.decide(T);
    expect(scheduler.expectedEnd('run', T + 1_000)).toBe(T + 100_000 + 10_000 + 5_000);
  });

  it('takes a work back while its file is on its way when somebody nearer is idle', () => {
    const scheduler = fleet(view('w0', { uploadRate: 10 * MB }));
    scheduler.submit([work(0, { inputs: VIDEO })], T);
    expect(brief(scheduler.decide(T))).toEqual(['run/0>w0']);
    scheduler.loadSpeeds([speed('w1', 10)]);
    scheduler.setWorker(view('w1', { uploadRate: Number.POSITIVE_INFINITY }));
    expect(brief(scheduler.decide(T + 2_000))).toEqual(['run/0<w0']);
    scheduler.revoked('run/0', 'w0');
    expect(brief(scheduler.decide(T + 2_100))).toEqual(['run/0>w1']);
  });

  it('leaves it alone when the rest is sent sooner than it would be computed elsewhere', () => {
    const scheduler = fleet(view('w0', { uploadRate: 100 * MB }));
    scheduler.loadSpeeds([speed('w0', 10), speed('w1', 40)]);
    scheduler.submit([work(0, { inputs: VIDEO })], T);
    scheduler.decide(T);
    scheduler.setWorker(view('w1', { uploadRate: Number.POSITIVE_INFINITY }));
    expect(scheduler.decide(T + 2_000)).toEqual([]);
  });

  it('is never slower than equal lines would have it: a single work goes where it ends first', () => {
    const worker = fc.record({
      seconds: fc.integer({ min: 1, max: 100 }),
      uploadRate: fc.integer({ min: 1, max: 1_000 }).map((rate) => rate * MB),
      downloadRate: fc.integer({ min: 1, max: 1_000 }).map((rate) => rate * MB),
      has: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(worker, { minLength: 1, maxLength: 6 }),
        fc.nat(3_000),
        fc.nat(500),
        (workers, up, down) => {
          const ids = workers.map((_, index) => `w${index}`);
          const inputs = [{ id: 'file', bytes: up * MB }];
          const scheduler = fleet(
            ...workers.map(({ has, uploadRate, downloadRate }, index) =>
              view(`w${index}`, { uploadRate: has ? Number.POSITIVE_INFINITY : uploadRate, downloadRate }),
            ),
          );
          scheduler.loadSpeeds(workers.map(({ seconds }, index) => speed(`w${index}`, seconds)));
          scheduler.lines.observeResult('flow', 1, down * MB);
          scheduler.submit([work(0, { inputs, eligible: ids })], T);
          const [decision] = scheduler.decide(T);
          const ends = workers.map(
            ({ seconds, uploadRate, downloadRate, has }) =>
              (has ? 0 : (up * MB) / uploadRate) + seconds + (down * MB) / downloadRate,
          );
          const chosen = ends[ids.indexOf(decision?.worker ?? '')] ?? Number.NaN;
          // Files that are there within BRING_IGNORED_MS are no reason to wait for anybody.
          expect(chosen).toBeLessThanOrEqual(Math.min(...ends) + 1e-6);
        },
      ),
      { numRuns: 500 },
    );
  });
});
