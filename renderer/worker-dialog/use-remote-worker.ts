import { useState } from 'react';
import { type ErrorEnvelope, toEnvelope } from '../../shared/errors.ts';
import type { InstanceSnapshot } from '../../shared/model.ts';
import {
  failedRung,
  type Readiness,
  type RemoteCheck,
  type RemoteDraft,
  type ShownCertificate,
} from '../../shared/remote.ts';
import { useServices } from '../store/services.ts';
import type { AccessForm } from './access-form.ts';
import { type Candidate, canHaveMore } from './port-words.ts';
import { emptyRemoteForm, portOf, type RemoteForm, remoteFormOf } from './remote-form.ts';
import { type RemoteReading, readRemoteForm } from './remote-reading.ts';
import { saveRemote, saveSeveral } from './save-worker.ts';
import { isSameServer, testWords } from './test-words.ts';
import type { Checking } from './use-checking.ts';
import { type ClimbHandle, useClimb } from './use-climb.ts';
import { useRemoteCheck } from './use-draft-check.ts';
import { type MorePortsHandle, useMorePorts } from './use-more-ports.ts';

/** The form of a worker elsewhere, its test, and its way into the fleet. */
export interface RemoteWorkerHandle {
  readonly form: RemoteForm;
  readonly setForm: (change: (form: RemoteForm) => RemoteForm) => void;
  readonly setAccess: (change: Partial<AccessForm>) => void;
  readonly reading: RemoteReading;
  readonly checking: Checking<RemoteCheck>;
  readonly refusal: ErrorEnvelope | null;
  readonly climb: ClimbHandle;
  /** What is known of the server that the form describes now; null when nothing is. */
  readonly readiness: Readiness | null;
  /** The certificate that was trusted while the dialog is open. */
  readonly trusted: ShownCertificate | null;
  readonly trust: (certificate: ShownCertificate) => void;
  /** Nothing is known that speaks against saving or testing. */
  readonly sound: boolean;
  readonly test: () => void;
  /** null where a machine cannot have more: not tested yet, behind a proxy, or only edited. */
  readonly ports: MorePortsHandle | null;
  /** Workers that saving adds: one per chosen port. */
  readonly count: number;
  readonly busy: boolean;
  readonly save: () => void;
}

export function useRemoteWorker(edited: InstanceSnapshot | null, onSaved: () => void): RemoteWorkerHandle {
  const id = edited?.id ?? null;
  const [start] = useState(() => (edited === null ? emptyRemoteForm('remote') : remoteFormOf(edited)));
  const [form, setForm] = useState(start);
  const [refusal, setRefusal] = useState<ErrorEnvelope | null>(null);
  const climb = useClimb(id);
  const reading = readRemoteForm(form);
  const checking = useRemoteCheck(id, reading.toCheck);
  const known = edited?.remote?.readiness ?? null;
  const readiness = readinessOf(climb, reading.draft, readRemoteForm(start).draft, known);
  const change = (edit: (form: RemoteForm) => RemoteForm): void => {
    setRefusal(null);
    setForm(edit);
  };
  const ports = useMorePorts(form.host, portOf(form.port));
  const more = id === null && hasMore(reading.draft, readiness);
  const others = more ? ports.chosen : [];
  const trust = useTrust((certificate) => {
    change((before) => ({ ...before, certificate }));
    if (reading.draft !== null) climb.start({ ...reading.draft, certificate });
  });
  const { busy, save } = useSave(id, reading.draft, others, readiness, setRefusal, onSaved);
  return {
    form,
    setForm: change,
    setAccess: (access) => change((before) => ({ ...before, access: { ...before.access, ...access } })),
    reading,
    checking,
    refusal,
    climb,
    readiness,
    ...trust,
    sound: reading.draft !== null && (checking.check?.problems.length ?? 0) === 0,
    test: () => reading.draft !== null && climb.start(reading.draft),
    ports: more ? ports : null,
    count: 1 + others.length,
    busy,
    save: () => void save(),
  };
}

/** Remembers what was trusted, for its fingerprint. */
function useTrust(onTrust: (pem: string) => void): Pick<RemoteWorkerHandle, 'trusted' | 'trust'> {
  const [trusted, setTrusted] = useState<ShownCertificate | null>(null);
  return {
    trusted,
    trust(certificate) {
      setTrusted(certificate);
      onTrust(certificate.pem);
    },
  };
}

function hasMore(draft: RemoteDraft | null, readiness: Readiness | null): boolean {
  if (draft === null || readiness === null || !readiness.done) return false;
  return (
    canHaveMore(draft) && readiness.rungs.comfyui.status !== 'failed' && failedRung(readiness) !== 'reachable'
  );
}

/** Of the latest test, else what the card knows; null where that was of another server than the one in the form now. */
function readinessOf(
  climb: ClimbHandle,
  draft: RemoteDraft | null,
  start: RemoteDraft | null,
  known: Readiness | null,
): Readiness | null {
  const [tested, readiness] = climb.tested === null ? [start, known] : [climb.tested, climb.readiness];
  return draft !== null && tested !== null && isSameServer(tested, draft) ? readiness : null;
}

function useSave(
  id: string | null,
  draft: RemoteDraft | null,
  others: readonly Candidate[],
  readiness: Readiness | null,
  setRefusal: (refusal: ErrorEnvelope) => void,
  onSaved: () => void,
): { readonly busy: boolean; readonly save: () => Promise<void> } {
  const services = useServices();
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    if (draft === null || busy) return;
    setBusy(true);
    try {
      if (others.length === 0) await saveRemote(services, id, draft, noteOf(readiness));
      else await saveSeveral(services, draft, others);
      onSaved();
    } catch (error) {
      setRefusal(toEnvelope(error));
      setBusy(false);
    }
  };
  return { busy, save };
}

/** What the toast adds when the ladder is not green. */
function noteOf(readiness: Readiness | null): string | null {
  if (readiness === null || !readiness.done) return 'It was not tested; its card tells how it is.';
  return failedRung(readiness) === null ? null : `${testWords(readiness)}; its card tells how it is.`;
}
