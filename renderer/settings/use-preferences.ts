import { useCallback, useEffect, useRef, useState } from 'react';
import { type ErrorEnvelope, toEnvelope } from '../../shared/errors.ts';
import type { PreferencePatch, Settings } from '../../shared/settings.ts';
import { useServices, useSettings } from '../store/services.ts';

const SAVED_SHOWN_MS = 2000;

export interface Preferences {
  /** null until they came. Changes that are on their way are in it already. */
  readonly settings: Settings | null;
  readonly status: 'idle' | 'saving' | 'saved';
  /** What the control center had against the latest change. */
  readonly refusal: ErrorEnvelope | null;
  readonly save: (patch: PreferencePatch) => void;
}

/** Every change is saved at once and shown at once; a refused one goes back to what it was, with the reason. */
export function usePreferences(): Preferences {
  const { client, settings: store } = useServices();
  const saved = useSettings((state) => state.settings);
  const [changes, setChanges] = useState<PreferencePatch>({});
  const [status, setStatus] = useState<Preferences['status']>('idle');
  const [refusal, setRefusal] = useState<ErrorEnvelope | null>(null);
  const open = useRef(0);
  useEffect(() => {
    if (status !== 'saved') return;
    const timer = setTimeout(() => setStatus('idle'), SAVED_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [status]);
  const save = useCallback(
    (patch: PreferencePatch) => {
      open.current += 1;
      setChanges((before) => ({ ...before, ...patch }));
      setStatus('saving');
      setRefusal(null);
      const settle = (next: Preferences['status'], refused: ErrorEnvelope | null): void => {
        open.current -= 1;
        if (refused !== null) setRefusal(refused);
        // With more on their way, what they change must not jump back in between.
        if (open.current > 0) return;
        setChanges({});
        setStatus(next);
      };
      // The event with the new settings comes before the reply or just after it; asking once more makes sure of it.
      client
        .invoke('settings.update', { patch })
        .then(() => client.invoke('settings.get', {}))
        .then(
          (settings) => {
            store.setState({ settings });
            settle('saved', null);
          },
          (error) => settle('idle', toEnvelope(error)),
        );
    },
    [client, store],
  );
  return { settings: saved === null ? null : { ...saved, ...changes }, status, refusal, save };
}
