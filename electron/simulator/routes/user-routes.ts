import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseJson, toJson } from '../graph/exact-json.ts';
import { empty, json, type Routes } from '../http/exchange.ts';
import { listFiles } from '../nodes/files.ts';
import type { ServerCore } from '../server-core.ts';
import { asRecord } from './prompt-routes.ts';

/** /users and /settings of the single default user. */
export function userRoutes(core: ServerCore): Routes {
  const root = path.join(core.options.directories.user, 'default');
  const settingsFile = path.join(root, 'comfy.settings.json');
  const settings = (): Readonly<Record<string, unknown>> =>
    existsSync(settingsFile) ? asRecord(parseJson(readFileSync(settingsFile, 'utf8'))) : {};
  const store = (values: Readonly<Record<string, unknown>>): void => {
    mkdirSync(root, { recursive: true });
    writeFileSync(settingsFile, toJson(values, 4));
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
