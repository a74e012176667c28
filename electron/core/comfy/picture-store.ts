import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';

const KEPT = 100;
const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const ID = /^[0-9a-f-]{36}$/;

/** The last 100 test pictures, one PNG each, byte for byte as their server made them. */
export class PictureStore {
  constructor(readonly directory: string) {}

  /** Path of a kept picture. `id` may come from a browser. */
  file(id: string): string | null {
    if (!ID.test(id)) return null;
    const file = this.#pathOf(id);
    return existsSync(file) ? file : null;
  }

  /** @throws EnsembleError 'unavailable' (no PNG), 'disk-full' or 'internal' */
  async keep(id: string, bytes: Buffer): Promise<void> {
    if (!bytes.subarray(0, PNG_SIGNATURE.length).equals(PNG_SIGNATURE)) {
      throw new EnsembleError(
        'unavailable',
        'What the server saved is not a PNG picture.',
        'Look at its log.',
      );
    }
    const partial = path.join(this.directory, `${id}.partial`);
    try {
      await mkdir(this.directory, { recursive: true });
      await writeFile(partial, bytes);
      await rename(partial, this.#pathOf(id));
    } catch (error) {
      await rm(partial, { force: true }).catch(() => {});
      throw unwritable(this.directory, error);
    }
    await this.#prune();
  }

  async #prune(): Promise<void> {
    const names = (await readdir(this.directory)).filter((name) => name.endsWith('.png'));
    if (names.length <= KEPT) return;
    const aged = await Promise.all(
      names.map(async (name) => {
        const file = path.join(this.directory, name);
        const info = await stat(file).catch(() => null);
        return { file, at: info?.mtimeMs ?? 0 };
      }),
    );
    aged.sort((a, b) => b.at - a.at);
    await Promise.all(aged.slice(KEPT).map(({ file }) => rm(file, { force: true })));
  }

  #pathOf(id: string): string {
    return path.join(this.directory, `${id}.png`);
  }
}

function unwritable(directory: string, error: unknown): EnsembleError {
  const full = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
  if (full) {
    return new EnsembleError(
      'disk-full',
      'The picture could not be kept: the disk is full.',
      'Free some space.',
    );
  }
  const message = `The picture could not be written to ${directory}: ${messageOf(error)}.`;
  return new EnsembleError('internal', message, 'Check that the folder can be written.', [], {
    cause: error,
  });
}
