import { mkdir } from 'node:fs/promises';
import type { ProcessSystem, RunningProcess } from './child-process.ts';
import { startError } from './failure-reports.ts';
import type { LaunchPlan } from './launch-plan.ts';
import type { ManagedProcessDeps } from './managed-process-deps.ts';

/**
 * Makes its folders and spawns it, if it is still wanted then.
 * @throws EnsembleError('disk-full'), or what else kept it from starting
 */
export async function spawnServer(
  plan: LaunchPlan,
  { log }: ManagedProcessDeps,
  system: ProcessSystem,
  isWanted: () => boolean,
): Promise<RunningProcess | null> {
  try {
    for (const directory of plan.directories) await mkdir(directory, { recursive: true });
    if (!isWanted()) return null;
    log.note(`Starting: ${[plan.file, ...plan.args].join(' ')}`);
    return await system.spawn(plan, () => log.openForChild());
  } catch (error) {
    throw startError(error);
  }
}
