import { readFile } from 'node:fs/promises';
import type { CommandHandlers, ImportPreview, ImportSource } from '../../../shared/contract.ts';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import type { GpuInfo } from '../../../shared/model.ts';
import { planImport, readPluginConfig } from '../settings/plugin-import.ts';
import type { SettingsStore } from '../settings/store.ts';
import type { Setup } from '../setup.ts';

type SetupCommands = Pick<
  CommandHandlers,
  | 'comfyui.find'
  | 'comfyui.check'
  | 'comfyui.use'
  | 'demo.start'
  | 'demo.stop'
  | 'import.preview'
  | 'import.apply'
>;

/** The plugin's file is a few KB; anything far larger is not it. */
const MOST_IMPORT_BYTES = 1_000_000;

export interface SetupCommandDeps {
  readonly setup: Setup;
  readonly store: SettingsStore;
  readonly gpus: () => readonly GpuInfo[];
}

/** Which ComfyUI the fleet runs on, the demo fleet, and the import from the plugin. */
export function setupCommands({ setup, store, gpus }: SetupCommandDeps): SetupCommands {
  const plan = async (source: ImportSource) =>
    planImport(store.value, readPluginConfig(await textOf(source)), gpus());
  return {
    'comfyui.find': async () => setup.find(),
    'comfyui.check': async ({ root, python }) => setup.check(root, python),
    'comfyui.use': async ({ root, python }) => {
      await setup.use(root, python);
      return null;
    },
    'demo.start': async ({ gpus: count }) => {
      await setup.startDemo(count);
      return null;
    },
    'demo.stop': async () => {
      await setup.stopDemo();
      return null;
    },
    'import.preview': async ({ source }): Promise<ImportPreview> => {
      const { changes, skipped } = await plan(source);
      return { changes, skipped };
    },
    'import.apply': async ({ source }): Promise<ImportPreview> => {
      const { settings, changes, skipped } = await plan(source);
      await setup.applyRoster(settings);
      return { changes, skipped };
    },
  };
}

async function textOf(source: ImportSource): Promise<string> {
  if ('text' in source) return source.text;
  try {
    const bytes = await readFile(source.path);
    if (bytes.byteLength > MOST_IMPORT_BYTES) throw new Error('it is larger than 1 MB');
    return bytes.toString('utf8');
  } catch (error) {
    throw new EnsembleError(
      'bad-argument',
      `${source.path} cannot be read: ${messageOf(error)}.`,
      'Give the path of the plugin’s gpu_config.json.',
      [{ field: 'path', message: 'This file cannot be read.' }],
    );
  }
}
