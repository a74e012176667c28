import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterUse, LoadModel, provenCapacity } from '../../../electron/core/scheduler/load-model.ts';
import { SpeedModel } from '../../../electron/core/scheduler/speed-model.ts';

describe('speeds', () => {
  it('averages with weight 0.3 for the newest, per unit', () => {
    const speeds = new SpeedModel();
    speeds.observe('w0', 'flow', 2, 20, 0);
    speeds.observe('w0', 'flow', 1, 12, 0);
    expect(speeds.secondsPerUnit('w0', 'flow')).toBeCloseTo(10.6);
  });

  it('knows nothing of a worker or workflow that nobody measured', () => {
    const speeds = new SpeedModel();
    speeds.observe('w0', 'flow', 1, 10, 0);
    expect(speeds.secondsPerUnit('w1', 'flow')).toBeNull();
    expect(speeds.secondsPerUnit('w0', 'other')).toBeNull();
  });

  it('infers an unseen pair from the ratio between workers', () => {
    const speeds = new SpeedModel();
    speeds.observe('w0', 'flow', 1, 10, 0);
    speeds.observe('w1', 'flow', 1, 40, 0);
    speeds.observe('w0', 'other', 1, 3, 0);
    expect(speeds.secondsPerUnit('w1', 'other')).toBeCloseTo(12);
  });

  it('infers every unseen pair of a fleet whose speeds are ratios', () => {
    const factors = fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(factors, factors, (workers, flows) => {
        const speeds = new SpeedModel();
        for (const [w, factor] of workers.entries())
          speeds.observe(`w${w}`, 'f0', 1, factor * (flows[0] ?? 1), 0);
        for (const [f, base] of flows.entries())
          speeds.observe('w0', `f${f}`, 1, (workers[0] ?? 1) * base, 0);
        workers.forEach((factor, w) => {
          flows.forEach((base, f) => {
            const known = speeds.secondsPerUnit(`w${w}`, `f${f}`) ?? Number.NaN;
            expect(known / (factor * base)).toBeCloseTo(1, 6);
          });
        });
      }),
    );
  });

  it('takes a straggler for no new speed', () => {
    const speeds = new SpeedModel();
    for (let run = 0; run < 3; run += 1) speeds.observe('w0', 'flow', 1, 10, 0);
    speeds.observe('w0', 'flow', 1, 500, 0);
    expect(speeds.secondsPerUnit('w0', 'flow')).toBeCloseTo(13);
  });

  it('replaces a guess by the first measurement, and keeps guesses to itself', () => {
    const speeds = new SpeedModel();
    speeds.guess('w0', 'flow', 7, 0);
    expect(speeds.secondsPerUnit('w0', 'flow')).toBe(7);
    expect(speeds.export()).toEqual([]);
    speeds.observe('w0', 'flow', 1, 10, 5);
    speeds.guess('w0', 'flow', 7, 0);
    expect(speeds.secondsPerUnit('w0', 'flow')).toBe(10);
  });

  it('comes back from what was exported', () => {
    const speeds = new SpeedModel();
    speeds.observe('w0', 'flow', 1, 10, 5);
    speeds.observe('w1', 'flow', 1, 20, 6);
    const again = new SpeedModel();
    again.load(speeds.export());
    expect(again.export()).toEqual(speeds.export());
    expect(again.factor('w1') / again.factor('w0')).toBeCloseTo(2);
  });

  it('learns nothing from nonsense', () => {
    const speeds = new SpeedModel();
    for (const seconds of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      speeds.observe('w0', 'flow', 1, seconds, 0);
    speeds.observe('w0', 'flow', 0, 1, 0);
    expect(speeds.secondsPerUnit('w0', 'flow')).toBeNull();
  });
});

describe('loading', () => {
  it('takes the time of others for a worker that has not loaded it, and a usual one at first', () => {
    const loads = new LoadModel();
    expect(loads.seconds('w0', 'a')).toBe(10);
    loads.observe('w1', 'a', 20);
    loads.observe('w2', 'a', 30);
    expect(loads.seconds('w0', 'a')).toBe(25);
    expect(loads.known('w0', 'a')).toBeNull();
  });

  it('keeps as many models as were proven to stay, the least recently used going first', () => {
    expect(afterUse({ resident: [], capacity: 1 }, 'a')).toEqual(['a']);
    expect(afterUse({ resident: ['a'], capacity: 1 }, 'b')).toEqual(['b']);
    expect(afterUse({ resident: ['a', 'b'], capacity: 2 }, 'a')).toEqual(['b', 'a']);
    expect(afterUse({ resident: ['a', 'b'], capacity: 2 }, null)).toEqual(['a', 'b']);
  });

  it('believes in more or fewer models by how long loads really take', () => {
    expect(provenCapacity(['a'], 1, 'b', 1, 20)).toBe(2);
    expect(provenCapacity(['a'], 1, 'b', 19, 20)).toBe(1);
    expect(provenCapacity(['a', 'b'], 2, 'a', 19, 20)).toBe(1);
    expect(provenCapacity(['a', 'b'], 2, 'b', 19, 20)).toBe(2);
    expect(provenCapacity(['a', 'b', 'c', 'd'], 4, 'e', 0, 20)).toBe(4);
    expect(provenCapacity(['a'], 1, 'b', 1, null)).toBe(1);
  });
});
