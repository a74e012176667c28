import { existsSync, readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { z } from 'zod';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import { writeFileAtomically } from '../settings/atomic-file.ts';
import { folderName, placeOf, withSlashes } from './model-place.ts';
import { readSourceUrl } from './source-url.ts';

const fileSchema = z.object({
  version: z.literal(1),
  urls: z.array(z.object({ folder: z.string(), name: z.string(), url: z.string() })),
});
type Entry = z.infer<typeof fileSchema>['urls'][number];

/** Where people said that models come from, kept in the data directory for every workflow that names them. */
export class UrlStore {
  #entries: ReadonlyMap<string, Entry>;
  #saving: Promise<unknown> = Promise.resolve();
  /** What is there was not understood, e.g. because a newer version wrote it. */
  #isForeign: boolean;

  /** A file that is not understood is put aside at the first change. */
  constructor(private readonly file: string) {
    const entries = readEntries(file);
    this.#isForeign = entries === null && existsSync(file);
    this.#entries = new Map((entries ?? []).map((entry) => [keyOf(entry.folder, entry.name), entry]));
  }

  find(folder: string, name: string): string | null {
    return this.#entries.get(keyOf(folder, name))?.url ?? null;
  }

  /** The only folder that a URL was entered for under this name. @returns null when there are several or none */
  folderFor(name: string): string | null {
    const entries = [...this.#entries.values()].filter((entry) => entry.name === withSlashes(name));
    return entries.length === 1 ? (entries[0]?.folder ?? null) : null;
  }

  /**
   * @param url null forgets it
   * @throws EnsembleError('bad-argument') for an address that nothing can be downloaded from, or a name that leads elsewhere
   */
  async remember(folder: string, name: string, url: string | null): Promise<void> {
    const key = keyOf(folder, name);
    const { problem } = placeOf(folder, name);
    if (problem !== null)
      throw EnsembleError.badArgument('name', `${name} is no model that can be kept: ${problem}.`);
    const entry =
      url === null ? null : { folder: folderName(folder), name: withSlashes(name), url: checked(url) };
    // One after the other, so that none is lost.
    const saving = this.#saving.then(() => this.#change(key, entry));
    this.#saving = saving.catch(() => undefined);
    await saving;
  }

  async #change(key: string, entry: Entry | null): Promise<void> {
    const entries = new Map(this.#entries);
    if (entry === null) entries.delete(key);
    else entries.set(key, entry);
    const urls = [...entries.values()];
    try {
      if (this.#isForeign) await rename(this.file, `${this.file}.old`);
      this.#isForeign = false;
      await writeFileAtomically(this.file, `${JSON.stringify({ version: 1, urls }, null, 2)}\n`);
    } catch (error) {
      throw new EnsembleError(
        'settings-unwritable',
        `The address cannot be kept: ${messageOf(error)}.`,
        'Make room on the disk of the data directory, or let your user write there.',
      );
    }
    this.#entries = entries;
  }
}

function keyOf(folder: string, name: string): string {
  return `${folderName(folder)}\n${withSlashes(name)}`;
}

function checked(text: string): string {
  const { url, problem } = readSourceUrl(text);
  if (problem === null) return url;
  throw EnsembleError.badArgument('url', `The address ${problem}.`, 'Copy the link of the file itself.');
}

function readEntries(file: string): readonly Entry[] | null {
  try {
    const parsed = fileSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.data.urls : null;
  } catch {
    return null;
  }
}
