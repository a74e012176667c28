import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import { writeFileAtomically } from './atomic-file.ts';

/** Tokens and passwords, beside the settings but never in them. */

/** The operating system's keychain, where the host can use it. */
export interface Keychain {
  encrypt(text: string): Promise<Buffer>;
  /** Rejects when it was encrypted by another user or machine. */
  decrypt(bytes: Buffer): Promise<string>;
}

export type SecretValues = Readonly<Record<string, string>>;

const entry = z.discriminatedUnion('kept', [
  z.object({ kept: z.literal('file'), values: z.record(z.string(), z.string()) }),
  /** Base64 of what the keychain made of the JSON text of the values. */
  z.object({ kept: z.literal('keychain'), values: z.string() }),
]);
type Entry = z.infer<typeof entry>;
const fileSchema = z.object({ version: z.literal(1), entries: z.record(z.string(), entry) });
const valuesSchema = z.record(z.string(), z.string());

/**
 * Secrets by key. On the desktop the keychain encrypts them; headless they are plain text in a file that this user alone
 * can read. Their values never reach a log or an event.
 */
export class Secrets {
  /** What could not be read, one sentence each. */
  readonly problems: readonly string[];
  readonly #file: string;
  readonly #keychain: Keychain | null;
  readonly #entries: Map<string, Entry>;
  readonly #values: Map<string, SecretValues>;
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(
    file: string,
    keychain: Keychain | null,
    entries: Map<string, Entry>,
    values: Map<string, SecretValues>,
    problems: readonly string[],
  ) {
    this.#file = file;
    this.#keychain = keychain;
    this.#entries = entries;
    this.#values = values;
    this.problems = problems;
  }

  /** A damaged file is set aside, not an obstacle: everything in it can be entered again. */
  static async open(file: string, keychain: Keychain | null): Promise<Secrets> {
    const problems: string[] = [];
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (!isAbsent(error)) problems.push(`${file} cannot be read: ${messageOf(error)}.`);
      return null;
    });
    const read = text === null ? null : readEntries(text);
    if (text !== null && read === null) {
      problems.push(`${file} was damaged; tokens and passwords have to be entered again.`);
      await writeFileAtomically(`${file}.damaged`, text).catch(() => undefined);
    }
    const entries = read ?? new Map<string, Entry>();
    const values = new Map<string, SecretValues>();
    for (const [key, kept] of entries) {
      const secret = await opened(kept, keychain);
      if (secret !== null) values.set(key, secret);
      else problems.push(`What opens ${key} is in the keychain of the desktop app and cannot be read here.`);
    }
    return new Secrets(file, keychain, entries, values, problems);
  }

  /** "keychain" or "file": where the next one goes. */
  get kept(): Entry['kept'] {
    return this.#keychain === null ? 'file' : 'keychain';
  }

  get keys(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** Empty when there is none. */
  read(key: string): SecretValues {
    return this.#values.get(key) ?? {};
  }

  /** @throws EnsembleError('settings-unwritable') and nothing has changed then */
  async write(key: string, secret: SecretValues): Promise<void> {
    const kept = await closed(secret, this.#keychain);
    await this.#change((entries) => entries.set(key, kept));
    this.#values.set(key, secret);
  }

  async delete(key: string): Promise<void> {
    if (!this.#entries.has(key)) return;
    await this.#change((entries) => entries.delete(key));
    this.#values.delete(key);
  }

  async #change(change: (entries: Map<string, Entry>) => void): Promise<void> {
    const write = this.#writing.then(async () => {
      const next = new Map(this.#entries);
      change(next);
      const content = { version: 1, entries: Object.fromEntries(next) };
      await writeFileAtomically(this.#file, `${JSON.stringify(content, null, 2)}\n`, 0o600);
      this.#entries.clear();
      for (const [key, kept] of next) this.#entries.set(key, kept);
    });
    this.#writing = write.catch(() => undefined);
    await write.catch((error: unknown) => {
      throw new EnsembleError(
        'settings-unwritable',
        `${this.#file} cannot be written: ${messageOf(error)}.`,
        'Nothing was saved. Make room, or give your user the right to write there.',
      );
    });
  }
}

async function closed(secret: SecretValues, keychain: Keychain | null): Promise<Entry> {
  if (keychain === null) return { kept: 'file', values: { ...secret } };
  const bytes = await keychain.encrypt(JSON.stringify(secret));
  return { kept: 'keychain', values: bytes.toString('base64') };
}

async function opened(kept: Entry, keychain: Keychain | null): Promise<SecretValues | null> {
  if (kept.kept === 'file') return kept.values;
  try {
    const text = await keychain?.decrypt(Buffer.from(kept.values, 'base64'));
    const parsed = text === undefined ? null : valuesSchema.safeParse(JSON.parse(text));
    return parsed?.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function readEntries(text: string): Map<string, Entry> | null {
  try {
    const parsed = fileSchema.safeParse(JSON.parse(text));
    return parsed.success ? new Map(Object.entries(parsed.data.entries)) : null;
  } catch {
    return null;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
