import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { acquireLock, type LockOwner, releaseLock } from './directory-lock.ts';

const controlSchema = z.object({ url: z.string(), token: z.string(), pid: z.int().positive() });

/** How a client on this machine reaches the running control center. */
export type ControlFile = z.infer<typeof controlSchema>;

/** The platform's usual place; ENSEMBLE_DATA names another. */
export function defaultDataDirectory(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  home: string,
): string {
  const given = env['ENSEMBLE_DATA'];
  if (given !== undefined && given !== '') return path.resolve(given);
  if (platform === 'win32') {
    return path.win32.join(env['APPDATA'] ?? path.win32.join(home, 'AppData', 'Roaming'), 'Comfy Ensemble');
  }
  if (platform === 'darwin') {
    return path.posix.join(home, 'Library', 'Application Support', 'Comfy Ensemble');
  }
  const data = env['XDG_DATA_HOME'];
  // The XDG rules: a relative path there is to be ignored.
  const usable = data !== undefined && path.posix.isAbsolute(data);
  return path.posix.join(usable ? data : path.posix.join(home, '.local', 'share'), 'comfy-ensemble');
}

/** The folder that belongs to one control center at a time. */
export class DataDirectory {
  private constructor(
    readonly path: string,
    private readonly owner: LockOwner,
  ) {}

  /**
   * @throws EnsembleError('conflict') that names pid and address when another control center holds it,
   *   EnsembleError('settings-unwritable' | 'disk-full') when it cannot be made or written
   */
  static async acquire(directory: string): Promise<DataDirectory> {
    const absolute = path.resolve(directory);
    const result = await prepare(absolute);
    if (result.status === 'acquired') return new DataDirectory(absolute, result.owner);
    const control = await readControlFile(absolute);
    const where = control?.pid === result.pid ? ` at ${control.url}` : '';
    throw new EnsembleError(
      'conflict',
      `Another Comfy Ensemble (process ${result.pid}${where}) already uses ${absolute}.`,
      'Open that one, stop it first, or give this one its own folder with --data.',
    );
  }

  file(...parts: readonly string[]): string {
    return path.join(this.path, ...parts);
  }

  /** Readable for this user only: it holds the token. */
  async writeControlFile(control: ControlFile): Promise<void> {
    try {
      await writeFileAtomically(controlPath(this.path), JSON.stringify(control), 0o600);
    } catch (error) {
      throw unusable(this.path, error);
    }
  }

  /** Idempotent; leaves what belongs to a later owner alone. */
  async release(): Promise<void> {
    const control = await readControlFile(this.path);
    if (control?.pid === process.pid) await rm(controlPath(this.path), { force: true });
    await releaseLock(lockPath(this.path), this.owner);
  }
}

/** @returns null when no control center has run here, or its file is damaged */
export async function readControlFile(directory: string): Promise<ControlFile | null> {
  try {
    const parsed = controlSchema.safeParse(JSON.parse(await readFile(controlPath(directory), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

async function prepare(directory: string): ReturnType<typeof acquireLock> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return await acquireLock(lockPath(directory));
  } catch (error) {
    throw unusable(directory, error);
  }
}

function unusable(directory: string, error: unknown): EnsembleError {
  const full = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
  return full
    ? new EnsembleError(
        'disk-full',
        `The disk of ${directory} is full.`,
        'Free some space, then start again.',
      )
    : new EnsembleError(
        'settings-unwritable',
        `The data folder ${directory} cannot be used: ${messageOf(error)}.`,
        'Give a folder that your user may write with --data.',
      );
}

function controlPath(directory: string): string {
  return path.join(directory, 'control.json');
}

function lockPath(directory: string): string {
  return path.join(directory, 'control.lock');
}
