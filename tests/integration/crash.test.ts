import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MASTER_ID, prepareDemo, QUICK } from './support/fleets.ts';
import { runHeadless } from './support/host.ts';
import { newPlace, startHost } from './support/places.ts';
import { until } from './support/until.ts';
import { kill, type Workplace } from './support/workplace.ts';

const DEMO = { args: ['--demo=2'], environment: QUICK };
const REGISTRY = ['data', 'demo', '2-gpus', 'processes.json'] as const;

function isAlive(pid: number): boolean {
  try {
    // A zombie that nobody reaps is dead all the same.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function demoPlace(stopOnQuit: boolean): Promise<Workplace> {
  const place = newPlace();
  await prepareDemo(place, 2, { stopOnQuit });
  return place;
}

describe('kill -9 of the control center', () => {
  it('ends its servers when they are set to end with it', async () => {
    const place = await demoPlace(true);
    const host = await startHost(place, DEMO);
    const before = await host.allReady(2);
    await host.end('SIGKILL');
    await place.untilEmpty(15_000);

    // The file that it left behind keeps nobody out, and nothing is adopted.
    const again = await startHost(place, DEMO);
    const after = await again.allReady(2);
    expect([...after.values()].some((pid) => [...before.values()].includes(pid))).toBe(false);
  });

  it('leaves them when they are set to go on; the next one adopts them with their logs', async () => {
    const place = await demoPlace(false);
    const host = await startHost(place, DEMO);
    const before = await host.allReady(2);
    await host.logSays(MASTER_ID, /To see the GUI go to/);
    await host.end('SIGKILL');
    expect([...before.values()].every(isAlive)).toBe(true);

    const again = await startHost(place, DEMO);
    expect(await again.allReady(2)).toEqual(before);
    expect((await again.stateOf(MASTER_ID, 'ready')).bootMs).toBeNull();
    await again.notice(/Master was still running/);
    await again.logSays(MASTER_ID, /Starting server[\s\S]*Taken over as it runs/);
    await again.invoke('instance.testPicture', { id: MASTER_ID });
    await again.instanceWhere(MASTER_ID, 'has made a picture', ({ picture }) => picture?.status === 'done');
    await again.logSays(MASTER_ID, /Taken over[\s\S]*got prompt/);
    // It is ours again in every way.
    await again.invoke('instance.stop', { id: 'worker-1' });
    expect(isAlive(before.get('worker-1') ?? 0)).toBe(false);
    await again.invoke('fleet.stopAll', {});
  });

  it('ends survivors that the roster no longer has', async () => {
    const place = await demoPlace(false);
    const host = await startHost(place, DEMO);
    const before = await host.allReady(2);
    await host.end('SIGKILL');
    const file = ['data', 'demo', '2-gpus', 'settings.json'] as const;
    place.write({ ...(place.json(...file) as object), workers: [] }, ...file);
    const again = await startHost(place, DEMO);
    expect(await again.allReady(1)).toEqual(new Map([[MASTER_ID, before.get(MASTER_ID)]]));
    await until('the unclaimed one has ended', () => !isAlive(before.get('worker-1') ?? 0));
    await again.invoke('fleet.stopAll', {});
  });

  it('in the middle of a start leaves no orphan', async () => {
    const place = await demoPlace(true);
    const slow = { ...DEMO, environment: { ENSEMBLE_SIM: '{"bootMs":60000}' } };
    const host = await startHost(place, slow);
    for (const id of [MASTER_ID, 'worker-1']) await host.logSays(id, /Setting output directory/);
    await host.end('SIGKILL');
    await place.untilEmpty(15_000);
  });

  it('in the middle of a start: the next one takes over what still starts', async () => {
    const place = await demoPlace(false);
    const slow = { ...DEMO, environment: { ENSEMBLE_SIM: '{"bootMs":4000}' } };
    const host = await startHost(place, slow);
    await host.logSays('worker-1', /Setting output directory/);
    const pids = (await host.snapshot()).instances.map(({ process }) =>
      'pid' in process ? process.pid : null,
    );
    await host.end('SIGKILL');
    const again = await startHost(place, slow);
    expect([...(await again.allReady(2)).values()]).toEqual(pids);
    await again.invoke('fleet.stopAll', {});
  });

  it('a changed mind counts: the setting of the moment decides', async () => {
    const place = await demoPlace(false);
    const host = await startHost(place, DEMO);
    await host.allReady(2);
    await host.invoke('settings.update', { patch: { stopOnQuit: true } });
    await host.end('SIGKILL');
    await place.untilEmpty(15_000);
  });
});

describe('an orderly end', () => {
  it('leaves the servers when they are set to go on, and the next start adopts them', async () => {
    const place = await demoPlace(false);
    const host = await startHost(place, DEMO);
    const before = await host.allReady(2);
    expect((await host.end('SIGTERM')).code).toBe(0);
    expect([...before.values()].every(isAlive)).toBe(true);
    await until('the guardian has gone', async () => (await place.processes()).length === 2);
    const again = await startHost(place, DEMO);
    expect(await again.allReady(2)).toEqual(before);
    await again.invoke('fleet.stopAll', {});
  });

  it('by command ends everything, busy or not', async () => {
    const place = await demoPlace(true);
    const host = await startHost(place, {
      ...DEMO,
      environment: { ENSEMBLE_SIM: '{"bootMs":100,"stepMs":3000}' },
    });
    await host.allReady(2);
    await host.invoke('instance.testPicture', { id: MASTER_ID });
    await host.instanceWhere(MASTER_ID, 'is busy', ({ activity }) => activity?.step !== undefined);
    await host.invoke('system.quit', {});
    expect((await host.program.ended).code).toBe(0);
    await place.untilEmpty(5_000);
  });
});

describe('a list of processes that is out of date', () => {
  it('never harms the process that has a pid now', async () => {
    const place = await demoPlace(true);
    const stranger = runHeadless(place, {
      args: ['--demo=1', '--data', place.file('stranger')],
      environment: { ENSEMBLE_SIM: '{"bootMs":100}' },
    });
    const pid = stranger.child.pid ?? 0;
    const record = {
      pid,
      startTime: '1',
      command: 'python main.py',
      port: 20_001,
      url: 'http://127.0.0.1:20001',
      logFile: place.file('x.log'),
      device: null,
      generation: 3,
    };
    place.write(
      {
        version: 1,
        stopOnExit: true,
        guardian: { pid, startTime: '1', command: 'x' },
        processes: { master: record, gone: record },
      },
      ...REGISTRY,
    );
    const host = await startHost(place, DEMO);
    const pids = await host.allReady(2);
    expect([...pids.values()]).not.toContain(pid);
    await host.end('SIGKILL');
    await until('its servers have ended', () => [...pids.values()].every((one) => !isAlive(one)));
    expect(isAlive(pid)).toBe(true);
    kill(pid, 'SIGTERM');
    await stranger.ended;
  });

  it('is no obstacle when it is damaged', async () => {
    const place = await demoPlace(true);
    place.write('{"version":1,"proc', ...REGISTRY);
    const host = await startHost(place, DEMO);
    await host.allReady(2);
  });
});
