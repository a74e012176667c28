import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { parseName } from '../../media/inputs-of.ts';
import { typeOf } from '../../runs/artifacts/kinds.ts';
import { extensionOf } from '../../runs/artifacts/names.ts';
import type { RunFolders } from '../../runs/run-fleet.ts';
import { locate } from '../view.ts';
import { type Fields, PluginRefusal } from './plugin-replies.ts';

/** What the plugin tells of the files that workflows load. */

/** They are handed out in one piece of JSON. */
const MOST_BYTES = 128 * 1_048_576;

type Folders = Pick<RunFolders, 'input' | 'output' | 'temp'>;

export async function checkFile({ filename, hash }: Fields, folders: Folders): Promise<Fields> {
  if (!isName(filename) || !isName(hash)) throw new PluginRefusal(400, 'Missing filename or hash');
  const file = await fileNamed(filename, folders);
  if (file === null) return { status: 'success', exists: false };
  const digest = createHash('md5');
  for await (const chunk of createReadStream(file)) digest.update(chunk);
  return { status: 'success', exists: true, hash_matches: digest.digest('hex') === hash };
}

/** The file as it is: the plugin makes a PNG of any picture, which a reader of data URLs does not notice. */
export async function loadImage({ image_path: name }: Fields, folders: Folders): Promise<Fields> {
  if (!isName(name)) throw new PluginRefusal(400, 'Missing image_path');
  const file = await fileNamed(name, folders);
  if (file === null) throw new PluginRefusal(404, `File not found: ${name}`);
  if ((await stat(file)).size > MOST_BYTES)
    throw new PluginRefusal(
      413,
      `${name} is larger than ${MOST_BYTES / 1_048_576} MiB: fetch it with /view.`,
    );
  const bytes = await readFile(file);
  return {
    status: 'success',
    image_data: `data:${typeOf(extensionOf(file)).mime};base64,${bytes.toString('base64')}`,
    hash: createHash('md5').update(bytes).digest('hex'),
  };
}

async function fileNamed(raw: string, folders: Folders): Promise<string | null> {
  const { name, subfolder, type } = parseName(raw);
  if (name.includes('\0') || subfolder.includes('\0')) return null;
  const file = await locate(folders[type], { folder: subfolder, filename: name });
  return file !== null && (await stat(file)).isFile() ? file : null;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
