import type { ArtifactFiles } from './files.ts';
import { counterIn } from './names.ts';

/** So many (folder, base) pairs are remembered. Prefixes with the time in them make a new one every second. */
const MOST_KNOWN = 500;

/** The numbers of files, as ComfyUI counts: one more than the highest that a folder has for a base. */
export class Counters {
  readonly #highest = new Map<string, Promise<{ value: number }>>();

  constructor(private readonly files: ArtifactFiles) {}

  /** A number that nobody here has had; others may still take its name first. */
  async next(folder: string, base: string): Promise<number> {
    const known = await this.#known(folder, base);
    known.value += 1;
    return known.value;
  }

  /** The next one after somebody else has taken the last: looks into the folder again. */
  async afterCollision(folder: string, base: string): Promise<number> {
    const known = await this.#known(folder, base);
    known.value = Math.max(known.value, await this.#look(folder, base));
    known.value += 1;
    return known.value;
  }

  #known(folder: string, base: string): Promise<{ value: number }> {
    const key = `${folder}\0${base.toLowerCase()}`;
    const known = this.#highest.get(key);
    if (known !== undefined) return known;
    if (this.#highest.size >= MOST_KNOWN) this.#highest.clear();
    const looking = this.#look(folder, base).then((value) => ({ value }));
    this.#highest.set(key, looking);
    // A folder that could not be read now may be readable later.
    looking.catch(() => this.#highest.delete(key));
    return looking;
  }

  async #look(folder: string, base: string): Promise<number> {
    const names = await this.files.list(folder);
    return names.reduce((highest, name) => Math.max(highest, counterIn(name, base)), 0);
  }
}
