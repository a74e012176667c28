import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../settings/atomic-file.ts';

const entrySchema = z.object({ key: z.string(), stamp: z.string(), flags: z.array(z.string()) });
const fileSchema = z.array(entrySchema);
type Entry = z.infer<typeof entrySchema>;

const MOST_ENTRIES = 50;

/** Remembers which flags an install's `--help` listed, until one of its files changes. Losing it costs one `--help`. */
export class CheckCache {
  #entries: readonly Entry[];

  /** @param file JSON file, or null to remember for this process's life only */
  constructor(private readonly file: string | null) {
    this.#entries = file === null ? [] : readEntries(file);
  }

  async get(root: string, python: string): Promise<readonly string[] | null> {
    const key = keyOf(root, python);
    const entry = this.#entries.find((candidate) => candidate.key === key);
    if (entry === undefined || entry.stamp !== (await stampOf(root, python))) return null;
    return entry.flags;
  }

  async set(root: string, python: string, flags: readonly string[]): Promise<void> {
    const key = keyOf(root, python);
    const entry = { key, stamp: await stampOf(root, python), flags: [...flags] };
    const others = this.#entries.filter((candidate) => candidate.key !== key);
    this.#entries = [entry, ...others].slice(0, MOST_ENTRIES);
    if (this.file === null) return;
    // A full disk must not make a good install unusable.
    await writeFileAtomically(this.file, JSON.stringify(this.#entries)).catch(() => undefined);
  }
}

function keyOf(root: string, python: string): string {
  return `${root}\n${python}`;
}

/** Changes when ComfyUI is updated or its Python replaced. */
async function stampOf(root: string, python: string): Promise<string> {
  const files = [path.join(root, 'main.py'), path.join(root, 'comfy', 'cli_args.py'), python];
  const times = await Promise.all(
    files.map(async (file) => (await stat(file).catch(() => null))?.mtimeMs ?? 0),
  );
  return times.join(' ');
}

function readEntries(file: string): readonly Entry[] {
  try {
    const parsed = fileSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.data : [];
  } catch {
    return [];
  }
}
