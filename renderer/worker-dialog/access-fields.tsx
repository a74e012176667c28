import { Plus, X } from 'lucide-react';
import { Button } from '../components/button.tsx';
import { IconButton } from '../components/icon-button.tsx';
import { SelectField, type SelectOption } from '../components/select-field.tsx';
import { TextField, type TextFieldProps } from '../components/text-field.tsx';
import {
  type AccessForm,
  type AccessKind,
  withHeader,
  withMoreHeaders,
  withoutHeader,
} from './access-form.ts';

export interface AccessFieldsProps {
  readonly form: AccessForm;
  /** What is stored for this worker, masked; null for nothing. */
  readonly stored: string | null;
  readonly problem: string | null;
  readonly onChange: (change: Partial<AccessForm>) => void;
}

const OPTIONS: readonly (SelectOption & { readonly value: AccessKind })[] = [
  { value: 'none', label: 'None: whoever reaches it may use it' },
  { value: 'bearer', label: 'Bearer token' },
  { value: 'basic', label: 'User and password (basic)' },
  { value: 'cloudflare', label: 'Cloudflare Access service token' },
  { value: 'headers', label: 'Headers of your own' },
];

export function AccessFields({ form, stored, problem, onChange }: AccessFieldsProps) {
  const keep = stored === null ? [] : [{ value: 'keep', label: `Keep what is stored (${stored})` } as const];
  const options = [...keep, ...OPTIONS];
  const kindOf = (value: string): AccessKind =>
    options.find((option) => option.value === value)?.value ?? 'none';
  return (
    <fieldset className="worker-access">
      <legend className="visually-hidden">Access</legend>
      <SelectField
        label="Access"
        value={form.kind}
        options={options}
        problem={problem}
        hint={HINTS[form.kind]}
        onChange={(value) => onChange({ kind: kindOf(value) })}
      />
      <AccessInputs form={form} onChange={onChange} />
    </fieldset>
  );
}

const KEPT =
  'Kept in the keychain of this machine (headless: in a file that you alone can read), and never shown again.';
const HINTS: Readonly<Record<AccessKind, string | undefined>> = {
  none: undefined,
  keep: undefined,
  bearer: KEPT,
  basic: KEPT,
  cloudflare: KEPT,
  headers: KEPT,
};

function AccessInputs({ form, onChange }: Pick<AccessFieldsProps, 'form' | 'onChange'>) {
  switch (form.kind) {
    case 'none':
    case 'keep':
      return null;
    case 'bearer':
      return <SecretField label="Token" value={form.token} onChange={(token) => onChange({ token })} />;
    case 'basic':
      return (
        <div className="worker-pair">
          <TextField label="User" value={form.user} onChange={(user) => onChange({ user })} />
          <SecretField
            label="Password"
            value={form.password}
            onChange={(password) => onChange({ password })}
          />
        </div>
      );
    case 'cloudflare':
      return (
        <div className="worker-pair">
          <TextField
            label="Client ID"
            code
            placeholder="….access"
            value={form.clientId}
            onChange={(clientId) => onChange({ clientId })}
          />
          <SecretField
            label="Client secret"
            value={form.clientSecret}
            onChange={(clientSecret) => onChange({ clientSecret })}
          />
        </div>
      );
    case 'headers':
      return <HeaderFields form={form} onChange={onChange} />;
  }
}

/** Dots in place of what is typed; browsers are told not to remember it. */
function SecretField(props: Pick<TextFieldProps, 'label' | 'value' | 'onChange'>) {
  return <TextField {...props} code type="password" autoComplete="new-password" />;
}

function HeaderFields({ form, onChange }: Pick<AccessFieldsProps, 'form' | 'onChange'>) {
  return (
    <>
      {form.headers.map(({ key, name, value }, index) => (
        <div key={key} className="worker-pair worker-header">
          <TextField
            label={`Header ${index + 1}`}
            code
            placeholder="X-Api-Key"
            value={name}
            onChange={(text) => onChange(withHeader(form, key, { name: text }))}
          />
          <SecretField
            label={`Value ${index + 1}`}
            value={value}
            onChange={(text) => onChange(withHeader(form, key, { value: text }))}
          />
          {form.headers.length > 1 && (
            <IconButton
              label={`Remove header ${index + 1}`}
              icon={X}
              onClick={() => onChange(withoutHeader(form, key))}
            />
          )}
        </div>
      ))}
      <Button size="s" icon={Plus} onClick={() => onChange(withMoreHeaders(form))}>
        Another header
      </Button>
    </>
  );
}
