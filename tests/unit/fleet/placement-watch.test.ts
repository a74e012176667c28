import { expect, it } from 'vitest';
import type { LocalInstance } from '../../../electron/core/fleet/local-instance.ts';
import { PlacementWatch } from '../../../electron/core/fleet/placement-watch.ts';
import type { PlacementCheck } from '../../../shared/model.ts';
import { ManualClock } from '../../support/manual-clock.ts';

it('tells once that a server computes on another GPU than it was given', async () => {
  const clock = new ManualClock();
  let placement: PlacementCheck = { status: 'pending' };
  const instance = {
    pid: 10,
    expectedGpu: 'GPU-1',
    process: { state: { status: 'ready', since: clock.now() } },
    snapshot: () => ({ placement }),
    setPlacement: (value: PlacementCheck) => {
      placement = value;
    },
  } as unknown as LocalInstance;
  const told: (readonly string[])[] = [];
  const watch = new PlacementWatch({
    clock,
    instances: () => [instance],
    computeProcesses: async () => new Map([[11, ['GPU-0']]]),
    tree: async (pid) => [pid, 11],
    onMismatch: (_, actual) => told.push(actual),
  });
  watch.start();
  for (let look = 0; look < 30; look += 1) {
    clock.advance(5_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  watch.stop();
  expect(told).toEqual([['GPU-0']]);
  expect(placement).toEqual({ status: 'mismatch', expected: 'GPU-1', actual: ['GPU-0'] });
  expect(clock.pending).toBe(0);
});
