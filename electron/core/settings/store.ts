import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../shared/settings.ts';
import { type Clock, Emitter, type Logger } from '../ports.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { readSettings } from './schema.ts';

/** The file operations that can fail in ways worth testing. */
export interface SettingsFiles {
  read(file: string): Promise<string>;
  /** Atomic and durable. */
  write(file: string, content: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
}

export const diskFiles: SettingsFiles = {
  read: (file) => readFile(file, 'utf8'),
  write: (file, content) => writeFileAtomically(file, content),
  rename: (from, to) => rename(from, to),
};

export interface SettingsStoreDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly files?: SettingsFiles;
}

interface Opened {
  readonly settings: Settings;
  readonly problems: readonly string[];
  /** Why nothing may be written; null when it may. */
  readonly readOnly: EnsembleError | null;
}

/** The settings on disk: one writer (the data directory's lock sees to that), every change durable before it shows. */
export class SettingsStore {
  readonly #changed = new Emitter<Settings>();
  #value: Settings;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly file: string,
    private readonly opened: Opened,
    private readonly files: SettingsFiles,
  ) {
    this.#value = opened.settings;
  }

  /** Never fails for what the file holds: a broken one is set aside and its backup, or defaults, used. */
  static async open(directory: string, deps: SettingsStoreDeps): Promise<SettingsStore> {
    const files = deps.files ?? diskFiles;
    const file = path.join(directory, 'settings.json');
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await removeLeftovers(directory);
    const opened = await read(file, files, deps.clock);
    for (const problem of opened.problems) deps.logger.warn(problem, { file });
    return new SettingsStore(file, opened, files);
  }

  get value(): Settings {
    return this.#value;
  }

  /** What was mended, set aside, or is read-only, one sentence each. */
  get problems(): readonly string[] {
    return this.opened.problems;
  }

  onChange(listener: (settings: Settings) => void): () => void {
    return this.#changed.on(listener);
  }

  /**
   * Concurrent updates run one after the other, each on the result of the one before.
   * @throws EnsembleError('disk-full' | 'settings-unwritable'); the value is then unchanged
   */
  update(change: (settings: Settings) => Settings): Promise<Settings> {
    const result = this.#queue.then(() => this.#apply(change));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #apply(change: (settings: Settings) => Settings): Promise<Settings> {
    const next = change(this.#value);
    const content = serialize(next);
    if (content === serialize(this.#value)) return this.#value;
    if (this.opened.readOnly !== null) throw this.opened.readOnly;
    try {
      await this.files.write(this.file, content);
    } catch (error) {
      throw explainWrite(this.file, error);
    }
    // The settings themselves are safe; a backup that is one change old is still a good one.
    await this.files.write(backupOf(this.file), content).catch(() => undefined);
    this.#value = next;
    this.#changed.emit(next);
    return next;
  }
}

function serialize(settings: Settings): string {
  return `${JSON.stringify(settings, null, 2)}\n`;
}

function backupOf(file: string): string {
  return `${file}.bak`;
}

async function read(file: string, files: SettingsFiles, clock: Clock): Promise<Opened> {
  let text: string;
  try {
    text = await files.read(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { settings: DEFAULT_SETTINGS, problems: [], readOnly: null };
    return unreadable(file, error);
  }
  const reading = readSettings(text);
  if (reading.status === 'broken') return recover(file, files, clock);
  if (reading.future === null) return { ...reading, readOnly: null };
  const message = `The settings were written by a newer Comfy Ensemble (version ${reading.future}), so this one does not change them.`;
  const hint = 'Update Comfy Ensemble, or start it with another --data folder.';
  return {
    settings: reading.settings,
    problems: [...reading.problems, message],
    readOnly: new EnsembleError('settings-unwritable', message, hint),
  };
}

function unreadable(file: string, error: unknown): Opened {
  const message = `The settings file ${file} cannot be read (${codeOf(error) ?? messageOf(error)}); defaults are used and nothing is saved.`;
  const readOnly = new EnsembleError(
    'settings-unwritable',
    message,
    'Make the file readable and writable for your user, then start again.',
  );
  return { settings: DEFAULT_SETTINGS, problems: [message], readOnly };
}

/** Sets a truncated or garbled file aside, never deletes it, and goes on with the last good backup. */
async function recover(file: string, files: SettingsFiles, clock: Clock): Promise<Opened> {
  const stamp = new Date(clock.now()).toISOString().replace(/[:.]/g, '-');
  const aside = path.join(path.dirname(file), `settings.broken-${stamp}.json`);
  const moved = await files.rename(file, aside).then(
    () => `it was set aside as ${path.basename(aside)}`,
    () => 'it could not be set aside',
  );
  const backup = await files.read(backupOf(file)).then(readSettings, () => null);
  if (backup?.status === 'read' && backup.future === null) {
    const told = `The settings file was damaged: ${moved} and the last good backup is used.`;
    await files.write(file, serialize(backup.settings)).catch(() => undefined);
    return { settings: backup.settings, problems: [told, ...backup.problems], readOnly: null };
  }
  const told = `The settings file was damaged: ${moved} and defaults are used, because there is no good backup.`;
  return { settings: DEFAULT_SETTINGS, problems: [told], readOnly: null };
}

/** What a kill -9 in the middle of a write left behind. */
async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    if (/^settings\.json(?:\.bak)?\..*\.tmp$/.test(name)) {
      await rm(path.join(directory, name), { force: true }).catch(() => undefined);
    }
  }
}

function explainWrite(file: string, error: unknown): EnsembleError {
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new EnsembleError(
      'disk-full',
      `The settings could not be saved: the disk of ${path.dirname(file)} is full.`,
      'Free some space, then try again; nothing was changed.',
      [],
      { cause: error },
    );
  }
  return new EnsembleError(
    'settings-unwritable',
    `The settings could not be saved to ${file} (${code ?? messageOf(error)}).`,
    'Check that the folder exists and is writable for your user; nothing was changed.',
    [],
    { cause: error },
  );
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error ? String(error.code) : null;
}
