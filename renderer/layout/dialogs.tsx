import type { InstanceSnapshot } from '../../shared/model.ts';
import { PairDialog } from '../agents/pair-dialog.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { removeWorker } from '../fleet/instance-actions.ts';
import { GuidesDialog } from '../guides/guides-dialog.tsx';
import { Palette } from '../palette/palette.tsx';
import { PictureDialog } from '../pictures/picture-dialog.tsx';
import { RentDialog } from '../providers/rent-dialog.tsx';
import { RunDialog } from '../run-dialog/run-dialog.tsx';
import { CancelRunDialog, ForgetRunDialog } from '../runs/run-dialogs.tsx';
import { selectInstance, selectInstances } from '../store/selectors.ts';
import { useFleet, useRun, useServices, useUi } from '../store/services.ts';
import { OpenTunnelDialog } from '../tunnel/open-tunnel-dialog.tsx';
import { WorkerDialog } from '../worker-dialog/worker-dialog.tsx';
import { ShortcutsDialog } from './shortcuts-dialog.tsx';

/** The one dialog that is open, if any. Onboarding looks after itself. */
export function Dialogs() {
  const { ui } = useServices();
  const dialog = useUi((state) => state.dialog);
  const close = ui.getState().closeDialog;
  switch (dialog?.kind) {
    case 'worker-add':
      return <WorkerDialog mode={{ kind: 'add' }} onClose={close} />;
    case 'worker-edit':
      return <WorkerDialog mode={{ kind: 'edit', id: dialog.id }} onClose={close} />;
    case 'worker-remove':
      return <RemoveDialog id={dialog.id} onClose={close} />;
    case 'pair-machine':
      return <PairDialog address={dialog.address} onClose={close} />;
    case 'rent':
      return <RentDialog provider={dialog.provider} onClose={close} />;
    case 'stop-all':
      return <StopAllDialog onClose={close} />;
    case 'picture':
      return <PictureDialog id={dialog.id} onClose={close} />;
    case 'run':
      return <RunDialog source={dialog.source} onClose={close} />;
    case 'run-cancel':
      return <CancelRunDialog id={dialog.id} onClose={close} />;
    case 'run-remove':
      return <ForgetRunDialog id={dialog.id} onClose={close} />;
    case 'tunnel-open':
      return <OpenTunnelDialog onClose={close} />;
    case 'guides':
      return <GuidesDialog guide={dialog.guide} onClose={close} />;
    case 'palette':
      return <Palette onClose={close} />;
    case 'shortcuts':
      return <ShortcutsDialog onClose={close} />;
    default:
      return null;
  }
}

function RemoveDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const services = useServices();
  const instance = useFleet(selectInstance(id));
  if (instance === null) return null;
  const running = (instance.queue ?? 0) > 0 ? ` It is working: ${instance.queue} queued will be lost.` : '';
  return (
    <ConfirmDialog
      danger
      title={`Delete ${instance.name}?`}
      consequence={`${deletion(instance)}${running} You can undo this.`}
      confirmLabel="Delete worker"
      onConfirm={() => void removeWorker(services, instance)}
      onClose={onClose}
    />
  );
}

function deletion({ type }: InstanceSnapshot): string {
  return type === 'local'
    ? 'Its server is stopped and its card disappears; its pictures and log stay on disk.'
    : 'Its card disappears, and nobody contacts it any more; its server goes on running.';
}

function StopAllDialog({ onClose }: { readonly onClose: () => void }) {
  const run = useRun();
  const instances = useFleet(selectInstances);
  const queued = instances.reduce((sum, instance) => sum + (instance.queue ?? 0), 0);
  return (
    <ConfirmDialog
      danger
      title="Stop all servers?"
      consequence={
        queued > 0
          ? `Every server that was started here is stopped; ${queued} queued or running prompts are lost.`
          : 'Every server that was started here is stopped. Nothing is queued.'
      }
      confirmLabel="Stop all"
      onConfirm={() => void run('fleet.stopAll', {})}
      onClose={onClose}
    />
  );
}
