import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { EnsembleError } from '../../../shared/errors.ts';
import type { ComfyInstall, InstallSource } from '../../../shared/model.ts';
import type { RunCommand } from '../programs/run-command.ts';
import { isExecutable, which } from '../programs/which.ts';
import type { CheckCache } from './check-cache.ts';
import { desktopCandidates } from './comfy-desktop.ts';
import { parseVersion } from './help-text.ts';
import { notComfyUi, probeInstall } from './probe.ts';
import { pythonCandidates } from './python.ts';

export interface InstallCandidate {
  /** The folder that holds main.py, or one above it (the portable package); "~" is the home folder. */
  readonly root: string;
  /** null = find one. */
  readonly python: string | null;
  readonly source: InstallSource;
  /** Comfy Desktop's folder of models and nodes. */
  readonly baseDirectory?: string | null;
}

export interface CheckDeps {
  readonly run: RunCommand;
  readonly cache: CheckCache;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

/**
 * Is this folder a ComfyUI that can run, and with which Python and flags?
 * @throws EnsembleError('no-comfyui') with a sentence for each way a folder can be wrong
 */
export async function checkInstall(candidate: InstallCandidate, deps: CheckDeps): Promise<ComfyInstall> {
  const root = await findRoot(candidate.root, deps.home);
  const { python, flags } = await findPython(root, candidate.python, deps);
  return {
    root,
    python,
    version: await readVersion(root),
    source: candidate.source,
    flags,
    baseDirectory: candidate.baseDirectory ?? (await desktopBaseOf(root, deps)),
  };
}

/** The folder of main.py, also when its own path, or the folder around it, was given. */
async function findRoot(given: string, home: string): Promise<string> {
  const text = given.trim();
  if (text === '') throw refuse('No folder was given.', 'Give the folder that holds ComfyUI’s main.py.');
  const expanded = path.resolve(/^~(?=$|[\\/])/.test(text) ? home + text.slice(1) : text);
  const kind = await kindOf(expanded);
  if (kind === 'nothing') {
    throw refuse(`There is no folder ${expanded}.`, 'Check the path, or pick another folder.');
  }
  const folder = kind === 'file' ? path.dirname(expanded) : expanded;
  for (const root of [folder, path.join(folder, 'ComfyUI')]) {
    if ((await kindOf(path.join(root, 'main.py'))) !== 'file') continue;
    const whole =
      (await kindOf(path.join(root, 'comfy'))) === 'folder' &&
      (await kindOf(path.join(root, 'nodes.py'))) === 'file';
    if (!whole) throw notComfyUi(root);
    return root;
  }
  throw refuse(`${folder} has no main.py.`, 'Pick the folder that holds ComfyUI’s own main.py.');
}

async function findPython(
  root: string,
  given: string | null,
  deps: CheckDeps,
): Promise<{ python: string; flags: readonly string[] }> {
  if (given !== null && given.trim() !== '') {
    const python = await resolveProgram(given.trim(), deps);
    if (python === null) {
      throw refuse(`There is no Python at ${given}.`, 'Give the path of the python that ComfyUI runs with.');
    }
    return { python, flags: await flagsOf(root, python, deps) };
  }
  let first: unknown = null;
  for (const candidate of pythonCandidates(root, deps)) {
    const python = await resolveProgram(candidate, deps);
    if (python === null) continue;
    try {
      return { python, flags: await flagsOf(root, python, deps) };
    } catch (error) {
      first ??= error;
    }
  }
  throw (
    first ??
    refuse(
      `No Python was found for ${root}.`,
      'Make a virtual environment in it, or set COMFYUI_PYTHON to the python that ComfyUI runs with.',
    )
  );
}

async function flagsOf(root: string, python: string, deps: CheckDeps): Promise<readonly string[]> {
  const known = await deps.cache.get(root, python);
  if (known !== null) return known;
  const flags = await probeInstall(root, python, deps.run);
  await deps.cache.set(root, python, flags);
  return flags;
}

async function resolveProgram(program: string, deps: CheckDeps): Promise<string | null> {
  const expanded = /^~(?=[\\/])/.test(program) ? deps.home + program.slice(1) : program;
  if (!/[\\/]/.test(expanded)) return which(expanded, deps.env, deps.platform);
  const file = path.resolve(expanded);
  return (await isExecutable(file)) ? file : null;
}

/** The settings remember root and python only: Comfy Desktop's code is told by where it lies. */
async function desktopBaseOf(root: string, deps: CheckDeps): Promise<string | null> {
  const desktop = (await desktopCandidates(deps)).find((candidate) => path.resolve(candidate.root) === root);
  return desktop?.baseDirectory ?? null;
}

async function readVersion(root: string): Promise<string | null> {
  const text = await readFile(path.join(root, 'comfyui_version.py'), 'utf8').catch(() => '');
  return parseVersion(text);
}

async function kindOf(file: string): Promise<'file' | 'folder' | 'nothing'> {
  const info = await stat(file).catch(() => null);
  if (info === null) return 'nothing';
  return info.isDirectory() ? 'folder' : 'file';
}

function refuse(message: string, hint: string): EnsembleError {
  return new EnsembleError('no-comfyui', message, hint);
}
