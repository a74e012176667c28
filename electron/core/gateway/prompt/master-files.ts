import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { link, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { MASTER_ID } from '../../../../shared/model.ts';
import type { ComfyHttp } from '../../comfy/http.ts';
import type { ComfyFile } from '../../comfy/outputs.ts';
import type { InputLibrary } from '../../media/input-library.ts';
import type { InputFile } from '../../media/inputs-of.ts';
import type { RunFleet } from '../../runs/run-fleet.ts';

/**
 * The files that prompts load. A master that somebody else has started may keep its uploads in folders of its own: what is
 * needed of them comes into ours, from where every worker gets it.
 */
export class MasterFiles {
  constructor(
    private readonly fleet: Pick<RunFleet, 'server' | 'folders'>,
    private readonly inputs: Pick<InputLibrary, 'find'>,
  ) {}

  /** @returns null when it can be loaded; otherwise what ComfyUI would not say about it, mostly nothing */
  async problemOf(input: InputFile): Promise<string | null> {
    const here = await this.inputs.find(input).catch(() => 'outside' as const);
    if (here === 'outside') return '';
    const master = this.fleet.server(MASTER_ID);
    // What it shares with us it would find in the same place.
    if (master === null || master.sharesInput) return here === null ? '' : null;
    const file: ComfyFile = { filename: input.name, subfolder: input.subfolder, type: input.type };
    if (here === null) {
      const hasCome = await this.#bring(master.http, file).catch(() => false);
      return hasCome ? null : '';
    }
    const there = await master.http.stat(file).catch(() => null);
    const differs = there !== null && there.bytes !== null && there.bytes !== here.bytes;
    return differs ? ` (the master has another one than ${here.path}: give one of them another name)` : null;
  }

  async #bring(http: ComfyHttp, file: ComfyFile): Promise<boolean> {
    const folder = path.join(this.fleet.folders()[file.type], ...file.subfolder.split('/'));
    const target = path.join(folder, file.filename);
    const aside = path.join(folder, `.${randomUUID()}.part`);
    const { stream } = await http.download(file);
    try {
      await mkdir(folder, { recursive: true });
      await pipeline(stream, createWriteStream(aside, { flags: 'wx' }));
      // Not over one that has come meanwhile; where there are no second names nobody else is quicker either.
      await link(aside, target).catch((error: NodeJS.ErrnoException) =>
        error.code === 'EEXIST' ? undefined : rename(aside, target),
      );
      return true;
    } finally {
      stream.destroy();
      await rm(aside, { force: true });
    }
  }
}
