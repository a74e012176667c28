import { useState } from 'react';
import { costOf, dollars, isOpen, type Lease, timeLeft } from '../../shared/providers.ts';
import { Button } from '../components/button.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { StateDot } from '../components/state-dot.tsx';
import { formatAgo, formatDuration } from '../store/format.ts';
import { useRun } from '../store/services.ts';
import { useNow } from '../store/use-now.ts';
import { detailOf, LEASE_WORDS } from './lease-words.ts';

/** Finished ones that are shown. */
const FINISHED = 5;
const TICK_MS = 10_000;

/** What is rented, and what was. */
export function LeaseList({ leases }: { readonly leases: readonly Lease[] }) {
  const finished = leases.filter((lease) => !isOpen(lease));
  const shown = [...leases.filter(isOpen), ...finished.slice(0, FINISHED)];
  if (shown.length === 0) return null;
  return (
    <div>
      <h3 className="providers-heading">Rented</h3>
      <ul className="lease-list" aria-label="Rented">
        {shown.map((lease) => (
          <LeaseRow key={lease.id} lease={lease} />
        ))}
      </ul>
    </div>
  );
}

function LeaseRow({ lease }: { readonly lease: Lease }) {
  const [asking, setAsking] = useState(false);
  const run = useRun();
  const { id, offerName, providerName, state } = lease;
  const { word, tone } = LEASE_WORDS[state.status];
  const detail = detailOf(lease);
  const canEnd = state.status === 'pending' || state.status === 'ready';
  return (
    <li className="lease-row">
      <div className="lease-words">
        <p className="lease-title">
          <StateDot tone={tone} word={word} pulse={state.status === 'pending'} />
          <strong>{offerName}</strong>
          <span className="field-hint">{providerName}</span>
        </p>
        <p className="field-hint">{useFacts(lease)}</p>
        {detail !== null && (
          <p className={state.status === 'draining' ? 'provider-trouble' : 'field-hint'}>{detail}</p>
        )}
      </div>
      {canEnd && (
        <Button size="s" aria-label={`Give ${offerName} back`} onClick={() => setAsking(true)}>
          Give back…
        </Button>
      )}
      {asking && (
        <ConfirmDialog
          title={`Give ${offerName} back?`}
          consequence="It takes part in no more runs, finishes the prompt that it computes, and is then ended. What is on its disk is gone, except on a network volume."
          confirmLabel="Give back"
          onConfirm={() => void run('providers.release', { lease: id, now: false })}
          onClose={() => setAsking(false)}
        />
      )}
    </li>
  );
}

function useFacts(lease: Lease): string {
  const { pricePerHour, billedMs, idleMinutes, state } = lease;
  const now = useNow(isOpen(lease) ? null : TICK_MS);
  const spent = dollars(costOf(pricePerHour, billedMs));
  if ('at' in state) return `${dollars(pricePerHour)}/h · cost ${spent} · ${formatAgo(state.at, now)}`;
  if (state.status === 'draining') return `${dollars(pricePerHour)}/h · ${spent} so far`;
  const idle = idleMinutes === 0 ? [] : [`ends after ${idleMinutes} min without a prompt`];
  const left = `${formatDuration(timeLeft(lease))} left`;
  return [`${dollars(pricePerHour)}/h`, `${spent} so far`, left, ...idle].join(' · ');
}
