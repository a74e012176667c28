import type { FieldProblem } from '../../shared/errors.ts';
import type { Planning } from './use-plan.ts';
import type { WorkflowHandle } from './use-workflow.ts';

/** Why it cannot be run now, one sentence; null when it can. Pure. */
export function blockReason(
  workflow: Pick<WorkflowHandle, 'workflow' | 'reading' | 'problem'>,
  name: string,
  problems: readonly FieldProblem[],
  planning: Planning,
  settingSeed: boolean,
): string | null {
  if (workflow.reading) return 'Reading the workflow…';
  if (workflow.workflow === null) return workflow.problem === null ? 'Choose a workflow first.' : null;
  if (name.trim() === '') return 'Give the run a name.';
  if (problems.length > 0) return 'Mend the fields that are marked first.';
  if (planning.pending || settingSeed) return 'Working out what will happen…';
  if (planning.refusal !== null) return planning.refusal.message;
  return planning.plan?.problems[0] ?? null;
}

/** On the button: "Run 4 shards". */
export function runLabel({ plan }: Planning): string {
  if (plan === null || plan.shardCount <= 1) return 'Run';
  return `Run ${plan.shardCount.toLocaleString('en')} shards`;
}
