import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

let counter = 0;

/**
 * Replaces a file so that a reader (or a crash at any moment) finds the old content or the new, never a mixture:
 * written beside it, fsynced, renamed over it, and the folder fsynced.
 * @throws what the file system says, e.g. ENOSPC; the old file is then untouched
 */
export async function writeFileAtomically(file: string, content: string, mode = 0o600): Promise<void> {
  counter += 1;
  const temporary = `${file}.${process.pid}.${counter}.tmp`;
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(content, 'utf8');
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncDirectory(path.dirname(file));
}

/** Makes the rename itself durable. Windows cannot open folders: its journal has to do. */
async function syncDirectory(directory: string): Promise<void> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(directory, 'r');
    await handle.sync();
  } catch {
    // Some file systems (and Windows) refuse; the content itself is safe either way.
  } finally {
    await handle?.close().catch(() => undefined);
  }
}
