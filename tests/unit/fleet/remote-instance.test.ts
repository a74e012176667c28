import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ComfyHttp } from '../../../electron/core/comfy/http.ts';
import { InstanceMonitor } from '../../../electron/core/comfy/monitor.ts';
import type { Keeper } from '../../../electron/core/fleet/keeper.ts';
import { RemoteInstance } from '../../../electron/core/fleet/remote-instance.ts';
import type { RemoteDefinition } from '../../../electron/core/fleet/roster.ts';
import { RemoteLog } from '../../../electron/core/logs/remote-log.ts';
import { type Clock, Emitter, silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { Climber } from '../../../electron/core/readiness/climber.ts';
import { conditionOf, isUsable } from '../../../shared/condition.ts';
import type { ProcessState } from '../../../shared/lifecycle.ts';
import { type FakeComfy, json, startFakeComfy } from '../comfy/fake-comfy.ts';
import { until } from '../comfy/until.ts';

/** Real time, twenty times as fast. */
const clock: Clock = {
  now: () => performance.now() * 20,
  after: (ms, callback) => systemClock.after(ms / 20, callback),
};

describe('a worker on another machine', { timeout: 60_000 }, () => {
  let fake: FakeComfy;
  let instance: RemoteInstance;
  let headers: Record<string, string>;

  const definition = (change: Partial<RemoteDefinition> = {}): RemoteDefinition => ({
    ...{ id: 'worker-1', type: 'remote', role: 'worker', name: 'Far', host: '127.0.0.1', port: fake.port },
    ...{ secure: false, path: '', certificate: null, selected: true, source: null },
    ...change,
  });
  const create = (first: RemoteDefinition, keeper: Keeper | null = null): RemoteInstance =>
    new RemoteInstance(first, {
      createMonitor: (address) =>
        new InstanceMonitor({ ...address, clock, logger: silentLogger, random: () => 0.5 }),
      createLog: (one) =>
        new RemoteLog({
          clock,
          http: () => new ComfyHttp(one.address, { clock }),
          monitor: () => one.monitor,
        }),
      headers: () => headers,
      keeper,
      readiness: {
        climber: new Climber(clock, 'test'),
        masterVersion: () => '0.33.0',
        clock,
        random: () => 0.5,
      },
    });
  const ladder = () => instance.snapshot().remote?.readiness ?? null;
  const word = (): string => conditionOf(instance.snapshot(), 0).word;

  beforeEach(async () => {
    headers = {};
    fake = await startFakeComfy();
  });
  afterEach(async () => {
    instance.dispose();
    await fake.close();
  });

  it('is not contacted until it is selected', async () => {
    instance = create(definition({ selected: false }));
    expect(word()).toBe('Disabled');
    await expect(Promise.resolve().then(() => instance.climb())).rejects.toThrow('is disabled');
    await new Promise((resolve) => clock.after(20_000, () => resolve(null)));
    expect(fake.requests).toEqual([]);
    instance.update(definition());
    await until('it is up', () => instance.snapshot().link.status === 'up');
    instance.update(definition({ selected: false }));
    expect(instance.snapshot().link.status).toBe('unknown');
    expect(word()).toBe('Disabled');
  });

  it('climbs by itself, falls with the link and climbs again', async () => {
    instance = create(definition());
    const climbed = await until('a ladder', () => (ladder()?.done ? ladder() : null));
    // Of another version than the master, and without the nodes that runs need.
    expect(climbed.rungs.comfyui).toMatchObject({
      status: 'warning',
      detail: expect.stringContaining('0.33.0'),
    });
    expect(climbed.rungs.nodes.status).toBe('failed');
    expect(word()).toBe('Missing nodes');
    expect(isUsable(instance.snapshot())).toBe(true);
    const { port } = fake;
    await fake.close();
    const fallen = await until('the fall', () =>
      ladder()?.rungs.reachable.status === 'failed' && ladder()?.rungs.nodes.status === 'waiting'
        ? ladder()
        : null,
    );
    expect(fallen.measured.gpu).toBe('Some GPU');
    expect(isUsable(instance.snapshot())).toBe(false);
    // A climb of its own brings the advice.
    await until('advice', () => {
      const reachable = ladder()?.rungs.reachable;
      return reachable?.status === 'failed' && reachable.command !== null;
    });
    fake = await startFakeComfy(port);
    await until('it is back', () => ladder()?.rungs.reachable.status === 'passed');
  });

  it('is asked with what opens it, and anew where another place is given', async () => {
    const seen: unknown[] = [];
    fake.routes.set('/system_stats', (request, response) => {
      seen.push(request.headers['x-key']);
      json({}, 403)(request, response, '');
    });
    headers = { 'x-key': 'first' };
    instance = create(definition());
    await until('the first', () => seen.includes('first'));
    const { monitor } = instance;
    instance.update(definition({ name: 'Other' }));
    expect(instance.monitor).toBe(monitor);
    headers = { 'x-key': 'second' };
    instance.update(definition());
    expect(instance.monitor).not.toBe(monitor);
    await until('the second', () => seen.includes('second'));
    expect(instance.snapshot().remote?.access).toBe('x-key: ••••');
  });

  it('is neither started nor stopped from here', async () => {
    instance = create(definition());
    for (const act of [instance.start(), instance.stop(), instance.restart()]) {
      await expect(act).rejects.toThrow('runs on another machine');
    }
  });

  it('follows who keeps it: another life of the server begins at the foot of the ladder', async () => {
    const changed = new Emitter<void>();
    const kept = {
      process: { status: 'ready', since: 0, generation: 1, pid: 7, bootMs: null } as ProcessState,
      log: new RemoteLog({ clock, http: () => new ComfyHttp(fake.url), monitor: () => instance.monitor }),
      ...{ gpu: null, sample: null, unreachable: null as string | null },
      onChange: (listener: () => void) => changed.on(listener),
      start: async () => {},
      stop: async () => {
        kept.process = { status: 'stopped', since: 1 };
        changed.emit();
      },
      restart: async () => {},
    };
    instance = create(definition(), kept);
    await until('a ladder', () => ladder()?.done);
    await instance.stop();
    expect([word(), ladder(), instance.snapshot().link.status]).toEqual(['Stopped', null, 'unknown']);
    kept.unreachable = 'The machine is off.';
    await expect(instance.start()).rejects.toThrow('The machine is off.');
    instance.dispose();
    expect(changed.size).toBe(0);
  });
});
