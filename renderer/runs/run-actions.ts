import {
  ArrowDown,
  ArrowUp,
  Copy,
  Download,
  FastForward,
  Images,
  type LucideIcon,
  RotateCcw,
  Trash2,
  X,
} from 'lucide-react';
import type { RunSummary } from '../../shared/runs.ts';
import { copyText } from '../components/copy-text.ts';
import { saveText } from '../components/save-file.ts';
import { runCommand, type Services } from '../store/services.ts';
import { moveTarget, type RunAction } from './run-words.ts';

export interface ActionWords {
  readonly label: string;
  readonly icon: LucideIcon;
  /** Pressed while the run's row has the focus. */
  readonly key: string;
}

export const RUN_ACTION_WORDS: Readonly<Record<RunAction, ActionWords>> = {
  cancel: { label: 'Cancel…', icon: X, key: 'X' },
  retry: { label: 'Retry failed', icon: RotateCcw, key: 'R' },
  again: { label: 'Run again with next seeds', icon: FastForward, key: 'N' },
  'move-up': { label: 'Move up', icon: ArrowUp, key: 'Alt+↑' },
  'move-down': { label: 'Move down', icon: ArrowDown, key: 'Alt+↓' },
  gallery: { label: 'Show in gallery', icon: Images, key: 'G' },
  'copy-id': { label: 'Copy run id', icon: Copy, key: 'C' },
  download: { label: 'Download workflow', icon: Download, key: 'D' },
  remove: { label: 'Forget…', icon: Trash2, key: 'Del' },
};

export async function performRunAction(
  services: Services,
  run: RunSummary,
  action: RunAction,
): Promise<void> {
  const runId = run.id;
  const ui = services.ui.getState();
  switch (action) {
    case 'cancel':
      return ui.openDialog({ kind: 'run-cancel', id: runId });
    case 'remove':
      return ui.openDialog({ kind: 'run-remove', id: runId });
    case 'gallery':
      return ui.showGallery({ runId });
    case 'retry':
      await runCommand(services, 'runs.retry', { runId });
      return;
    case 'again':
      return runAgain(services, run);
    case 'move-up':
      return move(services, run, 'up');
    case 'move-down':
      return move(services, run, 'down');
    case 'copy-id':
      return copyId(services, runId);
    case 'download':
      return download(services, run);
  }
}

async function runAgain(services: Services, run: RunSummary): Promise<void> {
  const result = await runCommand(services, 'runs.again', { runId: run.id });
  if (result === null) return;
  services.toasts.getState().show({
    level: 'success',
    title: `${run.name} runs again with the next seeds`,
    detail: null,
    action: { label: 'Open run', run: () => services.ui.getState().openRun(result.runId) },
  });
}

async function move(services: Services, run: RunSummary, direction: 'up' | 'down'): Promise<void> {
  const before = moveTarget(services.runs.getState().runs ?? [], run.id, direction);
  if (before !== undefined) await runCommand(services, 'runs.move', { runId: run.id, before });
}

async function copyId(services: Services, runId: string): Promise<void> {
  const copied = await copyText(runId);
  services.toasts.getState().show({
    level: copied ? 'info' : 'warning',
    title: copied ? 'Run id copied' : 'The clipboard cannot be used here',
    detail: runId,
  });
}

async function download(services: Services, run: RunSummary): Promise<void> {
  const result = await runCommand(services, 'runs.workflow', { runId: run.id });
  if (result !== null) saveText(result.workflow, `${fileName(run.name)}.json`, 'application/json');
}

/** What every file system takes as a name. */
export function fileName(name: string): string {
  const safe = name
    .replaceAll(/[^\p{L}\p{N} ._-]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return safe.replace(/^[. ]+/, '').slice(0, 100) || 'workflow';
}
