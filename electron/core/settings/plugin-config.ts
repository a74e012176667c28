import { z } from 'zod';
import { EnsembleError } from '../../../shared/errors.ts';

/** ComfyUI-Distributed's gpu_config.json (1.4.4 and older), read tolerantly: what is not understood is left out. */

const text = z.string().trim().max(20_000).optional().catch(undefined);
const flag = z.boolean().optional().catch(undefined);
const port = z.coerce.number().int().min(1).max(65_535).optional().catch(undefined);
/** The plugin writes a number; people write "1" or "0,1". */
const device = z
  .union([
    z.number().int().min(0).max(1_023),
    z.string().regex(/^(?:\d+(?:\s*,\s*\d+)*|(?:GPU|MIG)-[\w./-]+)$/),
  ])
  .transform((value) => String(value).replace(/\s/g, ''))
  .optional()
  .catch(undefined);

const workerSchema = z.object({
  name: text,
  host: text,
  port,
  listen_port: port,
  cuda_device: device,
  enabled: flag,
  extra_args: text,
  type: text,
});

const masterSchema = z.object({ name: text, port, cuda_device: device, extra_args: text });

const settingsSchema = z.object({
  auto_launch_workers: flag,
  stop_workers_on_master_exit: flag,
  master_delegate_only: flag,
});

export type PluginWorker = z.infer<typeof workerSchema>;

export interface PluginConfig {
  readonly master: z.infer<typeof masterSchema>;
  readonly workers: readonly PluginWorker[];
  readonly settings: z.infer<typeof settingsSchema>;
  /** Names of settings that mean nothing here. */
  readonly otherSettings: readonly string[];
  /** Entries of the worker list that are no workers at all. */
  readonly unreadable: number;
}

/** @throws EnsembleError('bad-argument') when the text is not such a file */
export function readPluginConfig(content: string): PluginConfig {
  const raw = parse(content);
  const workers = raw['workers'] ?? [];
  if (!Array.isArray(workers)) throw refuse('Its list of workers is not a list.');
  if (!['workers', 'master', 'settings'].some((key) => key in raw)) {
    throw refuse('It names neither workers nor a master.');
  }
  const parsed = workers.map((worker: unknown) => workerSchema.safeParse(worker));
  const settings = asObject(raw['settings']) ?? {};
  return {
    master: masterSchema.parse(asObject(raw['master']) ?? {}),
    workers: parsed.flatMap((result) => (result.success ? [result.data] : [])),
    settings: settingsSchema.parse(settings),
    otherSettings: Object.keys(settings).filter(
      (key) => !(key in settingsSchema.shape) && key !== 'has_auto_populated_workers',
    ),
    unreadable: parsed.filter((result) => !result.success).length,
  };
}

function parse(content: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(content.replace(/^\uFEFF/, ''));
  } catch {
    throw refuse('It is not JSON.');
  }
  const object = asObject(value);
  if (object === null) throw refuse('It is not a JSON object.');
  return object;
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return { ...value };
}

function refuse(reason: string): EnsembleError {
  return EnsembleError.badArgument(
    'source',
    `This is not the plugin’s gpu_config.json. ${reason}`,
    'It lies in ComfyUI’s custom_nodes/ComfyUI-Distributed folder.',
  );
}
