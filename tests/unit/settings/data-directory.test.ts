import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  DataDirectory,
  defaultDataDirectory,
  readControlFile,
} from '../../../electron/core/settings/data-directory.ts';
import { isOwnerAlive } from '../../../electron/core/settings/directory-lock.ts';
import { findProcess } from '../../../electron/core/supervisor/process-table.ts';
import { bundleEntry } from './entry.ts';

let bin = '';
let program = '';
let directory = '';
const children: ChildProcess[] = [];

beforeAll(async () => {
  bin = await mkdtemp(path.join(os.tmpdir(), 'holder-'));
  program = await bundleEntry('tests/unit/settings/child.ts', bin);
}, 60_000);
afterAll(async () => {
  await rm(bin, { recursive: true, force: true });
});
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'data-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) await end(child);
  await rm(directory, { recursive: true, force: true });
});

async function hold(): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, [program, 'hold', directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [chunk] = child.stdout ? await once(child.stdout, 'data') : [''];
  return { child, said: String(chunk).trim() };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

const lock = () => path.join(directory, 'control.lock');

describe('the data directory', { timeout: 60_000 }, () => {
  it('belongs to one control center and is free again after release', async () => {
    const first = await DataDirectory.acquire(directory);
    await first.writeControlFile({ url: 'http://127.0.0.1:1', token: 't', pid: process.pid });
    expect((await stat(path.join(directory, 'control.json'))).mode & 0o777).toBe(0o600);
    expect(await readControlFile(directory)).toEqual({
      url: 'http://127.0.0.1:1',
      token: 't',
      pid: process.pid,
    });
    await expect(DataDirectory.acquire(directory)).rejects.toMatchObject({ code: 'conflict' });
    await first.release();
    await first.release();
    expect(await readdir(directory)).toEqual([]);
    await (await DataDirectory.acquire(directory)).release();
  });

  it('refuses a second control center with pid and address', async () => {
    const { child, said } = await hold();
    expect(said).toBe('held');
    await expect(DataDirectory.acquire(directory)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(new RegExp(`process ${child.pid} at http://127\\.0\\.0\\.1:8288`)),
    });
  });

  it('takes over from one that was killed', async () => {
    const { child } = await hold();
    await end(child);
    await (await DataDirectory.acquire(directory)).release();
  });

  it('takes over when the pid now belongs to another process', async () => {
    const { child } = await hold();
    const owner = JSON.parse(await readFile(lock(), 'utf8'));
    await end(child);
    await writeFile(lock(), JSON.stringify({ ...owner, pid: process.pid, startTime: 'another time' }));
    await (await DataDirectory.acquire(directory)).release();
  });

  it('takes over a half-written lock', async () => {
    await writeFile(lock(), '{"pid":');
    await (await DataDirectory.acquire(directory)).release();
  });

  it('lets exactly one of many win, with and without a dead owner before', async () => {
    for (const dead of [false, true]) {
      if (dead) await writeFile(lock(), JSON.stringify({ pid: 2 ** 22 + 7, startTime: 'x', nonce: 'dead' }));
      const results = await Promise.all(Array.from({ length: 5 }, hold));
      expect(results.filter(({ said }) => said === 'held')).toHaveLength(1);
      expect(results.filter(({ said }) => said.startsWith('refused Another Comfy Ensemble'))).toHaveLength(4);
      for (const { child } of results) await end(child);
      await rm(lock(), { force: true });
    }
  });

  it('says in words when the folder cannot be used', async () => {
    await writeFile(path.join(directory, 'file'), '');
    await expect(DataDirectory.acquire(path.join(directory, 'file', 'below'))).rejects.toMatchObject({
      code: 'settings-unwritable',
    });
  });

  it('reads no damaged control file', async () => {
    await writeFile(path.join(directory, 'control.json'), '{"url":5}');
    expect(await readControlFile(directory)).toBeNull();
    expect(await readControlFile(path.join(directory, 'nowhere'))).toBeNull();
  });
});

it('knows the usual places', () => {
  expect(defaultDataDirectory({}, 'linux', '/home/u')).toBe('/home/u/.local/share/comfy-ensemble');
  expect(defaultDataDirectory({ XDG_DATA_HOME: '/x' }, 'linux', '/home/u')).toBe('/x/comfy-ensemble');
  expect(defaultDataDirectory({ XDG_DATA_HOME: 'x' }, 'linux', '/home/u')).toBe(
    '/home/u/.local/share/comfy-ensemble',
  );
  expect(defaultDataDirectory({}, 'darwin', '/Users/u')).toBe(
    '/Users/u/Library/Application Support/Comfy Ensemble',
  );
  expect(defaultDataDirectory({ APPDATA: 'C:\\A' }, 'win32', 'C:\\u')).toBe('C:\\A\\Comfy Ensemble');
  expect(defaultDataDirectory({ ENSEMBLE_DATA: '/mine' }, 'linux', '/home/u')).toBe('/mine');
});

it('knows a living owner from a dead one and from a stranger with its pid', async () => {
  const own = (await findProcess(process.pid))?.startTime ?? null;
  expect(await isOwnerAlive({ pid: process.pid, startTime: own })).toBe(true);
  expect(await isOwnerAlive({ pid: process.pid, startTime: null })).toBe(true);
  expect(await isOwnerAlive({ pid: process.pid, startTime: 'another life' })).toBe(false);
  expect(await isOwnerAlive({ pid: 2 ** 22 + 7, startTime: null })).toBe(false);
});
