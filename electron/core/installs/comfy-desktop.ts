import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { InstallCandidate } from './check.ts';

export interface DesktopPlaces {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

const configSchema = z.object({ basePath: z.string().min(1) });

/**
 * Comfy Desktop keeps ComfyUI's code inside its own app, and models, nodes and a virtual environment (".venv") in the
 * base path that its config.json names.
 * @returns what may be there; none when its configuration is absent or unreadable
 */
export async function desktopCandidates(places: DesktopPlaces): Promise<readonly InstallCandidate[]> {
  const flavour = places.platform === 'win32' ? path.win32 : path.posix;
  const base = await readBasePath(flavour.join(configFolder(places, flavour), 'config.json'));
  if (base === null) return [];
  const python =
    places.platform === 'win32'
      ? flavour.join(base, '.venv', 'Scripts', 'python.exe')
      : flavour.join(base, '.venv', 'bin', 'python');
  return [
    ...codeFolders(places, flavour).map(
      (root): InstallCandidate => ({ root, python, source: 'comfy-desktop', baseDirectory: base }),
    ),
    // Some versions keep the code in the base path itself.
    { root: base, python: null, source: 'comfy-desktop', baseDirectory: null },
  ];
}

function configFolder({ env, platform, home }: DesktopPlaces, flavour: path.PlatformPath): string {
  if (platform === 'win32') {
    return flavour.join(env['APPDATA'] ?? flavour.join(home, 'AppData', 'Roaming'), 'ComfyUI');
  }
  if (platform === 'darwin') return flavour.join(home, 'Library', 'Application Support', 'ComfyUI');
  return flavour.join(env['XDG_CONFIG_HOME'] ?? flavour.join(home, '.config'), 'ComfyUI');
}

function codeFolders({ env, platform, home }: DesktopPlaces, flavour: path.PlatformPath): readonly string[] {
  if (platform === 'win32') {
    const local = env['LOCALAPPDATA'] ?? flavour.join(home, 'AppData', 'Local');
    return ['@comfyorgcomfyui-electron', 'comfyui-electron', 'ComfyUI'].map((name) =>
      flavour.join(local, 'Programs', name, 'resources', 'ComfyUI'),
    );
  }
  if (platform === 'darwin') {
    return ['/Applications', flavour.join(home, 'Applications')].map((folder) =>
      flavour.join(folder, 'ComfyUI.app', 'Contents', 'Resources', 'ComfyUI'),
    );
  }
  return ['/opt/ComfyUI/resources/ComfyUI'];
}

async function readBasePath(file: string): Promise<string | null> {
  try {
    const parsed = configSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    return parsed.success ? parsed.data.basePath : null;
  } catch {
    return null;
  }
}
