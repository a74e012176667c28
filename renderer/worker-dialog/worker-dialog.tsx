import { useId, useState } from 'react';
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
import { useWorkerForm } from './use-worker-form.ts';
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
  const services = useServices();
  const id = mode.kind === 'edit' ? mode.id : null;
  const instance = useFleet(selectInstance(id));
  const handle = useWorkerForm(mode);
  const [tab, setTab] = useState('local');
  const [restart, setRestart] = useState(false);
  const [busy, setBusy] = useState(false);
  const formId = useId();
  const reading = readForm(handle.form);
  const checking = useDraftCheck(id, handle.ready ? reading.draft : null);
  const running = instance !== null && instance.control === 'managed' && isAlive(instance.process);

  const save = async (): Promise<void> => {
    if (reading.draft === null || busy) return;
    setBusy(true);
    try {
      await saveWorker(services, id, reading.draft, running && restart);
      onClose();
    } catch (error) {
      handle.setRefusal(toEnvelope(error));
      setBusy(false);
    }
  };
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
            {running && (
              <span className="worker-restart">
                <Checkbox label="Restart now" checked={restart} onChange={setRestart} />
                <span>{restart ? 'What it is working on is lost.' : 'Takes effect at the next start.'}</span>
              </span>
            )}
            <Button onClick={onClose}>Cancel</Button>
            <Button
              type="submit"
              form={formId}
              variant="primary"
              busy={busy}
              disabled={!handle.ready || reading.draft === null || (checking.check?.problems.length ?? 0) > 0}
            >
              {mode.kind === 'add' ? 'Add worker' : 'Save'}
            </Button>
          </>
        )
      }
    >
      {mode.kind === 'edit' ? (
        local
      ) : (
        <Tabs
          label="Where the worker runs"
          value={tab}
          onChange={setTab}
          tabs={[
            { id: 'local', label: 'Local', content: local },
            { id: 'remote', label: 'Remote', content: <ComingTab kind="remote" /> },
            { id: 'cloud', label: 'Cloud', content: <ComingTab kind="cloud" /> },
          ]}
        />
      )}
    </Dialog>
  );
}

function describe(mode: WorkerDialogMode, instance: InstanceSnapshot | null): string {
  if (mode.kind === 'add') return 'One ComfyUI server per GPU: a worker renders beside the master.';
  return instance?.role === 'master'
    ? 'The master coordinates the fleet, and renders too while it participates.'
    : 'A ComfyUI server on this machine.';
}
