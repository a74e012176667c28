import path from 'node:path';
import type { PlacingArtifact } from '../records.ts';
import type { Counters } from './counters.ts';
import type { ArtifactFiles } from './files.ts';
import { numberedName } from './names.ts';
import { systemCode } from './storage-errors.ts';

/** A server that writes as fast as we try cannot keep us from a name for so long. */
const MOST_TRIES = 1_000;
/** With these another way of giving the name would fail as well. */
const HOPELESS = new Set(['ENOSPC', 'EDQUOT', 'ENOENT', 'EROFS']);

export interface PlaceDeps {
  readonly files: ArtifactFiles;
  readonly counters: Counters;
  /** Notes a new name before it is tried. */
  readonly onMove: (path: string, name: string) => void;
}

/**
 * Gives the file aside its final name, or the next free one; what has the name already is never touched.
 * @throws the system's errors
 */
export async function place(artifact: PlacingArtifact, deps: PlaceDeps): Promise<void> {
  let target = artifact.path;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    if (await giveName(artifact.temporary, target, deps.files)) {
      await deps.files.syncFolder(path.dirname(target));
      return;
    }
    target = await nextName(target, deps.counters);
    const folder = artifact.name.slice(0, artifact.name.lastIndexOf('/') + 1);
    deps.onMove(target, folder + path.basename(target));
  }
  throw new Error(`no free name for ${artifact.path}`);
}

/** Where a copy on the target's own volume lies for a moment. */
export function nearbyCopy(artifact: Pick<PlacingArtifact, 'path' | 'temporary'>): string {
  return path.join(path.dirname(artifact.path), `.${path.basename(artifact.temporary)}`);
}

/** @returns false when the name is taken */
async function giveName(from: string, to: string, files: ArtifactFiles): Promise<boolean> {
  try {
    await files.link(from, to);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST') return false;
    if (HOPELESS.has(code)) throw error;
    return code === 'EXDEV' ? fromOtherVolume(from, to, files) : renameExclusively(from, to, files);
  }
}

async function fromOtherVolume(from: string, to: string, files: ArtifactFiles): Promise<boolean> {
  const near = nearbyCopy({ path: to, temporary: from });
  await files.remove(near);
  try {
    await files.copy(from, near);
    return await giveName(near, to, files);
  } finally {
    await files.remove(near);
  }
}

/** For file systems without links: an empty file of ours holds the name until the real one replaces it. */
async function renameExclusively(from: string, to: string, files: ArtifactFiles): Promise<boolean> {
  try {
    await (await files.create(to)).close();
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    await files.rename(from, to);
    return true;
  } catch (error) {
    await files.remove(to);
    throw error;
  }
}

async function nextName(taken: string, counters: Counters): Promise<string> {
  const folder = path.dirname(taken);
  const [, base = '', extension = ''] = /^(.*)_\d+_(?:\.([^.]*))?$/s.exec(path.basename(taken)) ?? [];
  const counter = await counters.afterCollision(folder, base);
  return path.join(folder, numberedName(base, counter, extension));
}
