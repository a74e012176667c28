import { useState } from 'react';
import type { Offer, ProviderId } from '../../shared/providers.ts';
import { type Attempt, useAttempt } from '../settings/use-attempt.ts';
import { useClient } from '../store/services.ts';
import { offerKey } from './lease-words.ts';
import { type Offers, useOffers } from './use-offers.ts';

export interface RentForm extends Pick<Offers, 'offers' | 'problems'>, Pick<Attempt, 'busy' | 'refusal'> {
  readonly chosen: string | null;
  /** The one that is chosen, as it is offered now. */
  readonly offer: Offer | null;
  readonly hours: number;
  readonly idleMinutes: number;
  readonly setChosen: (key: string) => void;
  readonly setHours: (hours: number) => void;
  readonly setIdleMinutes: (minutes: number) => void;
  /** At the price that is shown. */
  readonly rent: () => void;
}

/** @param provider null = of all */
export function useRent(provider: ProviderId | null, onDone: () => void): RentForm {
  const client = useClient();
  const { offers, problems, refresh } = useOffers(provider);
  const [chosen, setChosen] = useState<string | null>(null);
  const [hours, setHours] = useState(2);
  const [idleMinutes, setIdleMinutes] = useState(30);
  const { busy, refusal, attempt } = useAttempt();
  const offer = offers?.find((one) => offerKey(one) === chosen) ?? null;
  const order = async (wanted: Offer): Promise<void> => {
    const { id, pricePerHour } = wanted;
    const terms = { ttlMinutes: hours * 60, idleMinutes };
    try {
      await client.invoke('providers.rent', { provider: wanted.provider, offer: id, pricePerHour, ...terms });
    } catch (error) {
      // The price may have changed: what is shown next is what it is now.
      refresh();
      throw error;
    }
    onDone();
  };
  const rent = (): void => {
    if (offer !== null) void attempt(() => order(offer));
  };
  return {
    ...{ offers, problems, busy, refusal, chosen, offer, hours, idleMinutes },
    ...{ setChosen, setHours, setIdleMinutes, rent },
  };
}
