import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { movedToFreePorts, nextPort, populate } from '../../../electron/core/fleet/population.ts';
import {
  isLocal,
  newWorkerId,
  resolveGpu,
  rosterOf,
  rosterProblems,
  suggestWorker,
} from '../../../electron/core/fleet/roster.ts';
import { DEFAULT_SETTINGS } from '../../../shared/settings.ts';
import { gpu, localWorkers } from '../../support/fixtures.ts';

const nothingTaken = (): boolean => false;

describe('first launch', () => {
  it('puts the master on GPU 0 and a worker on every other one, from port 8189', () => {
    const settings = populate(DEFAULT_SETTINGS, [gpu(0), gpu(1), gpu(2)], nothingTaken);
    expect(settings.master.device).toBe('GPU-0');
    expect(
      localWorkers(settings).map(({ name, port, device, selected }) => [name, port, device, selected]),
    ).toEqual([
      ['Worker 1', 8189, 'GPU-1', true],
      ['Worker 2', 8190, 'GPU-2', true],
    ]);
    expect(settings.populated).toBe(true);
  });

  it('takes the next free port where somebody listens', () => {
    const settings = populate(DEFAULT_SETTINGS, [gpu(0), gpu(1), gpu(2)], (port) => port === 8189);
    expect(settings.workers.map((worker) => worker.port)).toEqual([8190, 8191]);
  });

  it('happens once: deleted workers stay deleted', () => {
    const once = populate(DEFAULT_SETTINGS, [gpu(0), gpu(1)], nothingTaken);
    const emptied = { ...once, workers: [] };
    expect(populate(emptied, [gpu(0), gpu(1)], nothingTaken)).toEqual(emptied);
  });

  it('without a GPU computes on the CPU and still populates when a driver appears', () => {
    const without = populate(DEFAULT_SETTINGS, [], nothingTaken);
    expect(without.master.device).toBe('cpu');
    expect(without.populated).toBe(false);
  });

  it('leaves a lost GPU alone', () => {
    const settings = populate(DEFAULT_SETTINGS, [gpu(0), gpu(1, { health: 'lost' }), gpu(2)], nothingTaken);
    expect(localWorkers(settings).map((worker) => worker.device)).toEqual(['GPU-2']);
  });

  it('never gives two instances one port or one GPU', () => {
    fc.assert(
      fc.property(fc.nat(12), fc.uniqueArray(fc.integer({ min: 8188, max: 8210 })), (count, taken) => {
        const gpus = Array.from({ length: count }, (_, index) => gpu(index));
        const settings = populate(DEFAULT_SETTINGS, gpus, (port) => taken.includes(port));
        const roster = rosterOf(settings, gpus).filter(isLocal);
        expect(new Set(roster.map((each) => each.port)).size).toBe(roster.length);
        expect(new Set(roster.map((each) => each.device)).size).toBe(roster.length);
        for (const worker of settings.workers) expect(taken).not.toContain(worker.port);
      }),
    );
  });
});

describe('the demo', () => {
  it('moves away from ports that strangers hold, and stays where it was otherwise', () => {
    const settings = populate(DEFAULT_SETTINGS, [gpu(0), gpu(1), gpu(2)], nothingTaken);
    expect(movedToFreePorts(settings, nothingTaken)).toEqual(settings);
    const moved = movedToFreePorts(settings, (port) => port < 8190);
    expect([moved.master.port, ...moved.workers.map((worker) => worker.port)]).toEqual([8190, 8191, 8192]);
  });
});

describe('the roster', () => {
  const settings = populate(DEFAULT_SETTINGS, [gpu(0), gpu(1)], nothingTaken);

  it('resolves UUIDs and indices, and nothing else', () => {
    expect(resolveGpu('1', [gpu(0), gpu(1)])?.uuid).toBe('GPU-1');
    expect(resolveGpu('GPU-0', [gpu(0)])?.index).toBe(0);
    expect(resolveGpu('cpu', [gpu(0)])).toBeNull();
    expect(resolveGpu('0,1', [gpu(0), gpu(1)])).toBeNull();
  });

  it('suggests the first unused GPU, the next port and the next number', () => {
    expect(suggestWorker(settings, [gpu(0), gpu(1), gpu(2)], nothingTaken)).toEqual({
      name: 'Worker 2',
      port: 8190,
      device: 'GPU-2',
      extraArgs: '',
    });
    expect(suggestWorker(settings, [gpu(0), gpu(1)], nothingTaken).device).toBe('cpu');
  });

  it('keeps the gateway’s port free', () => {
    expect(suggestWorker(settings, [], (port) => port < 8200).port).toBe(8201);
    const moved = { ...settings, gatewayPort: 8190 };
    expect(suggestWorker(moved, [], nothingTaken).port).toBe(8191);
    expect(nextPort(65_535, nothingTaken)).toBe(65_535);
    expect(() => nextPort(65_535, () => true)).toThrow(RangeError);
  });

  it('names clashes of name and port, but not with itself', () => {
    const roster = rosterOf(settings, []);
    const draft = { name: 'Worker 1', port: 8188, device: 'cpu', extraArgs: '' };
    expect(rosterProblems(draft, null, roster, new Map())).toEqual([
      { field: 'name', message: 'There is already a worker called “Worker 1”.' },
      { field: 'port', message: 'Port 8188 belongs to Master.' },
    ]);
    expect(rosterProblems({ ...draft, port: 8189 }, 'worker-1', roster, new Map())).toEqual([]);
    expect(
      rosterProblems({ ...draft, port: 8200 }, 'worker-1', roster, new Map([[8200, 'the gateway']])),
    ).toEqual([{ field: 'port', message: 'Port 8200 is kept for the gateway.' }]);
  });

  it('never reuses a living id', () => {
    const [worker] = settings.workers;
    if (worker === undefined) throw new Error('no worker');
    expect(newWorkerId({ ...settings, workers: [{ ...worker, id: 'worker-2' }] })).toBe('worker-3');
  });
});
