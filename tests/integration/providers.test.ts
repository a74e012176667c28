import { chmodSync, mkdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isOpen, type Lease, type ProviderSettings } from '../../shared/providers.ts';
import { DEFAULT_RUN_OPTIONS } from '../../shared/runs.ts';
import { distFile } from '../setup/dist.ts';
import { FAKE_KEY, FakeRunPod } from '../support/providers/fake-runpod.ts';
import { FakeComfy, FakeSmi } from './support/fake-comfy.ts';
import { rosterOn } from './support/fleets.ts';
import { type Host, runCli } from './support/host.ts';
import { newPlace, startHost } from './support/places.ts';
import { until } from './support/until.ts';
import { freePorts, type Workplace } from './support/workplace.ts';

const RUNPOD: ProviderSettings = {
  ...{ id: '', kind: 'runpod', name: 'RunPod', readyMinutes: 20, image: 'org/comfyui:1', templateId: '' },
  ...{ startCommand: '', networkVolume: '', volumePath: '', cloud: 'SECURE', gpus: [], diskGb: 50 },
};

async function leasesOf(host: Host): Promise<readonly Lease[]> {
  return (await host.invoke('providers.state', {})).leases;
}

async function leaseWhere(host: Host, what: string, matches: (lease: Lease) => boolean): Promise<Lease> {
  let found: Lease | undefined;
  await until(what, async () => {
    found = (await leasesOf(host)).find(matches);
    return found !== undefined;
  });
  if (found === undefined) throw new Error(what);
  return found;
}

describe('a worker by command', () => {
  /** A fleet on this machine, and a program that starts one more ComfyUI and prints where. */
  async function preparedPlace(): Promise<{
    readonly place: Workplace;
    readonly comfy: FakeComfy;
    readonly port: number;
  }> {
    const place = newPlace();
    const comfy = new FakeComfy(place);
    await FakeSmi.create(place, 1);
    const [master = 0, port = 0] = await freePorts(2);
    place.write(await rosterOn(place.file('world'), [master]), 'data', 'settings.json');
    mkdirSync(place.file('rented'), { recursive: true });
    const simulator = `"${process.execPath}" "${distFile('simulator.cjs')}"`;
    const start = [
      '#!/bin/sh',
      'echo "looking for a machine"',
      `echo "http://127.0.0.1:${port}"`,
      `ENSEMBLE_SIM='{"bootMs":100,"stepMs":20}' exec ${simulator} comfyui --cpu --port ${port} --base-directory "${place.file('rented')}"`,
    ];
    chmodSync(place.write(start.join('\n'), 'start.sh'), 0o755);
    return { place, comfy, port };
  }

  it('is rented from the command line, takes part in a run, and ends with its program when it is given back', async () => {
    const { place, comfy, port } = await preparedPlace();
    const host = await startHost(place, { environment: { COMFYUI_PATH: comfy.root } });
    await host.allReady(1);
    const provider: ProviderSettings = {
      ...{ id: '', kind: 'command', name: 'Script', readyMinutes: 5, pricePerHour: 0.4 },
      ...{ start: `"${place.file('start.sh')}"`, stop: 'true', list: '' },
    };
    await host.invoke('providers.save', { provider, credentials: {} });
    const asked = await runCli(place, ['providers', 'rent', 'command', 'Script', '--hours', '1']).ended;
    expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('costs $0.40 per hour') });
    expect(await leasesOf(host)).toEqual([]);
    const rented = await runCli(place, ['providers', 'rent', 'command', 'Script', '--hours', '1', '--yes'])
      .ended;
    expect(rented.stdout).toContain('Rented Script as ');

    const lease = await leaseWhere(host, 'it is ready', ({ state }) => state.status === 'ready');
    const id = lease.worker ?? '';
    const worker = await host.instanceWhere(id, 'is linked', ({ link }) => link.status === 'up');
    expect(worker).toMatchObject({
      ...{ type: 'cloud', name: 'Script (Script)', port },
      remote: { source: { kind: 'provider', provider: 'command', lease: lease.id } },
    });
    const workflow = JSON.stringify({
      1: { class_type: 'EmptyImage', inputs: { width: 16, height: 16, batch_size: 1, color: 0 } },
      2: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'rented' } },
    });
    const options = { ...DEFAULT_RUN_OPTIONS, mode: 'orchestrator', on: [id] } as const;
    const { runId } = await host.invoke('runs.submit', { name: 'rented', workflow, options });
    await until(
      'the run is done',
      async () => (await host.invoke('runs.get', { runId })).run.status === 'done',
    );

    const given = await runCli(place, ['providers', 'release', lease.id, '--json']).ended;
    expect(given.stdout).toContain(lease.id);
    await leaseWhere(host, 'it is given back', ({ state }) => state.status === 'released');
    expect((await host.snapshot()).instances.map(({ name }) => name)).toEqual(['Master']);
    await expect(fetch(`http://127.0.0.1:${port}/system_stats`)).rejects.toThrow();
    await host.invoke('fleet.stopAll', {});
  });
});

describe('kill -9 of the control center', () => {
  let runpod: FakeRunPod;
  beforeEach(async () => {
    runpod = await FakeRunPod.open();
  });
  afterEach(() => runpod.close());

  const start = (place: Workplace) =>
    startHost(place, {
      args: ['--demo=1'],
      environment: { ENSEMBLE_RUNPOD_URL: runpod.url, ENSEMBLE_SIM: '{"bootMs":50}' },
    });

  it('between the request for a pod and its answer rents nothing twice and forgets nothing', async () => {
    const place = newPlace();
    const host = await start(place);
    await host.invoke('providers.save', { provider: RUNPOD, credentials: { apiKey: FAKE_KEY } });
    runpod.faults.add('POST', /pods$/, { kind: 'answer-held' });
    const order = { provider: 'runpod', offer: 'NVIDIA GeForce RTX 4090', pricePerHour: 0.69 };
    const { lease: id } = await host.invoke('providers.rent', { ...order, ttlMinutes: 60, idleMinutes: 0 });
    await until('the pod is there', () => runpod.running.length === 1);
    await host.end('SIGKILL');

    const again = await start(place);
    const lease = await leaseWhere(again, 'it is found', ({ reference }) => reference === 'pod1');
    expect(lease.id).toBe(id);
    expect(runpod.pods).toHaveLength(1);
    expect((await again.invoke('providers.reconcile', {})).orphans).toEqual([]);
    await again.invoke('providers.release', { lease: id, now: true });
    await leaseWhere(again, 'it is over', (one) => !isOpen(one));
    expect(runpod.running).toEqual([]);
  });

  it('with its list of leases lost: what it rented is an orphan, found by its tag', async () => {
    const place = newPlace();
    const host = await start(place);
    await host.invoke('providers.save', { provider: RUNPOD, credentials: { apiKey: FAKE_KEY } });
    const order = { provider: 'runpod', offer: 'NVIDIA GeForce RTX 4090', pricePerHour: 0.69 };
    await host.invoke('providers.rent', { ...order, ttlMinutes: 60, idleMinutes: 0 });
    await leaseWhere(host, 'it has a pod', ({ reference }) => reference !== null);
    await host.end('SIGKILL');
    const text = JSON.stringify(place.json('data', 'leases.json'));
    place.write(text.slice(0, text.length / 2), 'data', 'leases.json');

    const again = await start(place);
    await until(
      'the orphan is found',
      async () => (await again.invoke('providers.reconcile', {})).orphans.length === 1,
    );
    const [orphan] = (await again.invoke('providers.state', {})).orphans;
    expect(orphan).toMatchObject({ provider: 'runpod', reference: 'pod1', pricePerHour: 0.69 });
    await again.notice(/What is rented may not be known/);
    const released = await runCli(place, ['providers', 'release', orphan?.key ?? '']).ended;
    expect(released.code).toBe(0);
    expect(runpod.running).toEqual([]);
  });

  it('never writes the key down where it can be read', async () => {
    const place = newPlace();
    const host = await start(place);
    await host.invoke('providers.save', { provider: RUNPOD, credentials: { apiKey: FAKE_KEY } });
    expect(JSON.stringify(await host.invoke('providers.state', {}))).not.toContain(FAKE_KEY);
    expect(JSON.stringify(place.json('data', 'settings.json'))).not.toContain(FAKE_KEY);
    expect(JSON.stringify(place.json('data', 'provider-secrets.json'))).toContain(FAKE_KEY);
    await host.end('SIGTERM');
    expect(host.program.stdout + host.program.stderr).not.toContain(FAKE_KEY);
  });
});
