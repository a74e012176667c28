import { useId } from 'react';
import { dollars, type Offer, type ProviderView } from '../../shared/providers.ts';
import { offerKey, STOCK_WORDS } from './lease-words.ts';

export interface OfferListProps {
  readonly offers: readonly Offer[];
  readonly providers: readonly ProviderView[];
  readonly chosen: string | null;
  readonly onChoose: (key: string) => void;
}

/** One of several: native radio buttons, the cheapest first. */
export function OfferList({ offers, providers, chosen, onChoose }: OfferListProps) {
  const name = useId();
  return (
    <div className="offer-list" role="radiogroup" aria-label="Offers">
      {offers.map((offer) => {
        const key = offerKey(offer);
        return (
          <label key={key} className="offer">
            <input
              type="radio"
              name={name}
              checked={key === chosen}
              disabled={offer.stock === 'none'}
              onChange={() => onChoose(key)}
            />
            <span className="offer-name">
              {offer.name}
              <span className="field-hint">
                {providers.find(({ settings }) => settings.id === offer.provider)?.settings.name ??
                  offer.provider}
              </span>
            </span>
            <span className="offer-fact">{offer.vramGb === null ? '' : `${offer.vramGb} GB VRAM`}</span>
            <span className="offer-fact">{STOCK_WORDS[offer.stock]}</span>
            <span className="offer-price">{dollars(offer.pricePerHour)}/h</span>
          </label>
        );
      })}
    </div>
  );
}
