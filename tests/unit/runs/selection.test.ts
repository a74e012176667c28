import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isComing, select } from '../../../electron/core/runs/selection.ts';
import { isUsable } from '../../../shared/condition.ts';
import type { InstanceSnapshot } from '../../../shared/model.ts';
import type { ModeChoice, RunOptions } from '../../../shared/runs.ts';
import { instanceSnapshot } from '../../support/fixtures.ts';

type Choice = Pick<RunOptions, 'mode' | 'on'>;
const AUTO: Choice = { mode: 'auto', on: null };
const STOPPED = { process: { status: 'stopped', since: 0 } } as const;
const STARTING = {
  process: { status: 'starting', since: 0, generation: 1, pid: 1, step: { label: 'loading' } },
} as unknown as Partial<InstanceSnapshot>;

function master(change: Partial<InstanceSnapshot> = {}): InstanceSnapshot {
  return instanceSnapshot({ id: 'master', role: 'master', name: 'Master', ...change });
}

function worker(n: number, change: Partial<InstanceSnapshot> = {}): InstanceSnapshot {
  return instanceSnapshot({ id: `worker-${n}`, name: `Worker ${n}`, ...change });
}

function chosen(instances: readonly InstanceSnapshot[], choice: Choice = AUTO, lacking: string[] = []) {
  const selection = select(
    instances,
    choice,
    ({ id }) => (lacking.includes(id) ? 'Has no node Rare' : null),
    0,
  );
  return {
    ...selection,
    ids: selection.participants.map(({ id }) => id),
    reasons: Object.fromEntries(selection.all.map(({ id, reason }) => [id, reason])),
  };
}

describe('who takes part', () => {
  it.each<[string, InstanceSnapshot[], Choice, string, string[]]>([
    ['the toggle is on', [master(), worker(1)], AUTO, 'participating', ['master', 'worker-1']],
    ['the toggle is off', [master({ selected: false }), worker(1)], AUTO, 'orchestrator-only', ['worker-1']],
    [
      'no worker is selected',
      [master({ selected: false }), worker(1, { selected: false })],
      AUTO,
      'fallback',
      ['master'],
    ],
    ['there is no worker', [master({ selected: false })], AUTO, 'fallback', ['master']],
    [
      'all selected workers are stopped',
      [master({ selected: false }), worker(1, STOPPED), worker(2, STOPPED)],
      AUTO,
      'fallback',
      ['master'],
    ],
    [
      'one of them still works',
      [master({ selected: false }), worker(1, STOPPED), worker(2)],
      AUTO,
      'orchestrator-only',
      ['worker-2'],
    ],
    [
      'one of them is coming',
      [master({ selected: false }), worker(1, STARTING)],
      AUTO,
      'orchestrator-only',
      ['worker-1'],
    ],
    [
      'this run asks the master to render',
      [master({ selected: false }), worker(1)],
      { mode: 'participating', on: null },
      'participating',
      ['master', 'worker-1'],
    ],
    [
      'this run asks the master not to',
      [master(), worker(1)],
      { mode: 'orchestrator', on: null },
      'orchestrator-only',
      ['worker-1'],
    ],
    [
      'instances are named',
      [master(), worker(1, { selected: false }), worker(2)],
      { mode: 'auto', on: ['worker-1'] },
      'orchestrator-only',
      ['worker-1'],
    ],
    [
      'the named one is down',
      [master(), worker(1, STOPPED)],
      { mode: 'auto', on: ['worker-1'] },
      'fallback',
      ['master'],
    ],
    [
      'the master is named but must not render',
      [master(), worker(1)],
      { mode: 'orchestrator', on: ['master', 'worker-1'] },
      'orchestrator-only',
      ['worker-1'],
    ],
    [
      'nobody is there at all',
      [master({ selected: false, ...STOPPED }), worker(1, STOPPED)],
      AUTO,
      'orchestrator-only',
      [],
    ],
  ])('%s', (_, instances, choice, mode, ids) => {
    expect(chosen(instances, choice)).toMatchObject({ mode, ids });
  });

  it('says for every worker why the master steps in', () => {
    const { modeReason } = chosen([master({ selected: false }), worker(1, STOPPED), worker(2)], AUTO, [
      'worker-2',
    ]);
    expect(modeReason).toBe(
      'No selected worker is usable (Worker 1: stopped; Worker 2: has no node Rare): the master renders so that your workflow still runs.',
    );
  });

  it('says of every instance why it does not take part', () => {
    const fleet = [master(), worker(1), worker(2, STOPPED), worker(3, { selected: false })];
    expect(chosen(fleet, AUTO, ['worker-1'])).toMatchObject({
      lacking: true,
      reasons: {
        master: null,
        'worker-1': 'Has no node Rare',
        'worker-2': 'Stopped',
        'worker-3': 'Not selected',
      },
    });
    expect(chosen(fleet, { mode: 'orchestrator', on: ['worker-1'] }).reasons).toEqual({
      master: 'Not chosen for this run',
      'worker-1': null,
      'worker-2': 'Not chosen for this run',
      'worker-3': 'Not chosen for this run',
    });
  });

  it('lets a stopped worker help once it is back', () => {
    expect(chosen([master(), worker(1, STOPPED)]).candidates).toEqual(['master', 'worker-1']);
  });

  it('refuses an instance that is not there, and names those that are', () => {
    expect(() => chosen([master(), worker(1)], { mode: 'auto', on: ['worker-9'] })).toThrow(/worker-9/);
  });
});

const anyInstance = (n: number): fc.Arbitrary<InstanceSnapshot> =>
  fc
    .record({ selected: fc.boolean(), state: fc.constantFrom({}, STOPPED, STARTING) })
    .map(({ selected, state }) =>
      n === 0 ? master({ selected, ...state }) : worker(n, { selected, ...state }),
    );
const anyFleet = fc
  .integer({ min: 1, max: 6 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, n) => anyInstance(n))));
const anyMode = fc.constantFrom<ModeChoice>('auto', 'participating', 'orchestrator');

it('in any fleet, participants can work, are candidates, and nobody who does not takes part without a reason', () => {
  fc.assert(
    fc.property(anyFleet, anyMode, fc.func(fc.boolean()), (fleet, mode, lacks) => {
      const incapable = ({ id }: InstanceSnapshot): string | null => (lacks(id) ? 'Lacks it' : null);
      const {
        participants,
        candidates,
        all,
        mode: runs,
        modeReason,
      } = select(fleet, { mode, on: null }, incapable, 0);
      const works = (one: InstanceSnapshot): boolean =>
        (isUsable(one) && incapable(one) === null) || isComing(one);
      expect(participants.every(works)).toBe(true);
      expect(participants.every(({ id }) => candidates.includes(id))).toBe(true);
      expect(all.map(({ takesPart, reason }) => takesPart === (reason === null))).not.toContain(false);
      expect(modeReason).not.toBe('');
      const workersHelp = fleet.some((one) => one.role === 'worker' && one.selected && works(one));
      if (runs === 'fallback') expect(workersHelp).toBe(false);
      if (runs !== 'participating' && workersHelp) expect(candidates).not.toContain('master');
      // Nobody is only right where there is nobody.
      if (participants.length === 0) expect(workersHelp || works(fleet[0] as InstanceSnapshot)).toBe(false);
    }),
  );
});
