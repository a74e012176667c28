import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../shared/settings.ts';
import { distFile } from '../setup/dist.ts';
import { FakeComfy, FakeSmi } from './support/fake-comfy.ts';
import { MASTER_ID, rosterOn } from './support/fleets.ts';
import { Program } from './support/host.ts';
import { newPlace, startCenter } from './support/places.ts';
import { until } from './support/until.ts';
import { freePorts, type Workplace } from './support/workplace.ts';

/** A fleet on free ports, already populated. */
async function settingsOn(place: Workplace, count: number, change = {}): Promise<readonly number[]> {
  const ports = await freePorts(count);
  place.write(await rosterOn(place.file('world'), ports, change), 'data', 'settings.json');
  return ports;
}

/** A ComfyUI that somebody else started. */
async function foreignComfy(place: Workplace, port: number): Promise<Program> {
  const folder = place.file('foreign');
  mkdirSync(folder, { recursive: true });
  const args = ['comfyui', '--cpu', '--port', String(port), '--base-directory', folder];
  const environment = { ...place.environment(), ENSEMBLE_SIM: '{"bootMs":50}' };
  const program = new Program(
    spawn(process.execPath, [distFile('simulator.cjs'), ...args], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  await until('the foreign ComfyUI answers', () => answers(port));
  return program;
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/system_stats`).then(
    ({ ok }) => ok,
    () => false,
  );
}

describe('the real set-up', () => {
  it('finds COMFYUI_PATH, populates once from nvidia-smi, and starts on the GPUs it gave', async () => {
    const place = newPlace();
    const comfy = new FakeComfy(place);
    const { gpus } = await FakeSmi.create(place, 3);
    const [master = 0, first = 0, second = 0] = await freePorts(3);
    place.write(
      { ...DEFAULT_SETTINGS, autoLaunch: false, master: { ...DEFAULT_SETTINGS.master, port: master } },
      'data',
      'settings.json',
    );
    const environment = { COMFYUI_PATH: comfy.root };
    const center = await startCenter(place, { environment });

    const fleet = await center.snapshot();
    expect(fleet.setup).toMatchObject({
      status: 'configured',
      install: { root: comfy.root, python: comfy.python, version: '0.33.0', source: 'environment' },
    });
    expect(fleet.instances.map(({ name, device }) => ({ name, device }))).toEqual([
      { name: 'Master', device: gpus[0]?.uuid },
      { name: 'Worker 1', device: gpus[1]?.uuid },
      { name: 'Worker 2', device: gpus[2]?.uuid },
    ]);
    expect(fleet.instances[0]?.port).toBe(master);
    const ports = fleet.instances.slice(1).map(({ port }) => port);
    expect(ports.every((port) => port >= 8189)).toBe(true);
    expect(new Set(ports).size).toBe(2);

    for (const [id, port] of [
      ['worker-1', first],
      ['worker-2', second],
    ] as const) {
      const { name, device, extraArgs } = await center.instance(id);
      const draft = { name, device, extraArgs, port };
      await center.invoke('worker.update', { id, draft, restart: false });
    }
    await center.invoke('fleet.startAll', {});
    await center.allReady(3);
    await center.fleetWhere('every placement is verified', ({ instances }) =>
      instances.every(({ placement }) => placement.status === 'verified'),
    );
    await center.control.close(true);
    await place.untilEmpty();

    place.write({ ...(place.json('data', 'settings.json') as object), workers: [] }, 'data', 'settings.json');
    const again = await startCenter(place, { environment });
    expect((await again.snapshot()).instances.map(({ id }) => id)).toEqual([MASTER_ID]);
  });

  it('starts servers apart from each other: own output, temp and database, shared input', async () => {
    const place = newPlace();
    const comfy = new FakeComfy(place);
    await FakeSmi.create(place, 2);
    await settingsOn(place, 2);
    const center = await startCenter(place, { environment: { COMFYUI_PATH: comfy.root } });
    await center.allReady(2);
    for (const id of [MASTER_ID, 'worker-1']) {
      const { pictureId } = await center.invoke('instance.testPicture', { id });
      await center.instanceWhere(id, 'is done', ({ picture }) => picture?.status === 'done');
      expect(
        (await center.control.serveFile(`/files/pictures/${pictureId}.png`, new URLSearchParams()))?.status,
      ).toBe(200);
    }
    expect(readdirSync(place.file('ComfyUI', 'output')).length).toBeGreaterThan(0);
    expect(readdirSync(place.file('data', 'instances', 'worker-1', 'output')).length).toBeGreaterThan(0);
  });

  it.each<[string, (place: Workplace, comfy: FakeComfy) => { root: string; python?: string }, RegExp]>([
    ['a folder that is not there', (place) => ({ root: place.file('nothing') }), /There is no folder/],
    ['a folder without main.py', (place) => ({ root: place.home }), /has no main\.py/],
    [
      'another program’s main.py',
      (place) => {
        place.write('', 'other', 'main.py');
        return { root: place.file('other') };
      },
      /is not ComfyUI’s/,
    ],
    [
      'a Python that is not there',
      (place, comfy) => ({ root: comfy.root, python: place.file('no-python') }),
      /There is no Python at/,
    ],
    [
      'a Python without torch',
      (place, comfy) => {
        const script = '#!/bin/sh\n[ "$1" = -c ] && echo missing:torch && exit 0\nexec VENV "$@"\n';
        const python = place.write(script.replace('VENV', comfy.python), 'bare-python');
        chmodSync(python, 0o755);
        return { root: comfy.root, python };
      },
      /lacks torch/,
    ],
    [
      'a main.py that fails',
      (place, comfy) => {
        const python = place.write('#!/bin/sh\necho "SyntaxError: invalid" >&2\nexit 1\n', 'old-python');
        chmodSync(python, 0o755);
        return { root: comfy.root, python };
      },
      /too old/,
    ],
  ])('says in a sentence why it is wrong: %s', async (_what, make, sentence) => {
    const place = newPlace();
    const comfy = new FakeComfy(place);
    place.write({ ...DEFAULT_SETTINGS, autoLaunch: false }, 'data', 'settings.json');
    const center = await startCenter(place, { demo: 1 });
    const { root, python } = make(place, comfy);
    const check = center.invoke('comfyui.check', { root, python: python ?? null });
    await expect(check).rejects.toMatchObject({
      code: 'no-comfyui',
      message: expect.stringMatching(sentence),
    });
    await expect(check).rejects.toHaveProperty('hint', expect.stringMatching(/\w/));
    const use = center.invoke('comfyui.use', { root, python: python ?? null });
    await expect(use).rejects.toMatchObject({ code: 'no-comfyui' });
    expect((await center.snapshot()).setup.status).toBe('demo');
  });

  it('leaves the demo for a chosen ComfyUI, and the demo’s servers end', async () => {
    const place = newPlace();
    const comfy = new FakeComfy(place);
    await FakeSmi.create(place, 1);
    const [port] = await settingsOn(place, 1);
    const center = await startCenter(place, { demo: 1, environment: { ENSEMBLE_SIM: '{"bootMs":50}' } });
    await center.allReady(1);
    const demo = await center.instance(MASTER_ID);
    await center.invoke('comfyui.use', { root: comfy.root, python: null });
    await center.fleetWhere(
      'the real master is ready',
      ({ setup, instances }) => setup.status === 'configured' && instances[0]?.process.status === 'ready',
    );
    expect(await center.instance(MASTER_ID)).toMatchObject({ port, simulated: false });
    expect(await answers(demo.port)).toBe(false);
    await center.invoke('demo.start', { gpus: 2 });
    expect((await center.snapshot()).setup).toEqual({ status: 'demo', gpus: 2 });
    await center.invoke('demo.stop', {});
    expect((await center.snapshot()).setup.status).toBe('configured');
  });

  it('attaches to a ComfyUI that already answers on the master’s port, and never stops it', async () => {
    const place = newPlace();
    const comfy = new FakeComfy(place);
    await FakeSmi.create(place, 2);
    const [port = 0] = await settingsOn(place, 2);
    const foreign = await foreignComfy(place, port);
    const center = await startCenter(place, { environment: { COMFYUI_PATH: comfy.root } });
    await center.instanceWhere('worker-1', 'is ready', ({ process }) => process.status === 'ready');
    const master = await center.instanceWhere(MASTER_ID, 'answers', ({ link }) => link.status === 'up');
    expect(master).toMatchObject({ control: 'attached', process: { status: 'stopped' } });
    expect(comfy.starts(port)).toBe(0);
    await center.notice(/already running is the master/);
    await center.invoke('instance.testPicture', { id: MASTER_ID });
    await center.instanceWhere(MASTER_ID, 'has made a picture', ({ picture }) => picture?.status === 'done');
    for (const command of ['instance.stop', 'instance.restart'] as const) {
      await expect(center.invoke(command, { id: MASTER_ID })).rejects.toMatchObject({ code: 'conflict' });
    }
    await center.invoke('fleet.stopAll', {});
    expect((await center.instance('worker-1')).process.status).toBe('stopped');
    expect(await answers(port)).toBe(true);
    await center.control.close(true);
    expect(await answers(port)).toBe(true);
    foreign.child.kill('SIGKILL');
    await foreign.ended;
  });

  it('can launch the master by hand after the attached server has ended', async () => {
    const place = newPlace();
    const comfy = new FakeComfy(place);
    await FakeSmi.create(place, 1);
    const [port = 0] = await settingsOn(place, 1);
    const foreign = await foreignComfy(place, port);
    const center = await startCenter(place, { environment: { COMFYUI_PATH: comfy.root } });
    await center.instanceWhere(MASTER_ID, 'answers', ({ link }) => link.status === 'up');
    foreign.child.kill('SIGKILL');
    await foreign.ended;
    await center.instanceWhere(MASTER_ID, 'is down', ({ link }) => link.status === 'down');
    await center.invoke('instance.start', { id: MASTER_ID });
    await center.stateOf(MASTER_ID, 'ready');
    expect((await center.instance(MASTER_ID)).control).toBe('managed');
  });

  it('imports the plugin’s configuration, with the same words before and after', async () => {
    const place = newPlace();
    const comfy = new FakeComfy(place);
    await FakeSmi.create(place, 3);
    const [master = 0, a = 0, b = 0] = await settingsOn(place, 3, { workers: [], autoLaunch: false });
    const config = {
      master: { port: master, cuda_device: 0 },
      workers: [
        { id: 'x', name: 'Left', port: a, cuda_device: 1, enabled: true, extra_args: '--lowvram' },
        { id: 'y', name: 'Right', port: b, cuda_device: 2, enabled: false, extra_args: '' },
      ],
      settings: {},
    };
    const file = place.write(config, 'gpu_config.json');
    const center = await startCenter(place, { environment: { COMFYUI_PATH: comfy.root } });
    const preview = await center.invoke('import.preview', { source: { path: file } });
    expect(preview.changes.length).toBeGreaterThan(0);
    expect((await center.snapshot()).instances).toHaveLength(1);
    const applied = await center.invoke('import.apply', { source: { text: JSON.stringify(config) } });
    expect(applied).toEqual(preview);
    const { instances } = await center.snapshot();
    expect(
      instances.map(({ name, port, selected, extraArgs }) => ({ name, port, selected, extraArgs })),
    ).toEqual([
      { name: 'Master', port: master, selected: true, extraArgs: '' },
      { name: 'Left', port: a, selected: true, extraArgs: '--lowvram' },
      { name: 'Right', port: b, selected: false, extraArgs: '' },
    ]);
    await center.invoke('fleet.startAll', {});
    await center.allReady(3);
    await expect(
      center.invoke('import.preview', { source: { path: '/nowhere.json' } }),
    ).rejects.toMatchObject({
      code: 'bad-argument',
    });
  });

  it('starts the demo where there is no ComfyUI, and says why where the configured one is gone', async () => {
    const place = newPlace();
    place.write(
      { ...DEFAULT_SETTINGS, autoLaunch: false, comfyui: { root: place.file('gone'), python: null } },
      'data',
      'settings.json',
    );
    const center = await startCenter(place);
    const fleet = await center.snapshot();
    expect(fleet.setup).toEqual({ status: 'demo', gpus: 4 });
    expect(fleet.instances).toHaveLength(4);
    const notice = await center.notice(/The ComfyUI of the settings cannot be used/);
    expect(notice.detail).toContain(place.file('gone'));
    const { rejected } = await center.invoke('comfyui.find', {});
    expect(rejected.some(({ root }) => root === place.file('gone'))).toBe(true);
  });
});
