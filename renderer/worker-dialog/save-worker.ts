import { toEnvelope } from '../../shared/errors.ts';
import type { LocalDraft } from '../../shared/instance-commands.ts';
import type { InstanceId } from '../../shared/model.ts';
import type { RemoteDraft } from '../../shared/remote.ts';
import { runCommand, type Services } from '../store/services.ts';
import { type Candidate, draftsOf } from './port-words.ts';

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

/** One worker per candidate, after the first; one that is refused does not keep the others out. Rejects where the first is. */
export async function saveSeveral(
  services: Services,
  draft: RemoteDraft,
  others: readonly Candidate[],
): Promise<void> {
  const { client, toasts, fleet } = services;
  await client.invoke('remote.add', { draft });
  const taken = (fleet.getState().fleet?.instances ?? []).map(({ name }) => name);
  const drafts = draftsOf(draft, others, taken);
  // One after the other, so that they stand in their order.
  const refused: string[] = [];
  for (const one of drafts) {
    await client.invoke('remote.add', { draft: one }).catch((error: unknown) => {
      refused.push(`${one.name}: ${toEnvelope(error).message}`);
    });
  }
  const added = 1 + drafts.length - refused.length;
  toasts.getState().show({
    level: refused.length === 0 ? 'success' : 'warning',
    title: `${added} ${added === 1 ? 'worker' : 'workers'} added`,
    detail: refused.length === 0 ? null : refused.join(' '),
  });
}
