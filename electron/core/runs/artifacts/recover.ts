import path from 'node:path';
import { messageOf } from '../../../../shared/errors.ts';
import type { Logger } from '../../ports.ts';
import type { Journal, PlacingArtifact } from '../records.ts';
import type { Counters } from './counters.ts';
import type { ArtifactFiles } from './files.ts';
import { nearbyCopy, place } from './place.ts';

/** Below the output folder, on its volume: files that do not have their name yet. ComfyUI shows no such folder. */
export const INCOMING = '.ensemble-incoming';
const PART = /\.part$/;

export interface Recovery {
  /** Files that were on their way and are home now. */
  readonly finished: number;
  /** Files of which not everything had come: their shards must be fetched or computed again. */
  readonly dropped: number;
}

export interface RecoverDeps {
  readonly journal: Journal;
  readonly files: ArtifactFiles;
  readonly counters: Counters;
  readonly logger: Logger;
}

/** Goes through what a crash has left; a file that cannot be dealt with now is left for the next start. */
export async function recover(roots: readonly string[], deps: RecoverDeps): Promise<Recovery> {
  let finished = 0;
  let dropped = 0;
  const left = new Set<string>();
  for (const artifact of deps.journal.placing()) {
    try {
      const isHome = await finish(artifact, deps);
      if (isHome) finished += 1;
      else dropped += 1;
    } catch (error) {
      left.add(artifact.temporary);
      deps.logger.error('A result that came before the last stop could not be put in its place', {
        file: artifact.path,
        reason: messageOf(error),
      });
    }
  }
  for (const root of roots) await sweep(path.join(root, INCOMING), left, deps.files);
  return { finished, dropped };
}

async function finish(
  artifact: PlacingArtifact,
  { journal, files, counters, logger }: RecoverDeps,
): Promise<boolean> {
  const { id, temporary } = artifact;
  const isInPlace = await isWhole(artifact.path, artifact, files);
  if (!isInPlace && !(await isWhole(temporary, artifact, files))) {
    logger.warn('A result had not come completely before the last stop', { file: artifact.path });
    journal.dropPlacing(id);
    await removeAside(artifact, files);
    return false;
  }
  if (!isInPlace) {
    await files.makeFolder(path.dirname(artifact.path), true);
    await place(artifact, { files, counters, onMove: (to, name) => journal.movePlacing(id, to, name) });
  }
  journal.endPlacing(id);
  await removeAside(artifact, files);
  return true;
}

async function removeAside(artifact: PlacingArtifact, files: ArtifactFiles): Promise<void> {
  await files.remove(nearbyCopy(artifact));
  await files.remove(artifact.temporary);
}

async function isWhole(file: string, artifact: PlacingArtifact, files: ArtifactFiles): Promise<boolean> {
  if ((await files.size(file)) !== artifact.bytes) return false;
  return (await files.sha256(file)) === artifact.sha256;
}

/** What was never journaled had not come completely. */
async function sweep(folder: string, left: ReadonlySet<string>, files: ArtifactFiles): Promise<void> {
  const names = await files.list(folder).catch((): readonly string[] => []);
  for (const name of names.filter((each) => PART.test(each))) {
    const file = path.join(folder, name);
    if (!left.has(file)) await files.remove(file).catch(() => undefined);
  }
}
