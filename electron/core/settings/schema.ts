import { z } from 'zod';
import { providerSettings } from '../../../shared/parse/providers.ts';
import { DEFAULT_SETTINGS, HOST_NAME, MOST_GATEWAY_NAMES, type Settings } from '../../../shared/settings.ts';
import { PUBLIC_NAME } from '../../../shared/tunnel.ts';

/** Reads whatever a settings file holds: unknown keys stay, a bad field falls back to its default and is told. */

const port = z.int().min(1).max(65_535);
const device = z.string().min(1).max(200);
const name = z.string().min(1).max(200);
const extraArgs = z.string().max(20_000);

const masterFields = {
  name,
  port,
  device: device.nullable(),
  extraArgs,
  selected: z.boolean(),
};

const localWorker = z.looseObject({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  type: z.literal('local'),
  name,
  port,
  device,
  extraArgs: extraArgs.default(''),
  selected: z.boolean().default(true),
});

const cap = z.number().min(0).nullable();
const workerId = z.string().max(200);
const remoteWorker = z.looseObject({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  type: z.enum(['remote', 'cloud']),
  name,
  host: z.string().min(1).max(253),
  port,
  secure: z.boolean(),
  path: z.string().max(4096).default(''),
  certificate: z.string().max(65_536).nullable().default(null),
  selected: z.boolean().default(true),
  source: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('agent'), agent: workerId, instance: workerId }),
      z.object({ kind: z.literal('provider'), provider: workerId, lease: workerId }),
    ])
    .nullable()
    .default(null),
});

const workerSchema = z.discriminatedUnion('type', [localWorker, remoteWorker]);

const agentSchema = z.object({
  id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
  name,
  host: z.string().min(1).max(253),
  port,
  certificate: z.string().min(1).max(65_536),
  known: z.array(z.string().max(200)),
});

type FieldSchemas<T> = { readonly [K in keyof T]-?: z.ZodType<T[K]> };

const preferenceFields: FieldSchemas<Omit<Settings, 'version' | 'master' | 'workers'>> = {
  comfyui: z.looseObject({ root: z.string().min(1), python: z.string().nullable().default(null) }).nullable(),
  populated: z.boolean(),
  autoLaunch: z.boolean(),
  stopOnQuit: z.boolean(),
  restartCrashed: z.boolean(),
  theme: z.enum(['system', 'light', 'dark']),
  nativeNotifications: z.boolean(),
  closeToTray: z.boolean(),
  launchAtLogin: z.boolean(),
  readyTimeoutSeconds: z.number().min(5).max(86_400),
  telemetrySeconds: z.number().min(0.2).max(3_600),
  gatewayPort: port,
  gatewayOpen: z.boolean(),
  gatewayNames: z.array(z.string().max(260).regex(HOST_NAME)).max(MOST_GATEWAY_NAMES),
  gatewayDistribution: z.enum(['balance', 'fan-out', 'master']),
  tunnelProgram: z.string().min(1).max(4096).nullable(),
  tunnelHost: z.string().regex(PUBLIC_NAME).nullable(),
  tunnelAtStart: z.enum(['off', 'quick', 'named']),
  providers: z.array(providerSettings),
  spendCaps: z.object({ perHour: cap, perDay: cap, total: cap }),
  keepRuns: z.int().min(1).max(1_000_000),
  keepRunDays: z.int().min(1).max(36_500),
  agents: z.array(agentSchema),
  discovery: z.boolean(),
};

export const SETTINGS_VERSION = DEFAULT_SETTINGS.version;

export type SettingsReading =
  | {
      readonly status: 'read';
      readonly settings: Settings;
      /** One sentence per field that was mended. */
      readonly problems: readonly string[];
      /** Written by a newer Comfy Ensemble: may be used, must not be written. */
      readonly future: number | null;
    }
  | { readonly status: 'broken' };

/** @param text content of the file; broken = not a JSON object at all */
export function readSettings(text: string): SettingsReading {
  const raw = parseObject(text);
  if (raw === null) return { status: 'broken' };
  const problems: string[] = [];
  const version = z.int().min(1).safeParse(raw['version']);
  if (!version.success) problems.push('The settings file names no version; it was read as version 1.');
  const settings = {
    ...raw,
    ...readFields(raw, preferenceFields, DEFAULT_SETTINGS, '', problems),
    version: SETTINGS_VERSION,
    master: readMaster(raw['master'], problems),
    workers: readWorkers(raw['workers'], problems),
  };
  const future = version.success && version.data > SETTINGS_VERSION ? version.data : null;
  return { status: 'read', settings, problems, future };
}

/** Missing fields take their default silently; wrong ones are told. */
function readFields<T extends object>(
  raw: Readonly<Record<string, unknown>>,
  schemas: FieldSchemas<T>,
  defaults: T,
  prefix: string,
  problems: string[],
): T {
  const result = { ...defaults };
  for (const key in schemas) {
    const value = raw[key];
    if (value === undefined) continue;
    const parsed = schemas[key].safeParse(value);
    if (parsed.success) result[key] = parsed.data;
    else problems.push(`“${prefix}${key}” in the settings file was not valid; its default is used.`);
  }
  return pick(result, schemas);
}

function pick<T extends object>(value: T, schemas: FieldSchemas<T>): T {
  const entries = Object.entries(value).filter(([key]) => key in schemas);
  return Object.fromEntries(entries) as T;
}

function readMaster(raw: unknown, problems: string[]): Settings['master'] {
  if (raw === undefined) return DEFAULT_SETTINGS.master;
  const object = asObject(raw);
  if (object === null) {
    problems.push('“master” in the settings file was not valid; its defaults are used.');
    return DEFAULT_SETTINGS.master;
  }
  return { ...object, ...readFields(object, masterFields, DEFAULT_SETTINGS.master, 'master.', problems) };
}

function readWorkers(raw: unknown, problems: string[]): Settings['workers'] {
  if (raw === undefined) return [];
  if (!Array.isArray(raw)) {
    problems.push('“workers” in the settings file was not a list; there are none now.');
    return [];
  }
  const ids = new Set<string>();
  const workers: z.infer<typeof workerSchema>[] = [];
  raw.forEach((item: unknown, index) => {
    const parsed = workerSchema.safeParse(item);
    if (!parsed.success || ids.has(parsed.data.id)) {
      const field = parsed.success ? 'id' : (parsed.error.issues[0]?.path.join('.') ?? '');
      problems.push(
        `Worker ${index + 1} in the settings file was not valid (${field || 'no object'}) and was left out.`,
      );
      return;
    }
    ids.add(parsed.data.id);
    workers.push(parsed.data);
  });
  return workers;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    return asObject(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch {
    return null;
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return { ...value };
}
