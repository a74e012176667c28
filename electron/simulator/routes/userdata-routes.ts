import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { empty, json, type Routes, type SimulatedReply, text } from '../http/exchange.ts';
import type { ServerCore } from '../server-core.ts';

/** /userdata: workflows, styles and whatever else the page keeps for the single default user. */
export function userdataRoutes({ options, legacy }: ServerCore): Routes {
  const root = path.join(options.directories.user, 'default');
  const home: Home = {
    root,
    fileOf: (name) => {
      const file = path.resolve(root, name ?? '');
      return file.startsWith(root + path.sep) ? file : null;
    },
    told: (file, folder, fully) => (fully ? fileInfo(file, folder, legacy) : relative(folder, file)),
  };
  return { ...listRoutes(home), ...fileRoutes(home, legacy) };
}

interface Home {
  readonly root: string;
  /** null for what lies outside. */
  fileOf(name: string | undefined): string | null;
  told(file: string, folder: string, fully: boolean): unknown;
}

function listRoutes({ root, fileOf, told }: Home): Routes {
  return {
    'GET /userdata': ({ query }) => {
      if (!query.get('dir')) return text('Directory not provided', 400);
      const folder = fileOf(query.get('dir') ?? '');
      if (folder === null) return text('Invalid directory', 403);
      if (!existsSync(folder)) return text('Directory not found', 404);
      const fully = isTrue(query, 'full_info');
      const files = walk(folder, isTrue(query, 'recurse'));
      if (fully || !isTrue(query, 'split')) return json(files.map((file) => told(file, folder, fully)));
      return json(files.map((file) => relative(folder, file)).map((name) => [name, ...name.split('/')]));
    },
    'GET /v2/userdata': ({ query }) => {
      const asked = query.get('path') ?? '';
      const folder = asked === '' ? root : fileOf(asked);
      if (folder === null) return text('Invalid path requested', 400);
      if (!existsSync(folder)) return asked === '' ? json([]) : text('Requested path not found', 404);
      return json(entriesOf(folder, root));
    },
  };
}

function fileRoutes({ root, fileOf, told }: Home, legacy: boolean): Routes {
  return {
    'GET /userdata/{file}': ({ parameters }) => {
      const file = fileOf(parameters['file']);
      if (file === null) return empty(403);
      if (!isFile(file)) return empty(404);
      return fileReply(file, path.join(root, 'user.css'), legacy);
    },
    'POST /userdata/{file}': async (request) => {
      const file = fileOf(request.parameters['file']);
      if (file === null) return empty(403);
      if (request.query.get('overwrite') === 'false' && existsSync(file))
        return text('File already exists', 409);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, await request.body());
      return json(told(file, root, isTrue(request.query, 'full_info')));
    },
    'POST /userdata/{file}/move/{dest}': ({ parameters, query }) => {
      const [from, to] = [fileOf(parameters['file']), fileOf(parameters['dest'])];
      if (from === null || to === null) return empty(403);
      if (!existsSync(from)) return empty(404);
      if (query.get('overwrite') === 'false' && existsSync(to)) return text('File already exists', 409);
      mkdirSync(path.dirname(to), { recursive: true });
      renameSync(from, to);
      return json(told(to, root, isTrue(query, 'full_info')));
    },
    'DELETE /userdata/{file}': ({ parameters }) => {
      const file = fileOf(parameters['file']);
      if (file === null) return empty(403);
      if (!existsSync(file)) return empty(404);
      rmSync(file);
      return empty(204);
    },
  };
}

/** Newer servers let nothing of a user's files run in the page's origin but the styles. */
function fileReply(file: string, styles: string, legacy: boolean): SimulatedReply {
  const known: Readonly<Record<string, string>> = { '.json': 'application/json', '.css': 'text/css' };
  const type = { 'Content-Type': known[path.extname(file)] ?? 'application/octet-stream' };
  const guarded = {
    'X-Content-Type-Options': 'nosniff',
    'Content-Disposition': file === styles ? 'inline' : 'attachment',
  };
  return { status: 200, headers: legacy ? type : { ...type, ...guarded }, body: readFileSync(file) };
}

/** Times in seconds with a fraction (0.3) or in whole milliseconds. */
function fileInfo(file: string, folder: string, legacy: boolean): unknown {
  const { size, mtimeMs, ctimeMs } = statSync(file);
  const time = (ms: number): number => (legacy ? ms / 1000 : Math.trunc(ms));
  return { path: relative(folder, file), size, modified: time(mtimeMs), created: time(ctimeMs) };
}

function entriesOf(folder: string, root: string): readonly unknown[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).map((entry) => {
    const full = path.join(entry.parentPath, entry.name);
    const where = { name: entry.name, path: relative(root, full) };
    if (entry.isDirectory()) return { ...where, type: 'directory' };
    const { size, mtimeMs } = statSync(full);
    return { ...where, type: 'file', size, modified: mtimeMs / 1000 };
  });
  const rank = ({ type, name }: (typeof entries)[number]): string =>
    `${type === 'directory' ? 0 : 1}${name.toLowerCase()}`;
  return entries.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

function walk(folder: string, recurse: boolean): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: recurse })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

function relative(folder: string, file: string): string {
  return path.relative(folder, file).replaceAll('\\', '/');
}

function isTrue(query: URLSearchParams, name: string): boolean {
  return query.get(name)?.toLowerCase() === 'true';
}
