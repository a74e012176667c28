import type { LocalDraft } from '../../shared/contract.ts';
import type { InstanceId } from '../../shared/model.ts';
import type { RemoteDraft } from '../../shared/remote.ts';
import { runCommand, type Services } from '../store/services.ts';

/** Adds (id null) or changes, and tells so. Rejects with what the control center has against it. */
export async function saveWorker(
  services: Services,
  id: InstanceId | null,
  draft: LocalDraft,
  restart: boolean,
): Promise<void> {
  const { client, toasts } = services;
  if (id !== null) {
    await client.invoke('worker.update', { id, draft, restart });
    const title = restart ? `${draft.name} saved, restarting` : `${draft.name} saved`;
    toasts.getState().show({ level: 'success', title, detail: null });
    return;
  }
  const added = await client.invoke('worker.add', { draft });
  toasts.getState().show({
    level: 'success',
    title: `${draft.name} added`,
    detail: null,
    action: { label: 'Launch', run: () => void runCommand(services, 'instance.start', { id: added.id }) },
  });
}

/**
 * As above, for a worker elsewhere.
 * @param note what is to be known of it, e.g. that it was not tested
 */
export async function saveRemote(
  services: Services,
  id: InstanceId | null,
  draft: RemoteDraft,
  note: string | null,
): Promise<void> {
  const { client, toasts } = services;
  if (id === null) await client.invoke('remote.add', { draft });
  else await client.invoke('remote.update', { id, draft });
  toasts.getState().show({
    level: note === null ? 'success' : 'warning',
    title: `${draft.name} ${id === null ? 'added' : 'saved'}`,
    detail: note,
  });
}
