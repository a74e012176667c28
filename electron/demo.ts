import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { simulatedProgram } from './core/fleet/program.ts';
import type { Runtime } from './core/runtime.ts';
import type { Simulation } from './core/simulation.ts';
import { KNOWN_FLAGS, SIMULATED_VERSION } from './simulator/flags.ts';
import { createWorld } from './simulator/world.ts';

/** Hands the simulator to the core: a machine with as many GPUs as asked for, in a folder of its own. */
export function createSimulation(runtime: Runtime): Simulation {
  return {
    prepare: async (directory, gpus) => {
      const root = path.join(directory, 'comfyui');
      const world = path.join(directory, 'world');
      for (const folder of ['input', 'output']) await mkdir(path.join(root, folder), { recursive: true });
      await createWorld(world, gpus);
      const install = {
        root,
        python: 'simulated',
        version: SIMULATED_VERSION,
        source: 'simulated',
        flags: KNOWN_FLAGS,
        baseDirectory: null,
      } as const;
      return {
        install,
        program: simulatedProgram(install, runtime, world),
        smi: {
          command: [...runtime.command('simulator'), 'nvidia-smi'],
          environment: { ...runtime.environment, ENSEMBLE_SIM_WORLD: world },
          simulated: true,
        },
      };
    },
  };
}
