import { useEffect, useState } from 'react';
import { type ErrorEnvelope, toEnvelope } from '../../shared/errors.ts';

export interface Answer<T> {
  /** The latest one; it may be to an older question while `pending`. */
  readonly value: T | null;
  readonly refusal: ErrorEnvelope | null;
  readonly pending: boolean;
}

const DEBOUNCE_MS = 250;
const NOTHING = { value: null, refusal: null, pending: true };

/** Asks whenever `ask` is another one and has come to rest (useCallback keeps it); an older one is let go of. */
export function useAnswer<T>(ask: (signal: AbortSignal) => Promise<T>): Answer<T> {
  const [state, setState] = useState<Answer<T>>(NOTHING);
  useEffect(() => {
    const asking = new AbortController();
    const answer = (next: Answer<T>): void => {
      if (!asking.signal.aborted) setState(next);
    };
    setState((before) => ({ ...before, pending: true }));
    const timer = setTimeout(() => {
      ask(asking.signal).then(
        (value) => answer({ value, refusal: null, pending: false }),
        (error) => answer({ value: null, refusal: toEnvelope(error), pending: false }),
      );
    }, DEBOUNCE_MS);
    return () => {
      asking.abort();
      clearTimeout(timer);
    };
  }, [ask]);
  return state;
}
