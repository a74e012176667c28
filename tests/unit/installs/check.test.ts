import { chmod, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CheckDeps, checkInstall } from '../../../electron/core/installs/check.ts';
import { CheckCache } from '../../../electron/core/installs/check-cache.ts';
import type { CommandResult, RunCommand } from '../../../electron/core/programs/run-command.ts';
import { runCommand } from '../../../electron/core/programs/run-command.ts';

const HELP = 'usage: main.py [-h] [--listen [IP]] [--port PORT]\n  --output-directory OUTPUT_DIRECTORY\n';
const OK: CommandResult = { code: 0, stdout: HELP, stderr: '', timedOut: false, spawnError: null };

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'installs-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function makeComfy(name = 'ComfyUI'): Promise<string> {
  const root = path.join(directory, name);
  await mkdir(path.join(root, 'comfy'), { recursive: true });
  await mkdir(path.join(root, 'venv', 'bin'), { recursive: true });
  await writeFile(path.join(root, 'main.py'), '');
  await writeFile(path.join(root, 'nodes.py'), '');
  await writeFile(path.join(root, 'comfyui_version.py'), '__version__ = "0.3.64"\n');
  await makeExecutable(path.join(root, 'venv', 'bin', 'python'));
  return root;
}

async function makeExecutable(file: string, content = '#!/bin/sh\nexit 0\n'): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
  await chmod(file, 0o755);
}

interface Fake {
  readonly deps: CheckDeps;
  readonly calls: string[];
}

function fake(answer: (python: string, args: readonly string[]) => CommandResult, cache?: string): Fake {
  const calls: string[] = [];
  const run: RunCommand = async (line, args) => {
    const python = line.command[0] ?? '';
    if (args[0] === 'main.py') calls.push(python);
    return answer(python, args);
  };
  return {
    calls,
    deps: { run, cache: new CheckCache(cache ?? null), env: {}, platform: 'linux', home: directory },
  };
}

const healthy = (): Fake =>
  fake((_python, args) => (args[0] === 'main.py' ? OK : { ...OK, stdout: 'missing:\n' }));
const picked = (root: string, python: string | null = null) => ({ root, python, source: 'picked' }) as const;

describe.skipIf(process.platform === 'win32')('checking a folder', () => {
  it('finds the venv inside, the version and the flags', async () => {
    const root = await makeComfy();
    const install = await checkInstall(picked(root), healthy().deps);
    expect(install).toEqual({
      root,
      python: path.join(root, 'venv', 'bin', 'python'),
      version: '0.3.64',
      source: 'picked',
      flags: ['--listen', '--output-directory', '--port'],
      baseDirectory: null,
    });
  });

  it('takes main.py itself, the folder around it and ~ for the folder', async () => {
    const root = await makeComfy();
    for (const given of [path.join(root, 'main.py'), directory, '~/ComfyUI', ` ${root}/ `]) {
      expect((await checkInstall(picked(given), healthy().deps)).root).toBe(root);
    }
  });

  it('prefers COMFYUI_PYTHON, and a given python over everything', async () => {
    const root = await makeComfy();
    const mine = path.join(directory, 'mine');
    const other = path.join(directory, 'other');
    await makeExecutable(mine);
    await makeExecutable(other);
    const { deps } = healthy();
    const withEnv = { ...deps, env: { COMFYUI_PYTHON: mine } };
    expect((await checkInstall(picked(root), withEnv)).python).toBe(mine);
    expect((await checkInstall(picked(root, other), withEnv)).python).toBe(other);
  });

  it('uses python_embeded beside the folder (Windows portable)', async () => {
    const root = await makeComfy();
    const embedded = path.join(directory, 'python_embeded', 'python.exe');
    await makeExecutable(embedded);
    expect((await checkInstall(picked(directory), healthy().deps)).python).toBe(embedded);
    expect((await checkInstall(picked(root), healthy().deps)).python).toBe(embedded);
  });

  it('goes on to the next python when the first lacks torch', async () => {
    const root = await makeComfy();
    const bare = path.join(root, 'venv', 'bin', 'python');
    const good = path.join(root, '.venv', 'bin', 'python');
    await makeExecutable(good);
    const { deps } = fake((python, args) => {
      if (args[0] === 'main.py') return OK;
      return { ...OK, stdout: python === bare ? 'missing:torch,yaml\n' : 'missing:\n' };
    });
    expect((await checkInstall(picked(root), deps)).python).toBe(good);
  });

  it('asks once, until main.py changes, also after a restart', async () => {
    const root = await makeComfy();
    const file = path.join(directory, 'checks.json');
    const answer = (_python: string, args: readonly string[]) =>
      args[0] === 'main.py' ? OK : { ...OK, stdout: 'missing:\n' };
    const first = fake(answer, file);
    await checkInstall(picked(root), first.deps);
    await checkInstall(picked(root), first.deps);
    expect(first.calls).toHaveLength(1);
    expect(JSON.parse(await readFile(file, 'utf8'))).toHaveLength(1);
    const second = fake(answer, file);
    await checkInstall(picked(root), second.deps);
    expect(second.calls).toHaveLength(0);
    await utimes(path.join(root, 'main.py'), 1, 1);
    await checkInstall(picked(root), second.deps);
    expect(second.calls).toHaveLength(1);
  });

  it('survives a broken cache file', async () => {
    const root = await makeComfy();
    const file = path.join(directory, 'checks.json');
    await writeFile(file, '[{"key":');
    const { deps } = fake((_p, args) => (args[0] === 'main.py' ? OK : { ...OK, stdout: 'missing:' }), file);
    expect((await checkInstall(picked(root), deps)).version).toBe('0.3.64');
  });
});

describe.skipIf(process.platform === 'win32')('a folder that is wrong gets its own sentence', () => {
  const refusal = async (root: string, deps: CheckDeps, python: string | null = null) =>
    checkInstall(picked(root, python), deps).then(
      () => 'accepted',
      (error: Error) => error.message,
    );
  const failing = (result: Partial<CommandResult>): CheckDeps =>
    fake(() => ({ ...OK, code: 1, stdout: '', ...result })).deps;

  it('which differs for each reason', async () => {
    const root = await makeComfy();
    const other = path.join(directory, 'other');
    await mkdir(path.join(other, 'empty'), { recursive: true });
    await writeFile(path.join(other, 'main.py'), 'print("hello")');
    const { deps } = healthy();
    const sentences = [
      await refusal('', deps),
      await refusal(path.join(directory, 'nowhere'), deps),
      await refusal(path.join(other, 'empty'), deps),
      await refusal(other, deps),
      await refusal(root, deps, path.join(directory, 'no-python')),
      await refusal(root, failing({ stderr: "ModuleNotFoundError: No module named 'yaml'" })),
      await refusal(root, failing({ stderr: '  File "main.py", line 3\nSyntaxError: invalid syntax' })),
      await refusal(root, failing({ code: null, timedOut: true })),
      await refusal(root, failing({ code: null, spawnError: 'EACCES' })),
      await refusal(root, failing({ stderr: 'boom\nvery last line\n' })),
      await refusal(root, failing({ code: 0, stdout: 'usage: main.py [--hello]' })),
      await refusal(
        root,
        fake((_p, args) => ({ ...OK, stdout: args[0] === 'main.py' ? HELP : 'missing:torch\n' })).deps,
      ),
    ];
    expect(sentences).toMatchObject([
      'No folder was given.',
      expect.stringContaining('There is no folder'),
      expect.stringContaining('has no main.py'),
      expect.stringContaining('it is not ComfyUI’s'),
      expect.stringContaining('There is no Python at'),
      expect.stringContaining('it lacks yaml'),
      expect.stringContaining('too old'),
      expect.stringContaining('did not answer'),
      expect.stringContaining('not allowed to run'),
      expect.stringContaining('very last line'),
      expect.stringContaining('it is not ComfyUI’s'),
      expect.stringContaining('it lacks torch'),
    ]);
    expect(new Set(sentences).size).toBeGreaterThanOrEqual(11);
  });
});

const real = process.env['COMFYUI_PATH'];
describe.skipIf(real === undefined)('the real ComfyUI of COMFYUI_PATH', () => {
  it('is accepted with its version and flags', { timeout: 120_000 }, async () => {
    const deps = {
      run: runCommand,
      cache: new CheckCache(null),
      env: process.env,
      platform: process.platform,
    };
    const install = await checkInstall(picked(real ?? ''), { ...deps, home: os.homedir() });
    expect(install.version).toMatch(/^\d+\.\d+/);
    expect(install.flags).toEqual(
      expect.arrayContaining(['--port', '--cuda-device', '--cpu', '--temp-directory']),
    );
    expect(install.flags.length).toBeGreaterThan(60);
  });

  it('is refused with a Python that lacks its modules', { timeout: 120_000 }, async () => {
    const bare = process.env['BARE_PYTHON'];
    if (bare === undefined) return;
    const deps = {
      run: runCommand,
      cache: new CheckCache(null),
      env: process.env,
      platform: process.platform,
    };
    await expect(checkInstall(picked(real ?? '', bare), { ...deps, home: os.homedir() })).rejects.toThrow(
      /it lacks .*torch/,
    );
  });
});
