import type { RunId, RunSummary } from '../../shared/runs.ts';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { useRun, useRuns } from '../store/services.ts';
import { cancelConsequence } from './run-words.ts';

export interface RunDialogProps {
  readonly id: RunId;
  readonly onClose: () => void;
}

export function CancelRunDialog({ id, onClose }: RunDialogProps) {
  const command = useRun();
  const run = useKnownRun(id);
  if (run === null) return null;
  return (
    <ConfirmDialog
      danger
      title={`Cancel ${run.name}?`}
      consequence={cancelConsequence(run)}
      confirmLabel="Cancel run"
      dismissLabel="Keep running"
      onConfirm={() => void command('runs.cancel', { runId: id })}
      onClose={onClose}
    />
  );
}

export function ForgetRunDialog({ id, onClose }: RunDialogProps) {
  const command = useRun();
  const run = useKnownRun(id);
  if (run === null) return null;
  return (
    <ConfirmDialog
      danger
      title={`Forget ${run.name}?`}
      consequence="It leaves this list and the gallery, with its seeds, times and workflow. Its files stay in the output folder. This cannot be undone."
      confirmLabel="Forget run"
      onConfirm={() => void command('runs.remove', { runId: id })}
      onClose={onClose}
    />
  );
}

/** Also one that the list does not reach back to. */
function useKnownRun(id: RunId): RunSummary | null {
  return useRuns(
    (state) =>
      state.runs?.find((run) => run.id === id) ?? (state.detail?.runId === id ? state.detail.run : null),
  );
}
