import { Ellipsis, Pencil, Stethoscope, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Lease, ProviderSettings, ProviderView } from '../../shared/providers.ts';
import { Chip } from '../components/chip.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { IconButton } from '../components/icon-button.tsx';
import { Menu } from '../components/menu.tsx';
import { useRun, useServices } from '../store/services.ts';
import { KIND_WORDS } from './lease-words.ts';

export interface ProviderListProps {
  readonly providers: readonly ProviderView[];
  /** Leases that go on. */
  readonly open: readonly Lease[];
  readonly onEdit: (provider: ProviderSettings) => void;
}

export function ProviderList({ providers, open, onEdit }: ProviderListProps) {
  return (
    <ul className="provider-list" aria-label="Providers">
      {providers.map((provider) => (
        <ProviderRow
          key={provider.settings.id}
          provider={provider}
          rented={open.filter((lease) => lease.provider === provider.settings.id).length}
          onEdit={onEdit}
        />
      ))}
    </ul>
  );
}

interface ProviderRowProps {
  readonly provider: ProviderView;
  readonly rented: number;
  readonly onEdit: (provider: ProviderSettings) => void;
}

function ProviderRow({ provider, rented, onEdit }: ProviderRowProps) {
  const [removing, setRemoving] = useState(false);
  const run = useRun();
  const { settings, stored, leash, trouble } = provider;
  const { id, name, kind } = settings;
  const needsKey = kind === 'runpod' && !stored.includes('apiKey');
  return (
    <li className="provider-row">
      <div className="provider-words">
        <p>
          <strong>{name}</strong> <Chip>{KIND_WORDS[kind]}</Chip>{' '}
          {rented > 0 && <Chip tone="ok">{rented} rented</Chip>}{' '}
          {needsKey && <Chip tone="warning">no API key</Chip>}
        </p>
        <p className="field-hint">{placeOf(settings)}</p>
        {trouble !== null && <p className="provider-trouble">{trouble}</p>}
        {leash === 'itself' && (
          <p className="field-hint">
            Its workers end by themselves when their time is over, even if this app is off.
          </p>
        )}
      </div>
      <ProviderMenu provider={provider} onEdit={onEdit} onRemove={() => setRemoving(true)} />
      {removing && (
        <ConfirmDialog
          danger
          title={`Remove ${name}?`}
          consequence="Its settings and what opens it are forgotten. Nothing is ended there."
          confirmLabel="Remove provider"
          onConfirm={() => void run('providers.remove', { id })}
          onClose={() => setRemoving(false)}
        />
      )}
    </li>
  );
}

function ProviderMenu({
  provider: { settings },
  onEdit,
  onRemove,
}: {
  readonly provider: ProviderView;
  readonly onEdit: (provider: ProviderSettings) => void;
  readonly onRemove: () => void;
}) {
  const { toasts } = useServices();
  const run = useRun();
  const { id, name } = settings;
  const check = async (): Promise<void> => {
    const result = await run('providers.test', { id });
    if (result !== null) toasts.getState().show({ level: 'success', title: name, detail: result.message });
  };
  return (
    <Menu
      label={`Actions for ${name}`}
      trigger={<IconButton size="s" label={`Actions for ${name}`} icon={Ellipsis} />}
      entries={[
        { kind: 'action', id: 'test', label: 'Test', icon: Stethoscope, onSelect: () => void check() },
        { kind: 'action', id: 'edit', label: 'Edit…', icon: Pencil, onSelect: () => onEdit(settings) },
        { kind: 'separator', id: 'line' },
        { kind: 'action', id: 'remove', label: 'Remove…', icon: Trash2, danger: true, onSelect: onRemove },
      ]}
    />
  );
}

function placeOf(settings: ProviderSettings): string {
  switch (settings.kind) {
    case 'command':
      return settings.start;
    case 'kubernetes':
      return [settings.context || 'current context', settings.namespace, settings.image]
        .filter(Boolean)
        .join(' · ');
    case 'runpod': {
      const cloud = settings.cloud === 'SECURE' ? 'Secure Cloud' : 'Community Cloud';
      return [cloud, settings.image, settings.templateId].filter(Boolean).join(' · ');
    }
  }
}
