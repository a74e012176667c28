import { Plus, Receipt, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import {
  isOpen,
  type ProviderKind,
  type ProviderSettings,
  type ProvidersState,
} from '../../shared/providers.ts';
import { Button } from '../components/button.tsx';
import { Menu } from '../components/menu.tsx';
import { Spinner } from '../components/spinner.tsx';
import { Problem } from '../settings/problem.tsx';
import { Section } from '../settings/section.tsx';
import { useAttempt } from '../settings/use-attempt.ts';
import { useClient, useProviders, useServices } from '../store/services.ts';
import { LeaseList } from './lease-list.tsx';
import { KIND_WORDS } from './lease-words.ts';
import { OrphanList } from './orphan-list.tsx';
import { ProviderDialog } from './provider-dialog.tsx';
import { emptyProvider } from './provider-form.ts';
import { ProviderList } from './provider-list.tsx';
import './providers.css';
import { SpendCapsForm } from './spend-caps-form.tsx';

const KINDS: readonly ProviderKind[] = ['runpod', 'kubernetes', 'command'];

/** Who rents workers out, what is rented, and what it may cost. */
export function ProvidersSection() {
  const state = useProviders();
  const [edited, setEdited] = useState<ProviderSettings | null>(null);
  return (
    <Section
      id="providers"
      title="Providers"
      text="Workers that are rented or started elsewhere: RunPod, your Kubernetes cluster, or any program that prints a URL. Nothing is rented before you have seen and confirmed its price."
      aside={<AddMenu onAdd={(kind) => setEdited(emptyProvider(kind))} />}
    >
      {state === null ? (
        <p className="settings-loading" role="status">
          <Spinner /> Reading the providers…
        </p>
      ) : (
        <ProvidersBody state={state} onEdit={setEdited} />
      )}
      {edited !== null && <ProviderDialog provider={edited} onClose={() => setEdited(null)} />}
    </Section>
  );
}

function AddMenu({ onAdd }: { readonly onAdd: (kind: ProviderKind) => void }) {
  return (
    <Menu
      label="Add a provider"
      entries={KINDS.map((kind) => ({
        kind: 'action',
        id: kind,
        label: KIND_WORDS[kind],
        onSelect: () => onAdd(kind),
      }))}
      trigger={
        <Button size="s" icon={Plus}>
          Add provider
        </Button>
      }
    />
  );
}

interface ProvidersBodyProps {
  readonly state: ProvidersState;
  readonly onEdit: (provider: ProviderSettings) => void;
}

function ProvidersBody({ state, onEdit }: ProvidersBodyProps) {
  const { providers, leases, orphans } = state;
  if (providers.length === 0 && leases.length === 0) {
    return <p className="settings-lead">No provider yet. Add one to rent GPUs by the hour.</p>;
  }
  return (
    <>
      <ProviderList providers={providers} open={leases.filter(isOpen)} onEdit={onEdit} />
      <RentBar />
      <OrphanList orphans={orphans} providers={providers} />
      <LeaseList leases={leases} />
      <SpendCapsForm caps={state.caps} spending={state.spending} />
    </>
  );
}

function RentBar() {
  const client = useClient();
  const { ui } = useServices();
  const { busy, refusal, attempt } = useAttempt();
  return (
    <>
      <div className="providers-bar">
        <Button
          variant="primary"
          icon={Receipt}
          onClick={() => ui.getState().openDialog({ kind: 'rent', provider: null })}
        >
          Rent a worker…
        </Button>
        <Button
          icon={RefreshCw}
          busy={busy}
          onClick={() => void attempt(() => client.invoke('providers.reconcile', {}))}
        >
          Look for forgotten ones
        </Button>
      </div>
      <Problem refusal={refusal} />
    </>
  );
}
