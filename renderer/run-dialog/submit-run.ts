import type { RunOptions } from '../../shared/runs.ts';
import type { Services } from '../store/services.ts';
import type { WorkflowText } from '../store/ui-store.ts';

/** Hands the run over, remembers its workflow for the next time, and shows where it went. @throws EnsembleError */
export async function submitRun(
  services: Services,
  workflow: WorkflowText,
  options: RunOptions,
  onAccepted: () => void,
): Promise<void> {
  const ui = services.ui.getState();
  const { runId } = await services.client.invoke('runs.submit', {
    name: workflow.name,
    workflow: workflow.text,
    options,
  });
  ui.rememberWorkflow(workflow);
  onAccepted();
  ui.openRun(runId);
  services.toasts.getState().show({
    level: 'success',
    title: `${workflow.name} is in the queue`,
    detail: null,
    action: { label: 'Open run', run: () => services.ui.getState().openRun(runId) },
  });
}
