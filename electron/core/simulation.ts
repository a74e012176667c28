import type { ComfyInstall } from '../../shared/model.ts';
import type { SmiCommand } from './gpu/inventory-query.ts';
import type { LaunchProgram } from './supervisor/launch-plan.ts';

/** The demo fleet, handed in by the composition roots: the core itself knows nothing of the simulator. */
export interface Simulation {
  /** Makes (or keeps, when it has as many GPUs) the simulated machine in this folder. */
  prepare(directory: string, gpus: number): Promise<SimulatedMachine>;
}

export interface SimulatedMachine {
  readonly install: ComfyInstall;
  readonly program: LaunchProgram;
  readonly smi: SmiCommand;
}
