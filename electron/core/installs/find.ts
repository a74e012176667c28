import { stat } from 'node:fs/promises';
import path from 'node:path';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import type { ComfyInstall, RejectedInstall } from '../../../shared/model.ts';
import type { InstallCandidate } from './check.ts';
import { desktopCandidates } from './comfy-desktop.ts';

export interface FindOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** Where this program was started; its ComfyUI folder is looked at too. */
  readonly cwd?: string;
  /** Known from elsewhere (the settings), looked at first. */
  readonly extra: readonly InstallCandidate[];
  /** Rejects with EnsembleError('no-comfyui'). */
  readonly check: (candidate: InstallCandidate) => Promise<ComfyInstall>;
}

export interface FoundInstalls {
  /** The likeliest first: settings, COMFYUI_PATH, usual folders, the portable package, Comfy Desktop. */
  readonly found: readonly ComfyInstall[];
  /** Folders that somebody named, or that hold a main.py, and that cannot be used. */
  readonly rejected: readonly RejectedInstall[];
}

export async function findInstalls(options: FindOptions): Promise<FoundInstalls> {
  const found: ComfyInstall[] = [];
  const rejected: RejectedInstall[] = [];
  const seen = new Set<string>();
  for (const candidate of await candidates(options)) {
    const key = path.resolve(candidate.root);
    if (seen.has(key)) continue;
    seen.add(key);
    const named = candidate.source === 'settings' || candidate.source === 'environment';
    if (!named && !(await holdsMain(candidate.root))) continue;
    try {
      const install = await options.check(candidate);
      if (!found.some((other) => other.root === install.root)) found.push(install);
    } catch (error) {
      rejected.push({
        root: candidate.root,
        message: messageOf(error),
        hint: (error instanceof EnsembleError ? error.hint : null) ?? 'Pick another folder.',
      });
    }
  }
  return { found, rejected };
}

async function candidates(options: FindOptions): Promise<readonly InstallCandidate[]> {
  const { env, extra } = options;
  const named = env['COMFYUI_PATH'];
  return [
    ...extra,
    ...(named === undefined || named === ''
      ? []
      : [{ root: named, python: null, source: 'environment' } as const]),
    ...usualFolders(options),
    ...(await desktopCandidates(options)),
  ];
}

/** Where people and container images put ComfyUI. */
function usualFolders({ platform, home, cwd }: FindOptions): readonly InstallCandidate[] {
  const { join } = platform === 'win32' ? path.win32 : path.posix;
  const here = cwd === undefined ? [] : [join(cwd, 'ComfyUI')];
  const atHome = [
    ['ComfyUI'],
    ['comfy', 'ComfyUI'],
    ['comfyui'],
    ['Documents', 'ComfyUI'],
    ['Desktop', 'ComfyUI'],
    ['src', 'ComfyUI'],
    ['git', 'ComfyUI'],
  ].map((parts) => join(home, ...parts));
  if (platform !== 'win32') {
    const shared = ['/workspace', '/opt', '/app', '/data', '/srv', ''].map((folder) => `${folder}/ComfyUI`);
    return usual([...here, ...atHome, ...shared, '/comfyui', '/opt/comfyui']);
  }
  const drives = ['C:\\', 'D:\\', 'E:\\'];
  const plain = drives.flatMap((drive) => [join(drive, 'ComfyUI'), join(drive, 'AI', 'ComfyUI')]);
  const portable = [...drives, home, join(home, 'Downloads'), join(home, 'Desktop'), join(home, 'Documents')]
    .map((folder) => join(folder, 'ComfyUI_windows_portable', 'ComfyUI'))
    .map((root): InstallCandidate => ({ root, python: null, source: 'windows-portable' }));
  return [...usual([...here, ...atHome, ...plain]), ...portable];
}

function usual(roots: readonly string[]): readonly InstallCandidate[] {
  return roots.map((root) => ({ root, python: null, source: 'usual-folder' }));
}

async function holdsMain(root: string): Promise<boolean> {
  const info = await stat(path.join(root, 'main.py')).catch(() => null);
  return info?.isFile() === true;
}
