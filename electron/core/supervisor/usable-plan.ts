import { EnsembleError } from '../../../shared/errors.ts';
import type { LaunchPlan } from './launch-plan.ts';
import type { ManagedProcessDeps } from './managed-process-deps.ts';

/**
 * A plan that can be launched now.
 * @throws EnsembleError('bad-argument') for a plan with problems, ('port-in-use') when somebody else listens there
 */
export async function usablePlan(deps: ManagedProcessDeps): Promise<LaunchPlan> {
  const plan = await deps.plan();
  if (plan.problems.length > 0) {
    const message = plan.problems.map((problem) => problem.message).join(' ');
    throw new EnsembleError('bad-argument', message, 'Edit the instance and start it again.', plan.problems);
  }
  const port = deps.port();
  if ((await deps.checkPort(port)) === 'taken') {
    const hint = 'End the program that listens there, or give the instance another port.';
    throw new EnsembleError('port-in-use', `Port ${port} is already in use.`, hint);
  }
  return plan;
}
