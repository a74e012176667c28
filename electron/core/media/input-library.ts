import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { EnsembleError } from '../../../shared/errors.ts';
import type { ComfyFile } from '../comfy/outputs.ts';
import { type ApiPrompt, nodeTitle } from '../comfy/prompt.ts';
import { changedFailure } from '../comfy/transfer-failures.ts';
import type { InputFile } from './inputs-of.ts';
import { unreadableFile } from './media-failures.ts';
import { RecentMap } from './recent-map.ts';
import { SharedWork } from './shared-work.ts';

/** The master's own folders, absolute. */
export type InputFolders = Readonly<Record<ComfyFile['type'], string>>;

export interface LocatedFile {
  readonly path: string;
  readonly bytes: number;
  /** Changes when the file does. */
  readonly version: string;
}

const REMEMBERED = 10_000;

/** The files that workflows load, as they lie at the master. */
export class InputLibrary {
  readonly #digests = new RecentMap<string>(REMEMBERED);
  readonly #hashing = new SharedWork<string>();

  constructor(readonly folders: InputFolders) {}

  /**
   * @returns null when there is no such file
   * @throws EnsembleError('bad-argument') when the name leads out of the folder
   */
  async find(file: Pick<InputFile, 'name' | 'subfolder' | 'type' | 'raw'>): Promise<LocatedFile | null> {
    const place = placeOf(this.folders[file.type], file.subfolder, file.name);
    if (place === null) {
      throw new EnsembleError(
        'bad-argument',
        `“${file.raw}” is not in the ${file.type} folder.`,
        'Workflows may load files of the input, output and temp folders alone; copy it there.',
      );
    }
    return locate(place);
  }

  /**
   * SHA-256 of the content, hex. Read once for each version of a file, whoever asks.
   * @throws EnsembleError 'conflict' when it is being written, 'internal' when it cannot be read
   */
  async digest(file: LocatedFile, signal?: AbortSignal): Promise<string> {
    const key = `${file.version} ${file.path}`;
    const known = this.#digests.get(key);
    if (known !== undefined) return known;
    return this.#hashing.join(
      key,
      async (abort) => {
        const digest = await hash(file, abort);
        this.#digests.set(key, digest);
        return digest;
      },
      { signal },
    );
  }
}

/** Files without which a prompt cannot run. Names nodes as people call them. */
export function missingFailure(prompt: ApiPrompt, missing: readonly InputFile[]): EnsembleError {
  const problems = missing.map(({ nodeId, input, raw, type }) => ({
    field: `node ${nodeId} (${nodeTitle(prompt, nodeId) ?? 'unknown'}), ${input}`,
    message: `“${raw}” is not in the ${type} folder`,
  }));
  const [first] = problems;
  const more = problems.length > 1 ? `, and ${problems.length - 1} more` : '';
  return new EnsembleError(
    'not-found',
    `A file that the workflow loads is missing: ${first?.field ?? ''}: ${first?.message ?? ''}${more}.`,
    'Put it there, or choose another file in the workflow.',
    problems,
  );
}

/** Names come from workflows, so from anywhere. null: it does not lie below the root. */
function placeOf(root: string, subfolder: string, name: string): string | null {
  const parts = [...(subfolder === '' ? [] : subfolder.split('/')), name];
  const [first = ''] = parts;
  if (first === '' || name === '' || parts.some((part) => part === '..' || part.includes('\0'))) return null;
  // A drive, or one of the streams of a file.
  if (path.sep === '\\' && parts.some((part) => part.includes(':'))) return null;
  return path.join(root, ...parts);
}

async function locate(place: string): Promise<LocatedFile | null> {
  const info = await stat(place, { bigint: true }).catch(() => null);
  if (info === null || !info.isFile()) return null;
  const version = `${info.size}-${info.mtimeNs}-${info.ino}`;
  return { path: place, bytes: Number(info.size), version };
}

async function hash(file: LocatedFile, signal: AbortSignal): Promise<string> {
  const digest = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file.path, { signal, highWaterMark: 1_048_576 })) {
      digest.update(chunk);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw unreadableFile(file.path, error);
  }
  const after = await locate(file.path);
  if (after?.version !== file.version) throw changedFailure(path.basename(file.path));
  return digest.digest('hex');
}
