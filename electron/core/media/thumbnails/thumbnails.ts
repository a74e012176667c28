import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../../../../shared/errors.ts';
import type { Clock, Logger } from '../../ports.ts';
import { Semaphore } from '../semaphore.ts';
import { SharedWork } from '../shared-work.ts';
import { makeThumbnail } from './make-thumbnail.ts';

/** Some ten thousand thumbnails. */
export const MOST_BYTES = 256 * 1024 * 1024;
/** Made at once: decompression has threads of its own, the rest shares ours. */
const AT_ONCE = 2;
/** A picture of fewer bytes is as good as its thumbnail. */
const SMALL_BYTES = 48 * 1024;
const NAME = /^([A-Za-z0-9_-]{1,64})\.(jpg|png)$/;
const MIMES = { jpg: 'image/jpeg', png: 'image/png' } as const;

export interface ThumbnailFile {
  readonly path: string;
  readonly mime: string;
}

interface Entry extends ThumbnailFile {
  readonly bytes: number;
}

export interface ThumbnailsOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly mostBytes?: number;
}

/** Small pictures of results, made when somebody looks at them and kept on disk; what was looked at last stays. */
export class Thumbnails {
  /** The one that was not wanted for longest first. */
  readonly #entries = new Map<string, Entry>();
  readonly #making = new SharedWork<Entry | null>();
  readonly #turns = new Semaphore(AT_ONCE);
  #bytes = 0;
  #opened: Promise<void> | null = null;

  constructor(private readonly options: ThumbnailsOptions) {}

  /**
   * @param file the whole picture
   * @returns null where the picture itself should be shown; @throws when aborted
   */
  async of(id: string, file: string, signal?: AbortSignal): Promise<ThumbnailFile | null> {
    this.#opened ??= this.#open();
    await this.#opened;
    const known = this.#entries.get(id);
    if (known !== undefined) return this.#touch(id, known);
    return this.#making.join(id, (abort) => this.#turns.run(() => this.#make(id, file, abort)), { signal });
  }

  async #make(id: string, file: string, signal: AbortSignal): Promise<Entry | null> {
    // Scrolled past while it waited for its turn.
    signal.throwIfAborted();
    try {
      if ((await stat(file)).size <= SMALL_BYTES) return null;
      const made = await makeThumbnail(file, signal);
      if (made === null) return null;
      const { extension, bytes } = made;
      const entry = { path: this.#file(`${id}.${extension}`), mime: MIMES[extension], bytes: bytes.length };
      const part = this.#file(`${id}.part`);
      await writeFile(part, bytes);
      await rename(part, entry.path);
      this.#entries.set(id, entry);
      this.#bytes += entry.bytes;
      await this.#shed();
      return entry;
    } catch (error) {
      signal.throwIfAborted();
      // A full disk, or a picture that went: the picture itself, or its absence, says so.
      this.options.logger.warn('a thumbnail could not be made', { file, reason: messageOf(error) });
      return null;
    }
  }

  #touch(id: string, entry: Entry): Entry {
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    const now = this.options.clock.now() / 1000;
    // The order after the next start; without it that is only less good.
    utimes(entry.path, now, now).catch(() => undefined);
    return entry;
  }

  async #shed(): Promise<void> {
    const most = this.options.mostBytes ?? MOST_BYTES;
    for (const [id, { path: file, bytes }] of this.#entries) {
      if (this.#bytes <= most) return;
      this.#entries.delete(id);
      this.#bytes -= bytes;
      await rm(file, { force: true });
    }
  }

  /** What an earlier life has made. */
  async #open(): Promise<void> {
    try {
      await mkdir(this.options.directory, { recursive: true });
      const found: { readonly id: string; readonly at: number; readonly entry: Entry }[] = [];
      for (const name of await readdir(this.options.directory)) {
        const [, id, extension] = NAME.exec(name) ?? [];
        const file = this.#file(name);
        if (id === undefined) await rm(file, { force: true, recursive: true });
        else {
          const { size: bytes, mtimeMs: at } = await stat(file);
          const mime = extension === 'png' ? MIMES.png : MIMES.jpg;
          found.push({ id, at, entry: { path: file, mime, bytes } });
        }
      }
      for (const { id, entry } of found.sort((a, b) => a.at - b.at)) {
        this.#entries.set(id, entry);
        this.#bytes += entry.bytes;
      }
      await this.#shed();
    } catch (error) {
      this.options.logger.warn('thumbnails cannot be kept', { reason: messageOf(error) });
    }
  }

  #file(name: string): string {
    return path.join(this.options.directory, name);
  }
}
