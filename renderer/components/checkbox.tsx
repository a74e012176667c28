import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

export interface CheckboxProps {
  readonly label: ReactNode;
  /** Keeps the label for screen readers only. */
  readonly bare?: boolean;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly disabled?: boolean;
  readonly title?: string;
}

export function Checkbox({ label, bare, checked, onChange, disabled, title }: CheckboxProps) {
  return (
    <label className={classNames('checkbox', bare && 'checkbox-bare')} title={title}>
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span className={bare ? 'visually-hidden' : undefined}>{label}</span>
    </label>
  );
}
