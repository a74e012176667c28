import { randomUUID } from 'node:crypto';
import type { ControlClient } from '../../../shared/contract.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import type { InstanceId } from '../../../shared/model.ts';
import {
  failedRung,
  type Readiness,
  type RemoteDraft,
  type ShownCertificate,
} from '../../../shared/remote.ts';

export interface ClimbOrder {
  readonly id: InstanceId | null;
  readonly draft: RemoteDraft;
  readonly workflow: string | null;
}

/** Climbs the ladder in the control center and follows it. */
export async function climb(
  client: ControlClient,
  order: ClimbOrder,
  onProgress: (readiness: Readiness) => void,
): Promise<Readiness> {
  const testId = randomUUID();
  const leave = client.subscribe('climb', (progress) => {
    if (progress.testId === testId) onProgress(progress.readiness);
  });
  try {
    const readiness = await client.invoke('remote.test', { testId, ...order });
    onProgress(readiness);
    return readiness;
  } finally {
    leave();
  }
}

/**
 * The draft with the certificate that its server shows, if that is the one with this fingerprint.
 * @throws EnsembleError('conflict') when the server shows another one, or none that is to be trusted
 */
export async function trusting(
  client: ControlClient,
  id: InstanceId | null,
  draft: RemoteDraft,
  fingerprint: string,
): Promise<RemoteDraft> {
  const readiness = await climb(
    client,
    { id, draft: { ...draft, certificate: null }, workflow: null },
    () => undefined,
  );
  const shown = shownIn(readiness);
  if (shown === null) {
    throw new EnsembleError(
      'conflict',
      'The server shows no certificate that would have to be trusted.',
      'Leave out --trust.',
    );
  }
  if (bare(shown.fingerprint) !== bare(fingerprint)) {
    throw new EnsembleError(
      'conflict',
      `The server shows another certificate: SHA-256 ${shown.fingerprint}`,
      'Compare it with the one on that machine: somebody may stand in between.',
    );
  }
  return { ...draft, certificate: shown.pem };
}

function shownIn(readiness: Readiness): ShownCertificate | null {
  const rung = failedRung(readiness);
  const state = rung === null ? null : readiness.rungs[rung];
  return state?.status === 'failed' ? state.certificate : null;
}

function bare(fingerprint: string): string {
  return fingerprint
    .toUpperCase()
    .replace(/^SHA-?256[:= ]?/, '')
    .replaceAll(/[^0-9A-F]/g, '');
}
