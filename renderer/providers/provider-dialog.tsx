import { useId, useState } from 'react';
import {
  CREDENTIALS,
  type CredentialName,
  type Credentials,
  type ProviderSettings,
} from '../../shared/providers.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/text-field.tsx';
import { Problem } from '../settings/problem.tsx';
import { useAttempt } from '../settings/use-attempt.ts';
import { useClient, useProviders } from '../store/services.ts';
import { CommandFields } from './command-fields.tsx';
import { KubernetesFields } from './kubernetes-fields.tsx';
import { KIND_WORDS } from './lease-words.ts';
import { CountField } from './number-fields.tsx';
import { RunPodFields } from './runpod-fields.tsx';
import { SecretField } from './secret-field.tsx';

export interface ProviderDialogProps {
  readonly provider: ProviderSettings;
  readonly onClose: () => void;
}

/** Adds a provider, or changes one. */
export function ProviderDialog({ provider, onClose }: ProviderDialogProps) {
  const client = useClient();
  const [draft, setDraft] = useState(provider);
  const [credentials, setCredentials] = useState<Credentials>({});
  const { busy, refusal, attempt } = useAttempt();
  const formId = useId();
  const isNew = provider.id === '';
  const problemOf = (field: string): string | null =>
    refusal?.problems.find((problem) => problem.field === field)?.message ?? null;
  const save = (): Promise<void> =>
    attempt(async () => {
      await client.invoke('providers.save', { provider: draft, credentials });
      onClose();
    });
  return (
    <Dialog
      title={isNew ? `Add ${KIND_WORDS[provider.kind]}` : `Edit ${provider.name}`}
      description={DESCRIPTIONS[provider.kind]}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" busy={busy}>
            {isNew ? 'Add provider' : 'Save'}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        className="provider-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Problem refusal={refusal} />
        <GeneralFields draft={draft} problemOf={problemOf} onChange={setDraft} />
        <KindFields draft={draft} problemOf={problemOf} onChange={setDraft} />
        <SecretFields
          provider={provider}
          credentials={credentials}
          problemOf={problemOf}
          onChange={(name, value) => setCredentials({ ...credentials, [name]: value })}
        />
      </form>
    </Dialog>
  );
}

function GeneralFields({ draft, problemOf, onChange }: KindFieldsProps<ProviderSettings>) {
  return (
    <div className="provider-pair">
      <TextField
        label="Name"
        value={draft.name}
        problem={problemOf('name')}
        onChange={(name) => onChange({ ...draft, name })}
      />
      <CountField
        label="Ready within, minutes"
        hint="A worker that takes longer is given back."
        value={draft.readyMinutes}
        onChange={(readyMinutes) => onChange({ ...draft, readyMinutes })}
      />
    </div>
  );
}

const DESCRIPTIONS: Readonly<Record<ProviderSettings['kind'], string>> = {
  runpod: 'Pods by the hour through RunPod’s own API. You pay RunPod, with your account.',
  kubernetes: 'One pod with a GPU for each worker, in a namespace of your cluster.',
  command: 'Any program that prints the URL of a ComfyUI: SkyPilot, dstack, Slurm, docker over ssh.',
};

export interface KindFieldsProps<T extends ProviderSettings> {
  readonly draft: T;
  readonly problemOf: (field: string) => string | null;
  readonly onChange: (draft: T) => void;
}

function KindFields({ draft, ...rest }: KindFieldsProps<ProviderSettings>) {
  switch (draft.kind) {
    case 'command':
      return <CommandFields draft={draft} {...rest} />;
    case 'kubernetes':
      return <KubernetesFields draft={draft} {...rest} />;
    case 'runpod':
      return <RunPodFields draft={draft} {...rest} />;
  }
}

interface SecretFieldsProps {
  readonly provider: ProviderSettings;
  readonly credentials: Credentials;
  readonly problemOf: (field: string) => string | null;
  readonly onChange: (name: CredentialName, value: string) => void;
}

function SecretFields({ provider, credentials, problemOf, onChange }: SecretFieldsProps) {
  const known = useProviders()?.providers.find(({ settings }) => settings.id === provider.id);
  return CREDENTIALS[provider.kind].map((name) => (
    <SecretField
      key={name}
      name={name}
      stored={known?.stored.includes(name) ?? false}
      value={credentials[name] ?? null}
      problem={problemOf(name)}
      onChange={(value) => onChange(name, value)}
    />
  ));
}
