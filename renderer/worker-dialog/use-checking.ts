import { useEffect, useState } from 'react';
import { type ErrorEnvelope, toEnvelope } from '../../shared/errors.ts';

const DEBOUNCE_MS = 250;

export interface Checking<C> {
  /** The latest answer; it may be to an older draft while `pending`. */
  readonly check: C | null;
  readonly refusal: ErrorEnvelope | null;
  readonly pending: boolean;
}

/**
 * Asks about a draft once typing rests; an answer to an older draft is dropped.
 * @param text the draft as JSON; null: there is nothing to ask about
 * @param ask the same function from render to render
 */
export function useChecking<C>(text: string | null, ask: (text: string) => Promise<C>): Checking<C> {
  const [state, setState] = useState<Checking<C>>({ check: null, refusal: null, pending: false });
  useEffect(() => {
    if (text === null) {
      setState({ check: null, refusal: null, pending: false });
      return;
    }
    let current = true;
    setState((before) => ({ ...before, pending: true }));
    const timer = setTimeout(() => {
      ask(text).then(
        (check) => current && setState({ check, refusal: null, pending: false }),
        (error) => current && setState({ check: null, refusal: toEnvelope(error), pending: false }),
      );
    }, DEBOUNCE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [ask, text]);
  return state;
}
