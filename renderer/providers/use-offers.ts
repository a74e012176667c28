import { useCallback, useEffect, useState } from 'react';
import { toEnvelope } from '../../shared/errors.ts';
import type { Offer, ProviderId } from '../../shared/providers.ts';
import { useClient } from '../store/services.ts';

export interface Offers {
  /** null while they are asked for. */
  readonly offers: readonly Offer[] | null;
  /** Who did not answer, and why. */
  readonly problems: readonly string[];
  readonly refresh: () => void;
}

/** What can be rented now, asked when the dialog opens and again after a refusal. */
export function useOffers(provider: ProviderId | null): Offers {
  const client = useClient();
  const [found, setFound] = useState<Omit<Offers, 'refresh'>>({ offers: null, problems: [] });
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again.
  useEffect(() => {
    let isLate = false;
    client.invoke('providers.offers', { id: provider, vramGb: 0 }).then(
      (answer) => {
        if (!isLate) setFound(answer);
      },
      (error: unknown) => {
        if (!isLate) setFound({ offers: [], problems: [toEnvelope(error).message] });
      },
    );
    return () => {
      isLate = true;
    };
  }, [client, provider, round]);
  return { ...found, refresh: useCallback(() => setRound((before) => before + 1), []) };
}
