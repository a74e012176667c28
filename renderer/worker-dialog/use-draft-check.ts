import { useCallback } from 'react';
import type { DraftCheck, LocalDraft } from '../../shared/instance-commands.ts';
import type { InstanceId } from '../../shared/model.ts';
import type { RemoteCheck, RemoteDraft } from '../../shared/remote.ts';
import { useClient } from '../store/services.ts';
import { type Checking, useChecking } from './use-checking.ts';

export type DraftChecking = Checking<DraftCheck>;

/** What the control center has against a local worker's draft. */
export function useDraftCheck(id: InstanceId | null, draft: LocalDraft | null): DraftChecking {
  const client = useClient();
  const ask = useCallback(
    (text: string) => client.invoke('worker.check', { id, draft: JSON.parse(text) as LocalDraft }),
    [client, id],
  );
  return useChecking(draft === null ? null : JSON.stringify(draft), ask);
}

/** What it has against one of a worker elsewhere; nobody there is asked. */
export function useRemoteCheck(id: InstanceId | null, draft: RemoteDraft | null): Checking<RemoteCheck> {
  const client = useClient();
  const ask = useCallback(
    (text: string) => client.invoke('remote.check', { id, draft: JSON.parse(text) as RemoteDraft }),
    [client, id],
  );
  return useChecking(draft === null ? null : JSON.stringify(draft), ask);
}
