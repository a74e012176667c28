import type { InstanceSnapshot } from '../../shared/model.ts';
import { dollars, timeLeft } from '../../shared/providers.ts';
import { Chip } from '../components/chip.tsx';
import { formatDuration } from '../store/format.ts';
import { useProviders } from '../store/services.ts';

/** The last minutes are worth a look. */
const SOON_MS = 10 * 60_000;

/** On the card of a rented worker: what it costs, and for how long yet. */
export function LeaseChip({ instance }: { readonly instance: InstanceSnapshot }) {
  const source = instance.remote?.source ?? null;
  const leases = useProviders()?.leases;
  if (source?.kind !== 'provider') return null;
  const lease = leases?.find(({ id }) => id === source.lease);
  if (lease === undefined) return null;
  const left = timeLeft(lease);
  return (
    <Chip
      tone={left < SOON_MS ? 'warning' : 'neutral'}
      title={`Rented from ${lease.providerName}; given back when its time is over`}
    >
      {dollars(lease.pricePerHour)}/h · {formatDuration(left)} left
    </Chip>
  );
}
