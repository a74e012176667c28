import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { InstallCandidate } from '../../../electron/core/installs/check.ts';
import { findInstalls } from '../../../electron/core/installs/find.ts';
import { parseFlags, parseVersion } from '../../../electron/core/installs/help-text.ts';
import { pythonCandidates } from '../../../electron/core/installs/python.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import type { ComfyInstall } from '../../../shared/model.ts';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'home-'));
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

async function makeRoot(...parts: readonly string[]): Promise<string> {
  const root = path.join(home, ...parts);
  await mkdir(root, { recursive: true });
  await writeFile(path.join(root, 'main.py'), '');
  return root;
}

const accept = async (candidate: InstallCandidate): Promise<ComfyInstall> => ({
  root: candidate.root,
  python: candidate.python ?? 'python',
  version: null,
  source: candidate.source,
  flags: [],
  baseDirectory: candidate.baseDirectory ?? null,
});

it.skipIf(process.platform === 'win32')(
  'finds settings, COMFYUI_PATH and usual folders in this order, each once',
  async () => {
    const usual = await makeRoot('ComfyUI');
    const named = await makeRoot('elsewhere');
    const chosen = await makeRoot('chosen');
    const { found, rejected } = await findInstalls({
      env: { COMFYUI_PATH: named },
      platform: 'linux',
      home,
      extra: [
        { root: chosen, python: '/p', source: 'settings' },
        { root: named, python: null, source: 'settings' },
      ],
      check: accept,
    });
    expect(found.map(({ root, source }) => [root, source])).toEqual([
      [chosen, 'settings'],
      [named, 'settings'],
      [usual, 'usual-folder'],
    ]);
    expect(rejected).toEqual([]);
  },
);

it('tells why a named folder is refused and is silent about usual ones that are not there', async () => {
  const { found, rejected } = await findInstalls({
    env: { COMFYUI_PATH: path.join(home, 'nowhere') },
    platform: process.platform,
    home,
    extra: [],
    check: () => Promise.reject(new EnsembleError('no-comfyui', 'No.', 'Do this.')),
  });
  expect(found).toEqual([]);
  expect(rejected).toEqual([{ root: path.join(home, 'nowhere'), message: 'No.', hint: 'Do this.' }]);
});

it.skipIf(process.platform === 'win32')('finds Comfy Desktop’s base path with its own venv', async () => {
  const base = await makeRoot('Documents', 'Comfy');
  await mkdir(path.join(home, '.config', 'ComfyUI'), { recursive: true });
  const config = path.join(home, '.config', 'ComfyUI', 'config.json');
  await writeFile(config, JSON.stringify({ basePath: base, installState: 'installed', more: [1] }));
  const search = () => findInstalls({ env: {}, platform: 'linux', home, extra: [], check: accept });
  expect((await search()).found).toMatchObject([{ root: base, source: 'comfy-desktop' }]);
  await writeFile(config, '{"basePath":');
  expect((await search()).found).toEqual([]);
});

it('orders Pythons by likelihood', () => {
  const windows = pythonCandidates('D:\\AI\\portable\\ComfyUI', {
    env: { COMFYUI_PYTHON: 'C:\\py.exe' },
    platform: 'win32',
    home: 'C:\\u',
  });
  expect(windows.slice(0, 3)).toEqual([
    'C:\\py.exe',
    'D:\\AI\\portable\\python_embeded\\python.exe',
    'D:\\AI\\portable\\ComfyUI\\python_embeded\\python.exe',
  ]);
  expect(windows).toContain('D:\\AI\\portable\\ComfyUI\\venv\\Scripts\\python.exe');
  const linux = pythonCandidates('/c/ComfyUI', {
    env: { CONDA_PREFIX: '/conda' },
    platform: 'linux',
    home: '/h',
  });
  expect(linux).toEqual(
    expect.arrayContaining(['/c/ComfyUI/.venv/bin/python', '/conda/bin/python', 'python3']),
  );
  expect(linux.indexOf('/c/ComfyUI/venv/bin/python')).toBeLessThan(linux.indexOf('/conda/bin/python'));
});

it('reads flags and versions', () => {
  const help =
    'usage: main.py [-h] [--listen [IP]]\n  [--fp8_e4m3fn-unet | --cpu]\n  --port PORT  See --listen. A--b ---- word--';
  expect(parseFlags(help)).toEqual(['--cpu', '--fp8_e4m3fn-unet', '--listen', '--port']);
  expect(parseVersion('# x\n__version__ = "0.33.0"\n')).toBe('0.33.0');
  expect(parseVersion('nothing')).toBeNull();
});
