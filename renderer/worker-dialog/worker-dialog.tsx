import { type ReactNode, useId, useState } from 'react';
import type { InstanceId, InstanceSnapshot } from '../../shared/model.ts';
import type { RemoteType } from '../../shared/remote.ts';
import { Dialog } from '../components/dialog.tsx';
import { Tabs } from '../components/tabs.tsx';
import { selectInstance, selectInstances } from '../store/selectors.ts';
import { useFleet } from '../store/services.ts';
import { LocalFooter } from './local-footer.tsx';
import { LocalTab } from './local-tab.tsx';
import { RemoteFooter } from './remote-footer.tsx';
import { withType } from './remote-form.ts';
import { RemoteTab } from './remote-tab.tsx';
import { useLocalWorker } from './use-local-worker.ts';
import { type RemoteWorkerHandle, useRemoteWorker } from './use-remote-worker.ts';
import './worker-dialog.css';

export type WorkerDialogMode =
  | { readonly kind: 'add' }
  /** Any worker, or the master. */
  | { readonly kind: 'edit'; readonly id: InstanceId };

export interface WorkerDialogProps {
  readonly mode: WorkerDialogMode;
  readonly onClose: () => void;
}

type WorkerTab = 'local' | RemoteType;

export function WorkerDialog({ mode, onClose }: WorkerDialogProps) {
  const edited = useFleet(selectInstance(mode.kind === 'edit' ? mode.id : null));
  const remote = useRemoteWorker(edited, onClose);
  const { tab, moved, openTab } = useWorkerTab(edited, remote);
  const local = useLocalWorker(edited, tab === 'local', onClose);
  const formId = useId();
  const part = { formId, adds: mode.kind === 'add', onClose };
  const localTab = <LocalTab formId={formId} edited={edited} worker={local} />;
  const remoteTab = (
    <RemoteTab formId={formId} edited={edited} worker={remote} moved={moved} onType={openTab} />
  );
  return (
    <Dialog
      title={mode.kind === 'add' ? 'Add a worker' : `Edit ${edited?.name ?? 'worker'}`}
      description={describe(edited)}
      size="l"
      className="worker-dialog"
      onClose={onClose}
      footer={
        tab === 'local' ? (
          <LocalFooter {...part} worker={local} />
        ) : (
          <RemoteFooter {...part} worker={remote} />
        )
      }
    >
      {edited?.type === 'local' ? (
        localTab
      ) : (
        <WorkerTypes
          tab={tab}
          local={edited === null ? localTab : null}
          remote={remoteTab}
          onChange={(next) => openTab(next, false)}
        />
      )}
    </Dialog>
  );
}

interface WorkerTabHandle {
  readonly tab: WorkerTab;
  /** A paste, or what it offered, has just led to this tab. */
  readonly moved: boolean;
  readonly openTab: (tab: WorkerTab, moved: boolean) => void;
}

function useWorkerTab(edited: InstanceSnapshot | null, remote: RemoteWorkerHandle): WorkerTabHandle {
  const names = useFleet(selectInstances).map(({ name }) => name);
  const [tab, setTab] = useState<WorkerTab>(edited?.type ?? 'local');
  const [moved, setMoved] = useState(false);
  const openTab = (next: WorkerTab, byPaste: boolean): void => {
    setTab(next);
    setMoved(byPaste);
    if (next !== 'local') remote.setForm((form) => withType(form, next, names));
  };
  return { tab, moved, openTab };
}

interface WorkerTypesProps {
  readonly tab: WorkerTab;
  /** null: it lives elsewhere, and that cannot change. */
  readonly local: ReactNode;
  readonly remote: ReactNode;
  readonly onChange: (tab: WorkerTab) => void;
}

function WorkerTypes({ tab, local, remote, onChange }: WorkerTypesProps) {
  const tabs = [
    ...(local === null ? [] : [{ id: 'local', label: 'Local', content: local } as const]),
    { id: 'remote', label: 'Remote', content: remote },
    { id: 'cloud', label: 'Cloud', content: remote },
  ] as const;
  return (
    <Tabs
      label="Where the worker runs"
      value={tab}
      onChange={(id) => onChange(tabs.find((one) => one.id === id)?.id ?? 'local')}
      tabs={tabs}
    />
  );
}

const DESCRIPTIONS = {
  local: 'A ComfyUI server on this machine.',
  remote: 'A ComfyUI server on another machine of your network.',
  cloud: 'A ComfyUI server that is reached over https.',
} as const satisfies Readonly<Record<WorkerTab, string>>;

function describe(edited: InstanceSnapshot | null): string {
  if (edited === null)
    return 'One ComfyUI server per GPU, here or elsewhere: a worker renders beside the master.';
  return edited.role === 'master'
    ? 'The master coordinates the fleet, and renders too while it participates.'
    : DESCRIPTIONS[edited.type];
}
