import { constants } from 'node:fs';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ComfyFile } from '../comfy/outputs.ts';
import type { LocatedFile } from './input-library.ts';
import { unwritableFile } from './media-failures.ts';
import { SharedWork } from './shared-work.ts';

/** The input folder that our own servers share: what lies in the master's output or temp folder is copied there for them. */
export class SharedFolder {
  readonly #copying = new SharedWork<void>();

  constructor(private readonly root: string) {}

  /** @throws EnsembleError 'disk-full' or 'internal' */
  async place(file: LocatedFile, target: ComfyFile, signal?: AbortSignal): Promise<ComfyFile> {
    const place = path.join(this.root, ...target.subfolder.split('/'), target.filename);
    await this.#copying.join(place, () => copyOnce(file, place), { signal });
    return target;
  }
}

/** Beside, then renamed: a half copy must not be taken for the file, whose name says what is in it. */
async function copyOnce(file: LocatedFile, place: string): Promise<void> {
  const there = await stat(place).catch(() => null);
  if (there?.size === file.bytes) return;
  const partial = `${place}.partial`;
  try {
    await mkdir(path.dirname(place), { recursive: true });
    await copyFile(file.path, partial, constants.COPYFILE_FICLONE);
    await rename(partial, place);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    throw unwritableFile(place, error);
  }
}
