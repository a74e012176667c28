import { describe, expect, it } from 'vitest';
import { whyStepIn } from '../../../electron/core/runs/fallback.ts';
import type { InstanceSnapshot } from '../../../shared/model.ts';
import { instanceSnapshot } from '../../support/fixtures.ts';

const STOPPED = { process: { status: 'stopped', since: 0 } } as const;
const AWAY = { link: { status: 'unknown', since: 0 } } as unknown as Partial<InstanceSnapshot>;
const master = (change: Partial<InstanceSnapshot> = {}): InstanceSnapshot =>
  instanceSnapshot({ id: 'master', role: 'master', name: 'Master', ...change });
const worker = (n: number, change: Partial<InstanceSnapshot> = {}): InstanceSnapshot =>
  instanceSnapshot({ id: `worker-${n}`, name: `Worker ${n}`, ...change });

describe('a master that only orchestrates', () => {
  it.each<[string, InstanceSnapshot[], string[], [string, string][]]>([
    ['one worker can', [master(), worker(1), worker(2, STOPPED)], ['worker-1', 'worker-2'], []],
    ['one is coming', [master(), worker(1, AWAY)], ['worker-1'], []],
    ['it may compute already', [master(), worker(1, STOPPED)], ['master', 'worker-1'], []],
    ['it is down itself', [master(STOPPED), worker(1, STOPPED)], ['worker-1'], []],
    [
      'it lacks the same',
      [master(), worker(1)],
      ['worker-1'],
      [
        ['worker-1', 'lacks Rare'],
        ['master', 'lacks Rare'],
      ],
    ],
    ['it is not in the fleet', [worker(1, STOPPED)], ['worker-1'], []],
  ])('does not step in when %s', (_, fleet, eligible, unable) => {
    expect(whyStepIn(fleet, eligible, new Map(unable), 0)).toBeNull();
  });

  it.each<[string, InstanceSnapshot[], string[], [string, string][], string]>([
    ['the only one is stopped', [master(), worker(1, STOPPED)], ['worker-1'], [], 'Worker 1: Stopped'],
    [
      'nobody of them can',
      [master(), worker(1), worker(2, STOPPED)],
      ['worker-1', 'worker-2'],
      [['worker-1', 'lacks Rare']],
      'Worker 1: lacks Rare; Worker 2: Stopped',
    ],
    ['they were removed', [master()], ['worker-1'], [], 'its workers are gone'],
    ['another works that may not', [master(), worker(1, STOPPED), worker(2)], ['worker-1'], [], 'Worker 1'],
  ])('steps in when %s', (_, fleet, eligible, unable, words) => {
    expect(whyStepIn(fleet, eligible, new Map(unable), 0)).toContain(words);
  });
});
