import { z } from 'zod';
import { parsePythonJson } from '../comfy/python-json.ts';
import { withSlashes } from './model-place.ts';

/** What a server tells about the files in its model folders: both 0.3.64 and 0.33.0 list names and sizes. */

/** A server's routes, as its HTTP client reads them. */
export interface ServerText {
  /** The body of a route; null when the status is not 200. @throws EnsembleError when nobody answers */
  text(path: string, slow?: boolean, signal?: AbortSignal): Promise<string | null>;
}

/** Name with "/" → bytes, null where the server does not say. */
export type FileSizes = ReadonlyMap<string, number | null>;

const Sized = z.array(z.object({ name: z.string(), size: z.number().min(0).nullish().catch(null) }));
const Names = z.array(z.string());
/** Old servers list names, others objects. */
const Folders = z.array(
  z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]).catch(''),
);

/**
 * The files of one folder. `/experiment/models` has sizes but leaves out kinds of files that only a node pack knows (gguf);
 * `/models` has those too.
 * @returns null when the server has no such folder
 */
export async function folderFiles(
  server: ServerText,
  folder: string,
  signal?: AbortSignal,
): Promise<FileSizes | null> {
  const path = encodeURIComponent(folder);
  const [sized, named] = await Promise.all([
    read(server, `/experiment/models/${path}`, Sized, signal),
    read(server, `/models/${path}`, Names, signal),
  ]);
  if (sized === null && named === null) return null;
  const files = new Map<string, number | null>();
  // Of two files of one name the server loads the one that it lists first.
  for (const { name, size } of sized ?? []) {
    const key = withSlashes(name);
    if (!files.has(key)) files.set(key, size ?? null);
  }
  for (const name of named ?? []) if (!files.has(withSlashes(name))) files.set(withSlashes(name), null);
  return files;
}

/** They hold no models. */
const OTHER_FOLDERS: ReadonlySet<string> = new Set(['', 'configs', 'custom_nodes']);

/** All folders with the names of their files. */
export async function allFolders(
  server: ServerText,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const folders = (await read(server, '/models', Folders, signal)) ?? [];
  const names = folders.filter((name) => !OTHER_FOLDERS.has(name));
  const lists = await Promise.all(
    names.map((name) => read(server, `/models/${encodeURIComponent(name)}`, Names, signal)),
  );
  return new Map(names.map((name, index) => [name, lists[index] ?? []]));
}

/** What makes no sense counts as not there: a proxy in between may answer with a page of its own. */
async function read<T>(
  server: ServerText,
  path: string,
  schema: z.ZodType<T>,
  signal?: AbortSignal,
): Promise<T | null> {
  const text = await server.text(path, true, signal);
  const parsed = schema.safeParse(text === null ? undefined : parsePythonJson(text));
  return parsed.success ? parsed.data : null;
}
