import { useEffect, useState } from 'react';
import type { DraftCheck, LocalDraft } from '../../shared/contract.ts';
import { type ErrorEnvelope, toEnvelope } from '../../shared/errors.ts';
import type { InstanceId } from '../../shared/model.ts';
import { useClient } from '../store/services.ts';

const DEBOUNCE_MS = 250;

export interface DraftChecking {
  /** The latest answer; it may be to an older draft while `pending`. */
  readonly check: DraftCheck | null;
  readonly refusal: ErrorEnvelope | null;
  readonly pending: boolean;
}

const NOTHING: DraftChecking = { check: null, refusal: null, pending: false };

/** Asks the control center about the draft once typing rests; an answer to an older draft is dropped. */
export function useDraftCheck(id: InstanceId | null, draft: LocalDraft | null): DraftChecking {
  const client = useClient();
  const [state, setState] = useState<DraftChecking>(NOTHING);
  const text = draft === null ? null : JSON.stringify(draft);
  useEffect(() => {
    if (text === null) {
      setState(NOTHING);
      return;
    }
    let current = true;
    setState((before) => ({ ...before, pending: true }));
    const timer = setTimeout(() => {
      client.invoke('worker.check', { id, draft: JSON.parse(text) as LocalDraft }).then(
        (check) => current && setState({ check, refusal: null, pending: false }),
        (error) => current && setState({ check: null, refusal: toEnvelope(error), pending: false }),
      );
    }, DEBOUNCE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [client, id, text]);
  return state;
}
