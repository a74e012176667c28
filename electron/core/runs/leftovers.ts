import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/** Names that shards and second passes give their files: a hash of the contents. People do not name files like that. */
const OURS = /^[0-9a-f]{16}(-\d+)?(_\d{5}_)?\.[A-Za-z0-9]{1,12}$/;
const FOLDER = 'ensemble';

/**
 * Removes what shards left below a server's output folder, or second passes below the master's input folder. Only to be
 * called when no server can still answer out of its cache with one of these names. What cannot be removed stays.
 * @param olderThan ms since the epoch; null = all
 */
export async function removeLeftovers(parent: string, olderThan: number | null): Promise<void> {
  const folder = path.join(parent, FOLDER);
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!OURS.test(name)) continue;
    const file = path.join(folder, name);
    const changed = (await stat(file).catch(() => null))?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (olderThan === null || changed < olderThan) await rm(file, { force: true }).catch(() => undefined);
  }
}
