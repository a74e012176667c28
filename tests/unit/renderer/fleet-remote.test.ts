import { describe, expect, it } from 'vitest';
import { measuredOf, troubleOf } from '../../../renderer/fleet/remote-words.ts';
import { workersByType } from '../../../renderer/fleet/workers-by-type.ts';
import { placeOf } from '../../../renderer/store/selectors.ts';
import type { InstanceSnapshot } from '../../../shared/model.ts';
import { NOTHING_MEASURED, type Readiness, type RungState } from '../../../shared/remote.ts';
import { instanceSnapshot } from '../../support/fixtures.ts';

const passed: RungState = { status: 'passed', detail: 'yes' };
const failed = (detail: string): RungState => ({
  status: 'failed',
  detail,
  remedy: `mend ${detail}`,
  command: null,
  certificate: null,
});
const ladder = (rungs: Partial<Readiness['rungs']>): Readiness => ({
  at: 0,
  done: true,
  rungs: { reachable: passed, comfyui: passed, nodes: passed, models: passed, files: passed, ...rungs },
  measured: { ...NOTHING_MEASURED, latencyMs: 9, vramFree: 1, vramTotal: 2 },
});
const up = { status: 'up', since: 0, latencyMs: 3 } as const;
const down = { status: 'down', since: 0, reason: 'no answer' } as const;

function worker(
  change: Partial<InstanceSnapshot>,
  readiness: Readiness | null = ladder({}),
): InstanceSnapshot {
  const remote = {
    secure: false,
    path: '',
    certificate: null,
    access: null,
    readiness,
    source: null,
    agent: null,
  };
  return instanceSnapshot({
    type: 'remote',
    control: 'attached',
    selected: true,
    link: up,
    queue: 0,
    ...change,
    remote,
  });
}

describe('troubleOf', () => {
  it('tells why a worker is of no use, with what mends it', () => {
    expect(troubleOf(worker({}))).toBeNull();
    expect(troubleOf(worker({ link: down }, null))).toEqual({ cause: 'No answer', remedy: null });
    expect(troubleOf(worker({ link: down }, ladder({ reachable: failed('a') })))).toEqual({
      cause: 'No answer',
      remedy: 'mend a',
    });
    expect(troubleOf(worker({}, ladder({ models: failed('none') })))).toEqual({
      cause: 'Models: none',
      remedy: 'mend none',
    });
  });

  it('keeps silent of what is over, what works, and what nobody asked for', () => {
    expect(troubleOf(worker({}, ladder({ reachable: failed('before') })))).toBeNull();
    expect(troubleOf(worker({ queue: 1 }, ladder({ models: failed('none') })))).toBeNull();
    expect(troubleOf(worker({ selected: false, link: down }))).toBeNull();
    expect(troubleOf(instanceSnapshot({ control: 'attached', link: down }))).toBeNull();
  });
});

describe('measuredOf', () => {
  it('shows nothing that can no longer be true', () => {
    expect(measuredOf(worker({}))).toMatchObject({ latencyMs: 3, vramFree: 1, vramTotal: 2 });
    expect(measuredOf(worker({ link: down }))).toMatchObject({
      latencyMs: null,
      vramFree: null,
      vramTotal: 2,
    });
  });
});

describe('places and groups', () => {
  it('say where it listens', () => {
    const at = (change: Partial<InstanceSnapshot>, secure: boolean, path: string) => {
      const one = worker(change);
      return placeOf({ ...one, remote: one.remote && { ...one.remote, secure, path } }, null);
    };
    expect(at({ host: '10.0.0.7', port: 8188 }, false, '')).toBe('10.0.0.7:8188');
    expect(at({ host: 'a.example.com', port: 443 }, true, '/gpu')).toBe('a.example.com/gpu');
    expect(at({ host: '::1', port: 8189 }, false, '')).toBe('[::1]:8189');
  });

  it('leave out types without workers', () => {
    const groups = workersByType([worker({ type: 'cloud' }), worker({}), worker({ type: 'cloud' })]);
    expect(groups.map(({ title, workers }) => `${title} ${workers.length}`)).toEqual(['Remote 1', 'Cloud 2']);
  });
});
