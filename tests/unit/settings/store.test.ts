import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { diskFiles, type SettingsFiles, SettingsStore } from '../../../electron/core/settings/store.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../shared/settings.ts';
import { bundleEntry } from './entry.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'settings-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const file = (name = 'settings.json') => path.join(directory, name);
const open = (files?: SettingsFiles) =>
  SettingsStore.open(directory, { clock: systemClock, logger: silentLogger, ...(files ? { files } : {}) });
const rename = (name: string) => (settings: Settings) => ({
  ...settings,
  master: { ...settings.master, name },
});
const failing = (code: string): SettingsFiles => ({
  ...diskFiles,
  write: async () => {
    throw Object.assign(new Error(code), { code });
  },
});

describe('the settings store', { timeout: 60_000 }, () => {
  it('reads how the ComfyUI address is reached, and closes it where that was not valid', async () => {
    const reached = { gatewayPort: 8201, gatewayOpen: true, gatewayNames: ['a.example:443'] };
    await writeFile(file(), JSON.stringify({ version: 1, ...reached, gatewayDistribution: 'fan-out' }));
    expect((await open()).value).toMatchObject({ ...reached, gatewayDistribution: 'fan-out' });
    const wrong = { gatewayOpen: 'yes', gatewayNames: ['*'], gatewayDistribution: 'all' };
    await writeFile(file(), JSON.stringify({ version: 1, ...wrong }));
    const store = await open();
    expect(store.value).toEqual(DEFAULT_SETTINGS);
    expect(store.problems).toHaveLength(3);
  });

  it('begins with defaults and writes nothing until something changes', async () => {
    const store = await open();
    expect(store.value).toEqual(DEFAULT_SETTINGS);
    expect(await readdir(directory)).toEqual([]);
  });

  it('keeps a change, tells it once, and skips what changes nothing', async () => {
    const store = await open();
    const told: string[] = [];
    store.onChange((settings) => told.push(settings.master.name));
    await store.update(rename('Boss'));
    await store.update(rename('Boss'));
    expect(told).toEqual(['Boss']);
    expect((await open()).value.master.name).toBe('Boss');
  });

  it('runs concurrent updates one after the other', async () => {
    const store = await open();
    const add = (settings: Settings) => ({
      ...settings,
      readyTimeoutSeconds: settings.readyTimeoutSeconds + 1,
    });
    await Promise.all(Array.from({ length: 25 }, () => store.update(add)));
    expect((await open()).value.readyTimeoutSeconds).toBe(DEFAULT_SETTINGS.readyTimeoutSeconds + 25);
  });

  it('goes on after an update that throws', async () => {
    const store = await open();
    const broken = store.update(() => {
      throw new Error('no');
    });
    await expect(broken).rejects.toThrow('no');
    expect((await store.update(rename('Next'))).master.name).toBe('Next');
  });

  it('keeps keys that it does not know, at every level', async () => {
    await writeFile(file(), JSON.stringify({ version: 1, later: 7, master: { name: 'M', colour: 'red' } }));
    const store = await open();
    await store.update((settings) => ({ ...settings, theme: 'dark' }));
    expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({
      later: 7,
      theme: 'dark',
      master: { name: 'M', colour: 'red', port: 8188 },
    });
  });

  it('mends bad fields one by one and says so', async () => {
    const worker = { id: 'w1', type: 'local', name: 'W', port: 8189, device: '0' };
    await writeFile(
      file(),
      JSON.stringify({
        version: 1,
        theme: 'pink',
        master: { name: 'M', port: 0 },
        workers: [worker, { id: 1 }, worker],
      }),
    );
    const { value, problems } = await open();
    expect(value.theme).toBe('system');
    expect(value.master).toMatchObject({ name: 'M', port: 8188 });
    expect(value.workers).toEqual([{ ...worker, extraArgs: '', selected: true }]);
    expect(problems).toHaveLength(4);
  });

  it.each(['', '{"version":1,', '[]', 'null', '\u0000\u0001'])(
    'sets a broken file aside and uses the backup: %j',
    async (text) => {
      await (await open()).update(rename('Kept'));
      await writeFile(file(), text);
      const store = await open();
      expect(store.value.master.name).toBe('Kept');
      expect(store.problems[0]).toMatch(/damaged.*settings\.broken-.*backup/);
      const aside = (await readdir(directory)).find((name) => name.startsWith('settings.broken-'));
      expect(await readFile(file(aside), 'utf8')).toBe(text);
      expect((await open()).problems).toEqual([]);
    },
  );

  it('falls back to defaults when the backup is broken too', async () => {
    await writeFile(file(), '{');
    await writeFile(file('settings.json.bak'), '{');
    const store = await open();
    expect(store.value).toEqual(DEFAULT_SETTINGS);
    expect(store.problems[0]).toMatch(/no good backup/);
  });

  it('reads settings from the future and refuses to write them', async () => {
    const text = JSON.stringify({ version: 99, theme: 'dark', master: { name: 'Tomorrow' } });
    await writeFile(file(), text);
    const store = await open();
    expect(store.value).toMatchObject({ theme: 'dark', master: { name: 'Tomorrow' } });
    expect(store.problems).toEqual([expect.stringContaining('newer Comfy Ensemble (version 99)')]);
    await expect(store.update(rename('Now'))).rejects.toMatchObject({ code: 'settings-unwritable' });
    expect(await readFile(file(), 'utf8')).toBe(text);
  });

  it('uses defaults and saves nothing when the file cannot be read', async () => {
    const denied = Object.assign(new Error('denied'), { code: 'EACCES' });
    const store = await open({ ...diskFiles, read: () => Promise.reject(denied) });
    expect(store.problems[0]).toMatch(/cannot be read \(EACCES\)/);
    await expect(store.update(rename('X'))).rejects.toMatchObject({ code: 'settings-unwritable' });
  });

  it.each([
    ['ENOSPC', 'disk-full'],
    ['EROFS', 'settings-unwritable'],
  ])('reports %s as %s and changes nothing', async (code, expected) => {
    const store = await open(failing(code));
    await expect(store.update(rename('X'))).rejects.toMatchObject({
      code: expected,
      hint: expect.any(String),
    });
    expect(store.value).toEqual(DEFAULT_SETTINGS);
  });
});

describe('kill -9 at any moment', () => {
  it('leaves valid settings that never go back', { timeout: 120_000 }, async () => {
    const child = await bundleEntry('tests/unit/settings/child.ts', path.join(directory, 'bin'));
    const data = path.join(directory, 'data');
    let best = 0;
    for (let round = 0; round < 12; round += 1) {
      const writer: ChildProcess = spawn(process.execPath, [child, 'write', data], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      if (writer.stdout) await once(writer.stdout, 'data');
      await pause(5 + round * 7);
      const exit = once(writer, 'exit');
      writer.kill('SIGKILL');
      await exit;
      const settings: Settings = JSON.parse(await readFile(path.join(data, 'settings.json'), 'utf8'));
      const count = Number(settings.master.extraArgs);
      expect(count).toBeGreaterThanOrEqual(best);
      best = count;
    }
    expect(best).toBeGreaterThan(0);
    const store = await SettingsStore.open(data, { clock: systemClock, logger: silentLogger });
    expect(store.problems).toEqual([]);
    expect((await readdir(data)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
