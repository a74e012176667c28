import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';

/** @returns true when the file exists, is no folder and may be run by us */
export async function isExecutable(file: string): Promise<boolean> {
  try {
    if (!(await stat(file)).isFile()) return false;
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Looks a bare program name up on PATH; on Windows also with the usual endings. Relative PATH entries are skipped. */
export async function which(
  name: string,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): Promise<string | null> {
  const flavour = platform === 'win32' ? path.win32 : path.posix;
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(flavour.delimiter);
  const endings = platform === 'win32' && flavour.extname(name) === '' ? ['.exe', '.cmd', '.bat'] : [''];
  for (const folder of folders) {
    if (!flavour.isAbsolute(folder)) continue;
    for (const ending of endings) {
      const file = flavour.join(folder, name + ending);
      if (await isExecutable(file)) return file;
    }
  }
  return null;
}
