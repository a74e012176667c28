import { useState } from 'react';
import { type ErrorEnvelope, toEnvelope } from '../../shared/errors.ts';

export interface Attempt {
  readonly busy: boolean;
  /** Why the last attempt failed; null while it has not. */
  readonly refusal: ErrorEnvelope | null;
  readonly attempt: (work: () => Promise<unknown>) => Promise<void>;
}

/** For sections that show a refusal beside the control that caused it. */
export function useAttempt(): Attempt {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<ErrorEnvelope | null>(null);
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    setRefusal(null);
    await work().catch((error: unknown) => setRefusal(toEnvelope(error)));
    setBusy(false);
  };
  return { busy, refusal, attempt };
}
