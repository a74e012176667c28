import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

const CACHE = path.resolve(__dirname, '../../../.cache/comfyui-frontend');
const INSTALL_MS = 240_000;

/** The folder that a server shows, or why there is none. */
export type Frontend = { readonly root: string } | { readonly missing: string };

/** ComfyUI's official page, as its own package carries it; fetched once per version. */
export function frontendRoot(version: string): Frontend {
  const home = path.join(CACHE, version);
  const root = path.join(home, 'comfyui_frontend_package', 'static');
  if (existsSync(path.join(root, 'index.html'))) return { root };
  mkdirSync(CACHE, { recursive: true });
  const fresh = mkdtempSync(`${home}-`);
  try {
    const said = fetchPackage(version, fresh);
    if (said !== null) return { missing: said };
    rmSync(home, { recursive: true, force: true });
    renameSync(fresh, home);
    return { root };
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** @returns null when it lies in the folder */
function fetchPackage(version: string, folder: string): string | null {
  const python = pythonWithPip();
  if (python === null) return 'there is no Python with pip';
  const quiet = ['--quiet', '--no-color', '--disable-pip-version-check', '--no-deps', '--no-compile'];
  const { status, stderr } = run(python, [
    ...['-m', 'pip', 'install', ...quiet, '--target', folder],
    `comfyui-frontend-package==${version}`,
  ]);
  return status === 0 ? null : `pip could not fetch it: ${stderr.trim().split('\n').at(-1)}`;
}

function pythonWithPip(): string | null {
  return withPip() ?? (installPip() ? withPip() : null);
}

function withPip(): string | null {
  return (
    ['python3', 'python', '/usr/bin/python3'].find(
      (name) => run(name, ['-m', 'pip', '--version']).status === 0,
    ) ?? null
  );
}

/** On Debian as root, as the Chromium of these tests is had there. */
function installPip(): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  const patient = ['-qq', '-o', 'DPkg::Lock::Timeout=120'];
  run('apt-get', ['update', ...patient]);
  return run('apt-get', ['install', '-y', ...patient, '--no-install-recommends', 'python3-pip']).status === 0;
}

function run(command: string, args: readonly string[]): { readonly status: number; readonly stderr: string } {
  const { status, stderr } = spawnSync(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    timeout: INSTALL_MS,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return { status: status ?? 1, stderr: stderr ?? '' };
}
