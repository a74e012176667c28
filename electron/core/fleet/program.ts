import path from 'node:path';
import type { ComfyInstall } from '../../../shared/model.ts';
import type { Runtime } from '../runtime.ts';
import type { LaunchProgram } from '../supervisor/launch-plan.ts';

/** Where an install keeps what its servers share. */
export interface InstallFolders {
  readonly input: string;
  readonly output: string;
}

export function foldersOf(install: ComfyInstall): InstallFolders {
  const base = install.baseDirectory ?? install.root;
  return { input: path.join(base, 'input'), output: path.join(base, 'output') };
}

/** How to start a real server out of an install. */
export function realProgram(install: ComfyInstall): LaunchProgram {
  return {
    command: [install.python, path.join(install.root, 'main.py')],
    cwd: install.root,
    environment: {},
    flags: install.flags,
    simulated: false,
  };
}

/** A simulated server takes ComfyUI's own flags, so that it runs through the very same launch plan. */
export function simulatedProgram(install: ComfyInstall, runtime: Runtime, world: string): LaunchProgram {
  return {
    command: [...runtime.command('simulator'), 'comfyui'],
    cwd: install.root,
    environment: { ...runtime.environment, ENSEMBLE_SIM_WORLD: world },
    flags: install.flags,
    simulated: true,
  };
}
