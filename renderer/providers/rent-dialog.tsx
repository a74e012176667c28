import { Receipt } from 'lucide-react';
import { costOf, dollars, type Offer, type ProviderId } from '../../shared/providers.ts';
import { Banner } from '../components/banner.tsx';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Spinner } from '../components/spinner.tsx';
import { Problem } from '../settings/problem.tsx';
import { useProviders, useServices } from '../store/services.ts';
import { CountField } from './number-fields.tsx';
import { OfferList } from './offer-list.tsx';
import './providers.css';
import { type RentForm, useRent } from './use-rent.ts';

export interface RentDialogProps {
  /** null = of all. */
  readonly provider: ProviderId | null;
  readonly onClose: () => void;
}

const HOUR_MS = 3_600_000;

/** Offers with their prices, the time, and one button that names what it costs. */
export function RentDialog({ provider, onClose }: RentDialogProps) {
  const form = useRent(provider, onClose);
  const { offer, hours } = form;
  return (
    <Dialog
      title="Rent a worker"
      description="It becomes a cloud worker when its ComfyUI answers, and is given back when its time is over."
      size="l"
      className="rent-dialog"
      onClose={onClose}
      footer={
        <>
          <RentPrice offer={offer} hours={hours} />
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            icon={Receipt}
            busy={form.busy}
            disabled={offer === null}
            onClick={form.rent}
          >
            {offer === null ? 'Rent' : `Rent for ${dollars(offer.pricePerHour)} per hour`}
          </Button>
        </>
      }
    >
      <div className="rent-body">
        <Problem refusal={form.refusal} />
        {form.problems.map((problem) => (
          <Banner key={problem} tone="warning" title={problem} />
        ))}
        <Offers offers={form.offers} chosen={form.chosen} onChoose={form.setChosen} onClose={onClose} />
        <Terms form={form} />
        {offer !== null && offer.warnings.length > 0 && <Warnings warnings={offer.warnings} />}
      </div>
    </Dialog>
  );
}

function Terms({ form }: { readonly form: RentForm }) {
  return (
    <div className="provider-pair">
      <CountField
        label="For at most, hours"
        hint="Then it is given back, whatever it does."
        value={form.hours}
        onChange={form.setHours}
      />
      <CountField
        label="Or without a prompt for, minutes"
        hint="0: never for that reason."
        least={0}
        value={form.idleMinutes}
        onChange={form.setIdleMinutes}
      />
    </div>
  );
}

interface OffersProps {
  /** null while they are asked for. */
  readonly offers: readonly Offer[] | null;
  readonly chosen: string | null;
  readonly onChoose: (key: string) => void;
  readonly onClose: () => void;
}

function Offers({ offers, chosen, onChoose, onClose }: OffersProps) {
  const { ui } = useServices();
  const providers = useProviders()?.providers ?? [];
  if (offers === null) {
    return (
      <p className="settings-loading" role="status">
        <Spinner /> Asking the providers…
      </p>
    );
  }
  if (providers.length === 0) {
    return (
      <div className="rent-empty">
        <p>No provider is set up yet.</p>
        <Button
          onClick={() => {
            onClose();
            ui.getState().navigate('settings');
          }}
        >
          Set one up in Settings
        </Button>
      </div>
    );
  }
  if (offers.length === 0) return <p className="settings-lead">Nothing is offered now.</p>;
  return <OfferList offers={offers} providers={providers} chosen={chosen} onChoose={onChoose} />;
}

function RentPrice({ offer, hours }: { readonly offer: Offer | null; readonly hours: number }) {
  const { state } = useServices().providers.getState();
  if (offer === null) return <p className="rent-price">Choose what to rent.</p>;
  const most = dollars(costOf(offer.pricePerHour, hours * HOUR_MS));
  const day = state?.caps.perDay ?? null;
  const limit = day === null ? '' : ` Limit per day: ${dollars(day)}.`;
  return (
    <p className="rent-price" role="status">
      At most <strong>{most}</strong> in {hours === 1 ? '1 hour' : `${hours} hours`}.{limit}
    </p>
  );
}

function Warnings({ warnings }: { readonly warnings: readonly string[] }) {
  return (
    <ul className="rent-warnings" aria-label="Before you rent">
      {warnings.map((warning) => (
        <li key={warning}>{warning}</li>
      ))}
    </ul>
  );
}
