import { useState } from 'react';
import { toEnvelope } from '../../shared/errors.ts';
import type { LocalDraft } from '../../shared/instance-commands.ts';
import { isAlive } from '../../shared/lifecycle.ts';
import type { InstanceSnapshot } from '../../shared/model.ts';
import { useServices } from '../store/services.ts';
import { saveWorker } from './save-worker.ts';
import { type DraftChecking, useDraftCheck } from './use-draft-check.ts';
import { useWorkerForm, type WorkerFormHandle } from './use-worker-form.ts';
import { type ReadForm, readForm } from './worker-form.ts';

/** The form of a local worker, what is known about it, and its way into the fleet. */
export interface LocalWorkerHandle {
  readonly form: WorkerFormHandle;
  readonly reading: ReadForm;
  readonly checking: DraftChecking;
  /** A server of ours runs: the change can take effect at once. */
  readonly running: boolean;
  readonly restart: boolean;
  readonly setRestart: (restart: boolean) => void;
  /** Nothing is known that speaks against saving. */
  readonly sound: boolean;
  readonly busy: boolean;
  readonly save: () => void;
}

/** @param active false while another tab is open: nobody is asked about it then */
export function useLocalWorker(
  edited: InstanceSnapshot | null,
  active: boolean,
  onSaved: () => void,
): LocalWorkerHandle {
  const id = edited?.id ?? null;
  const form = useWorkerForm(id, active);
  const [restart, setRestart] = useState(false);
  const reading = readForm(form.form);
  const checking = useDraftCheck(id, active && form.ready ? reading.draft : null);
  const running = edited !== null && edited.control === 'managed' && isAlive(edited.process);
  const { busy, save } = useSave(id, form, reading.draft, running && restart, onSaved);
  const sound = form.ready && reading.draft !== null && (checking.check?.problems.length ?? 0) === 0;
  return { form, reading, checking, running, restart, setRestart, sound, busy, save: () => void save() };
}

/** Saves once at a time; a refusal keeps the dialog open and stands beside its field. */
function useSave(
  id: string | null,
  form: WorkerFormHandle,
  draft: LocalDraft | null,
  restart: boolean,
  onSaved: () => void,
): { readonly busy: boolean; readonly save: () => Promise<void> } {
  const services = useServices();
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    if (draft === null || busy) return;
    setBusy(true);
    try {
      await saveWorker(services, id, draft, restart);
      onSaved();
    } catch (error) {
      form.setRefusal(toEnvelope(error));
      setBusy(false);
    }
  };
  return { busy, save };
}
