import { describe, expect, it } from 'vitest';
import { type Incapable, select } from '../../../electron/core/runs/selection.ts';
import type { InstanceSnapshot } from '../../../shared/model.ts';
import { instanceSnapshot } from '../../support/fixtures.ts';

const STOPPED = { process: { status: 'stopped', since: 0 }, link: { status: 'unknown' } } as const;
const STARTING = {
  process: {
    status: 'starting',
    since: 0,
    generation: 1,
    pid: 1,
    step: { label: 'x', fraction: 0 },
    attempt: 1,
  },
  link: { status: 'unknown' },
} as const;
const able: Incapable = () => null;

function fleet(...workers: readonly Partial<InstanceSnapshot>[]): readonly InstanceSnapshot[] {
  const master = instanceSnapshot({ id: 'master', role: 'master', name: 'Master' });
  return [
    master,
    ...workers.map((one, k) => instanceSnapshot({ id: `w${k + 1}`, name: `W${k + 1}`, ...one })),
  ];
}

function orchestrating(...workers: readonly Partial<InstanceSnapshot>[]): readonly InstanceSnapshot[] {
  return fleet(...workers).map((one) => (one.id === 'master' ? { ...one, selected: false } : one));
}

const AUTO = { mode: 'auto', on: null } as const;
const ids = (instances: readonly InstanceSnapshot[]): readonly string[] => instances.map(({ id }) => id);

describe('who takes part', () => {
  it('follows the toggle and the checkboxes, the master first', () => {
    const chosen = select(fleet({}, { selected: false }, {}), AUTO, able, 0);
    expect(ids(chosen.participants)).toEqual(['master', 'w1', 'w3']);
    expect(chosen.mode).toBe('participating');
    expect(chosen.all.find(({ id }) => id === 'w2')).toMatchObject({
      takesPart: false,
      reason: 'Not selected',
    });
  });

  it('can be said for one run, against the toggle', () => {
    const off = select(fleet({}), { mode: 'orchestrator', on: null }, able, 0);
    expect([off.mode, ids(off.participants)]).toEqual(['orchestrator-only', ['w1']]);
    const on = select(orchestrating({}), { mode: 'participating', on: null }, able, 0);
    expect([on.mode, ids(on.participants)]).toEqual(['participating', ['master', 'w1']]);
    const named = select(fleet({}, { selected: false }), { mode: 'auto', on: ['w2'] }, able, 0);
    expect([named.mode, ids(named.participants)]).toEqual(['orchestrator-only', ['w2']]);
  });

  it('counts in who is only starting, and leaves out who is stopped, with its state', () => {
    const chosen = select(fleet(STARTING, STOPPED), AUTO, able, 0);
    expect(ids(chosen.participants)).toEqual(['master', 'w1']);
    expect(chosen.candidates).toEqual(['master', 'w1', 'w2']);
    expect(chosen.all.find(({ id }) => id === 'w2')?.reason).toBe('Stopped');
  });

  it('refuses an instance that is not there', () => {
    expect(() => select(fleet(), { mode: 'auto', on: ['w9'] }, able, 0)).toThrow(
      'There is no instance “w9”.',
    );
  });
});

describe('the fallback', () => {
  it('is not used while a worker is usable or coming', () => {
    expect(select(orchestrating(STOPPED, {}), AUTO, able, 0).mode).toBe('orchestrator-only');
    expect(select(orchestrating(STARTING), AUTO, able, 0).mode).toBe('orchestrator-only');
  });

  it('names the reason of every worker', () => {
    const noModel: Incapable = ({ id }) => (id === 'w2' ? 'Has no model dream.safetensors' : null);
    const chosen = select(orchestrating(STOPPED, {}), AUTO, noModel, 0);
    expect([chosen.mode, ids(chosen.participants)]).toEqual(['fallback', ['master']]);
    expect(chosen.modeReason).toContain('W1: stopped');
    expect(chosen.modeReason).toContain('W2: has no model dream.safetensors');
    expect(chosen.candidates).toContain('master');
  });

  it('says so when no worker is selected at all', () => {
    const chosen = select(orchestrating({ selected: false }), AUTO, able, 0);
    expect(chosen).toMatchObject({
      mode: 'fallback',
      modeReason: expect.stringContaining('No worker is selected'),
    });
  });

  it('is nobody when the master lacks something too, and tells that from a fleet that is down', () => {
    const nobody = select(orchestrating({}), AUTO, () => 'Lacks the node X', 0);
    expect([nobody.participants, nobody.lacking]).toEqual([[], true]);
    const down = select(
      fleet(STOPPED).map((one) => ({ ...one, ...STOPPED })),
      AUTO,
      able,
      0,
    );
    expect([down.participants, down.lacking]).toEqual([[], false]);
  });
});
