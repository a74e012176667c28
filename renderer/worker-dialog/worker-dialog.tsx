import { type ReactNode, useId, useState } from 'react';
import type { LocalDraft } from '../../shared/contract.ts';
import { toEnvelope } from '../../shared/errors.ts';
import { isAlive } from '../../shared/lifecycle.ts';
import type { InstanceId, InstanceSnapshot } from '../../shared/model.ts';
import { Button } from '../components/button.tsx';
import { Checkbox } from '../components/checkbox.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Tabs } from '../components/tabs.tsx';
import { selectInstance } from '../store/selectors.ts';
import { useFleet, useServices } from '../store/services.ts';
import { ComingTab } from './coming-tab.tsx';
import { LocalTab } from './local-tab.tsx';
import { saveWorker } from './save-worker.ts';
import { useDraftCheck } from './use-draft-check.ts';
import { useWorkerForm, type WorkerFormHandle } from './use-worker-form.ts';
import './worker-dialog.css';
import { readForm } from './worker-form.ts';

export type WorkerDialogMode =
  | { readonly kind: 'add' }
  /** Any local worker, or the master. */
  | { readonly kind: 'edit'; readonly id: InstanceId };

export interface WorkerDialogProps {
  readonly mode: WorkerDialogMode;
  readonly onClose: () => void;
}

export function WorkerDialog({ mode, onClose }: WorkerDialogProps) {
  const id = mode.kind === 'edit' ? mode.id : null;
  const instance = useFleet(selectInstance(id));
  const handle = useWorkerForm(mode);
  const [tab, setTab] = useState('local');
  const [restart, setRestart] = useState(false);
  const formId = useId();
  const reading = readForm(handle.form);
  const checking = useDraftCheck(id, handle.ready ? reading.draft : null);
  const running = instance !== null && instance.control === 'managed' && isAlive(instance.process);
  const { busy, save } = useSave(id, handle, reading.draft, running && restart, onClose);
  const sound = handle.ready && reading.draft !== null && (checking.check?.problems.length ?? 0) === 0;
  const local = (
    <LocalTab
      formId={formId}
      id={id}
      handle={handle}
      reading={reading}
      checking={checking}
      attached={instance?.control === 'attached'}
      onSubmit={() => void save()}
    />
  );
  return (
    <Dialog
      title={mode.kind === 'add' ? 'Add a worker' : `Edit ${instance?.name ?? 'worker'}`}
      description={describe(mode, instance)}
      onClose={onClose}
      footer={
        tab === 'local' && (
          <>
            {running && <RestartChoice restart={restart} onChange={setRestart} />}
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" form={formId} variant="primary" busy={busy} disabled={!sound}>
              {mode.kind === 'add' ? 'Add worker' : 'Save'}
            </Button>
          </>
        )
      }
    >
      {mode.kind === 'edit' ? local : <WorkerTypes tab={tab} local={local} onChange={setTab} />}
    </Dialog>
  );
}

/** Saves once at a time; a refusal keeps the dialog open and stands beside its field. */
function useSave(
  id: InstanceId | null,
  handle: WorkerFormHandle,
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
      handle.setRefusal(toEnvelope(error));
      setBusy(false);
    }
  };
  return { busy, save };
}

interface RestartChoiceProps {
  readonly restart: boolean;
  readonly onChange: (restart: boolean) => void;
}

function RestartChoice({ restart, onChange }: RestartChoiceProps) {
  return (
    <span className="worker-restart">
      <Checkbox label="Restart now" checked={restart} onChange={onChange} />
      <span>{restart ? 'What it is working on is lost.' : 'Takes effect at the next start.'}</span>
    </span>
  );
}

interface WorkerTypesProps {
  readonly tab: string;
  readonly local: ReactNode;
  readonly onChange: (tab: string) => void;
}

function WorkerTypes({ tab, local, onChange }: WorkerTypesProps) {
  return (
    <Tabs
      label="Where the worker runs"
      value={tab}
      onChange={onChange}
      tabs={[
        { id: 'local', label: 'Local', content: local },
        { id: 'remote', label: 'Remote', content: <ComingTab kind="remote" /> },
        { id: 'cloud', label: 'Cloud', content: <ComingTab kind="cloud" /> },
      ]}
    />
  );
}

function describe(mode: WorkerDialogMode, instance: InstanceSnapshot | null): string {
  if (mode.kind === 'add') return 'One ComfyUI server per GPU: a worker renders beside the master.';
  return instance?.role === 'master'
    ? 'The master coordinates the fleet, and renders too while it participates.'
    : 'A ComfyUI server on this machine.';
}
