import { useEffect, useState } from 'react';
import { type ErrorEnvelope, toEnvelope } from '../../shared/errors.ts';
import type { PlanPreview } from '../../shared/plans.ts';
import type { RunOptions } from '../../shared/runs.ts';
import { useClient } from '../store/services.ts';

const DEBOUNCE_MS = 250;

export interface Planning {
  /** The latest answer; it may be to older options while `pending`. */
  readonly plan: PlanPreview | null;
  readonly refusal: ErrorEnvelope | null;
  readonly pending: boolean;
}

const NOTHING: Planning = { plan: null, refusal: null, pending: false };

/** Asks what will happen once typing rests; an older question is let go of. `fleet` changes whenever the answer might. */
export function usePlan(workflow: string | null, options: RunOptions | null, fleet: string): Planning {
  const client = useClient();
  const [state, setState] = useState<Planning>(NOTHING);
  const optionsText = options === null ? null : JSON.stringify(options);
  useEffect(() => setState(workflow === null ? NOTHING : { ...NOTHING, pending: true }), [workflow]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another fleet asks the same question again.
  useEffect(() => {
    if (workflow === null || optionsText === null) return;
    const question = new AbortController();
    const answer = (next: Planning): void => {
      if (!question.signal.aborted) setState(next);
    };
    setState((before) => ({ ...before, pending: true }));
    const timer = setTimeout(() => {
      const args = { workflow, options: JSON.parse(optionsText) as RunOptions };
      client.invoke('runs.plan', args, question.signal).then(
        (plan) => answer({ plan, refusal: null, pending: false }),
        (error) => answer({ plan: null, refusal: toEnvelope(error), pending: false }),
      );
    }, DEBOUNCE_MS);
    return () => {
      question.abort();
      clearTimeout(timer);
    };
  }, [client, workflow, optionsText, fleet]);
  return state;
}
