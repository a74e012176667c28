import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseJson, toJson } from '../graph/exact-json.ts';
import { empty, json, type Routes } from '../http/exchange.ts';
import { listFiles } from '../nodes/files.ts';
import type { ServerCore } from '../server-core.ts';
import { asRecord } from './prompt-routes.ts';

/** /users, /settings and /userdata of the single default user. */
export function userRoutes(core: ServerCore): Routes {
  const root = path.join(core.options.directories.user, 'default');
  const settingsFile = path.join(root, 'comfy.settings.json');
  const settings = (): Readonly<Record<string, unknown>> =>
    existsSync(settingsFile) ? asRecord(parseJson(readFileSync(settingsFile, 'utf8'))) : {};
  const store = (values: Readonly<Record<string, unknown>>): void => {
    mkdirSync(root, { recursive: true });
    writeFileSync(settingsFile, toJson(values, 4));
  };
  const fileOf = (name: string | undefined): string | null => {
    const file = path.resolve(root, name ?? '');
    return file.startsWith(root + path.sep) ? file : null;
  };
  return {
    'GET /users': () => json({ storage: 'server', migrated: existsSync(root) }),
    'GET /settings': () => json(settings()),
    'GET /settings/{id}': ({ parameters }) => json(settings()[parameters['id'] ?? ''] ?? null),
    'POST /settings': async (request) => {
      store({ ...settings(), ...asRecord(await request.json()) });
      return empty();
    },
    'POST /settings/{id}': async (request) => {
      store({ ...settings(), [request.parameters['id'] ?? '']: await request.json() });
      return empty();
    },
    'GET /userdata': ({ query }) => {
      if (!query.get('dir')) return empty(400);
      const folder = fileOf(query.get('dir') ?? '');
      if (folder === null) return empty(403);
      return existsSync(folder) ? json(walk(folder, query.get('recurse') === 'true')) : empty(404);
    },
    'GET /userdata/{file}': ({ parameters }) => {
      const file = fileOf(parameters['file']);
      if (file === null) return empty(403);
      if (!existsSync(file) || !statSync(file).isFile()) return empty(404);
      return {
        status: 200,
        headers: { 'Content-Type': 'application/octet-stream' },
        body: readFileSync(file),
      };
    },
    'POST /userdata/{file}': async (request) => {
      const file = fileOf(request.parameters['file']);
      if (file === null) return empty(403);
      if (request.query.get('overwrite') === 'false' && existsSync(file)) return empty(409);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, await request.body());
      return json(path.relative(root, file));
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

/** /internal/*, which has no /api form. */
export function internalRoutes(core: ServerCore): Routes {
  return {
    'GET /internal/logs': () => json(core.logBook.entries.map(({ t, m }) => `${t} - ${m}`).join('')),
    'GET /internal/logs/raw': () => json({ entries: core.logBook.entries, size: { cols: 80, rows: 24 } }),
    'PATCH /internal/logs/subscribe': async (request) => {
      const body = asRecord(await request.json());
      const client = String(body['clientId']);
      if (body['enabled']) core.hub.logSubscribers.add(client);
      else core.hub.logSubscribers.delete(client);
      return empty();
    },
    'GET /internal/folder_paths': () => json({ checkpoints: [path.resolve('models/checkpoints')] }),
    'GET /internal/files/{type}': ({ parameters }) => {
      const type = parameters['type'];
      if (type !== 'input' && type !== 'output' && type !== 'temp')
        return json({ error: 'Invalid directory type' }, 400);
      return json(listFiles(core.options.directories[type]).map((name) => `${name} [${type}]`));
    },
  };
}

function walk(folder: string, recurse: boolean, prefix = ''): readonly string[] {
  return readdirSync(path.join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(prefix, entry.name);
    if (entry.isDirectory()) return recurse ? walk(folder, true, name) : [];
    return [name];
  });
}
