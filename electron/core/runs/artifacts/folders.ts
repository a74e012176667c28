import path from 'node:path';
import type { ArtifactFiles } from './files.ts';
import { type SafeName, safeName } from './names.ts';
import { systemCode } from './storage-errors.ts';

export interface TargetFolder extends SafeName {
  readonly path: string;
}

/**
 * Makes the folders of a name below the root. One that leads elsewhere (a link) or cannot be (a file has its name) becomes
 * part of the file's own name, so that nothing is ever written outside.
 */
export async function openFolder(root: string, name: SafeName, files: ArtifactFiles): Promise<TargetFolder> {
  const realRoot = await files.realpath(root);
  let folder = root;
  for (const [depth, part] of name.folders.entries()) {
    const next = path.join(folder, part);
    if (!(await isFolderBelow(next, realRoot, files))) {
      const rest = [...name.folders.slice(depth), name.base].join('_');
      return { path: folder, folders: name.folders.slice(0, depth), base: safeName(rest).base };
    }
    folder = next;
  }
  return { ...name, path: folder };
}

async function isFolderBelow(folder: string, realRoot: string, files: ArtifactFiles): Promise<boolean> {
  try {
    await files.makeFolder(folder, false);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
  // A link to nowhere has no real path.
  const real = await files.realpath(folder).catch(() => null);
  if (real === null || !(await files.isFolder(real))) return false;
  const way = path.relative(realRoot, real);
  return way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
}
