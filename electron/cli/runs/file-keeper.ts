import { createWriteStream } from 'node:fs';
import { link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import type { Artifact } from '../../../shared/runs.ts';
import { isLost, type Lifeline } from './lifeline.ts';

export interface Kept {
  readonly artifact: Artifact;
  /** Absolute. */
  readonly file: string;
}

/** Copies artifacts into a folder, one after another: streamed, whole or not at all, and over nothing that is there. */
export class FileKeeper {
  readonly #directory: string;
  readonly #lifeline: Lifeline;
  readonly #signal: AbortSignal;
  readonly #onKept: (kept: Kept) => void;
  readonly #waiting = new Set<Artifact>();
  #work: Promise<void> = Promise.resolve();

  constructor(directory: string, lifeline: Lifeline, signal: AbortSignal, onKept: (kept: Kept) => void) {
    this.#directory = path.resolve(directory);
    this.#lifeline = lifeline;
    this.#signal = signal;
    this.#onKept = onKept;
  }

  /** @throws EnsembleError('bad-argument') when the folder cannot be made or is none */
  async prepare(): Promise<void> {
    try {
      await mkdir(this.#directory, { recursive: true });
      if ((await stat(this.#directory)).isDirectory()) return;
    } catch (error) {
      throw EnsembleError.badArgument('--out', `${this.#directory} cannot be used: ${messageOf(error)}.`);
    }
    throw EnsembleError.badArgument('--out', `${this.#directory} is no folder.`);
  }

  keep(artifact: Artifact): void {
    this.#waiting.add(artifact);
    // A lost control center fails every copy: finish() tries those again, on the line that was found instead.
    this.#work = this.#work.then(() => this.#copy(artifact)).catch(() => undefined);
  }

  /** @throws what kept the first of them that is still missing from being copied */
  async finish(): Promise<void> {
    await this.#work;
    for (const artifact of this.#waiting) {
      try {
        await this.#copy(artifact);
      } catch (error) {
        if (!isLost(error)) throw error;
        await this.#lifeline.renew(this.#signal);
        await this.#copy(artifact);
      }
    }
  }

  async #copy(artifact: Artifact): Promise<void> {
    this.#signal.throwIfAborted();
    const part = path.join(this.#directory, `.${artifact.id}.${process.pid}.part`);
    try {
      const source = await this.#lifeline.client.openFile(artifact.url, this.#signal);
      await pipeline(source, createWriteStream(part, { flags: 'w', flush: true }), { signal: this.#signal });
      await requireWhole(part, artifact);
      const file = await moveToFreeName(part, path.join(this.#directory, safeName(artifact)));
      this.#waiting.delete(artifact);
      this.#onKept({ artifact, file });
    } finally {
      await rm(part, { force: true });
    }
  }
}

/** What the control center says is not trusted to stay inside the folder. */
function safeName({ id, name }: Artifact): string {
  const base =
    name
      .split(/[\\/]/)
      .at(-1)
      ?.replace(/[\0<>:"|?*]/g, '_') ?? '';
  return base === '' || base === '.' || base === '..' ? id : base;
}

async function requireWhole(part: string, { name, bytes }: Artifact): Promise<void> {
  const { size } = await stat(part);
  if (size === bytes) return;
  throw new EnsembleError('disconnected', `${name} came with ${size} of ${bytes} bytes.`);
}

/** “name.png”, “name (1).png”, … */
async function moveToFreeName(part: string, wanted: string): Promise<string> {
  const { dir, name, ext } = path.parse(wanted);
  for (let index = 0; ; index += 1) {
    const file = index === 0 ? wanted : path.join(dir, `${name} (${index})${ext}`);
    if (await placeAt(part, file)) return file;
  }
}

/** A hard link fails where there is a file, at once and for everybody. @returns false when the name is taken */
async function placeAt(part: string, file: string): Promise<boolean> {
  try {
    await link(part, file);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'EEXIST') return false;
    return placeWithoutLinks(part, file);
  }
}

/** FAT and some network drives have no links: the name is taken first and filled then. */
async function placeWithoutLinks(part: string, file: string): Promise<boolean> {
  try {
    await (await open(file, 'wx')).close();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  await rename(part, file);
  return true;
}
