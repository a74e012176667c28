import type { CredentialName } from '../../shared/providers.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { TextField } from '../components/text-field.tsx';
import { CREDENTIAL_WORDS } from './provider-form.ts';

export interface SecretFieldProps {
  readonly name: CredentialName;
  readonly stored: boolean;
  /** null: it is not to be changed. */
  readonly value: string | null;
  readonly problem: string | null;
  readonly onChange: (value: string) => void;
}

/** What is kept is never shown again; it can be replaced or forgotten. */
export function SecretField({ name, stored, value, problem, onChange }: SecretFieldProps) {
  const { label, hint } = CREDENTIAL_WORDS[name];
  if (stored && value === null) {
    return (
      <div className="field">
        <p className="field-label">{label}</p>
        <p className="provider-kept">
          <span className="mono">••••••••</span>
          <Button size="s" aria-label={`Replace ${label}`} onClick={() => onChange('')}>
            Replace
          </Button>
        </p>
      </div>
    );
  }
  const shown = value ?? '';
  const told = stored ? `${hint} Left empty, what is kept is forgotten.` : hint;
  if (name === 'apiKey') {
    return (
      <TextField
        label={label}
        hint={told}
        problem={problem}
        type="password"
        code
        value={shown}
        onChange={onChange}
      />
    );
  }
  return (
    <Field
      label={label}
      hint={told}
      problem={problem}
      control={(tied) => (
        <textarea
          {...tied}
          className="input mono provider-lines"
          rows={3}
          spellCheck={false}
          autoComplete="off"
          value={shown}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    />
  );
}
