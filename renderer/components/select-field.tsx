import { ChevronDown } from 'lucide-react';
import { Field, type FieldProps } from './field.tsx';

export interface SelectOption {
  readonly value: string;
  readonly label: string;
  readonly disabled?: boolean;
}

export interface SelectFieldProps extends FieldProps {
  readonly value: string;
  readonly options: readonly SelectOption[];
  readonly onChange: (value: string) => void;
  readonly disabled?: boolean;
}

export function SelectField({ label, hint, problem = null, ...rest }: SelectFieldProps) {
  return (
    <Field label={label} hint={hint} problem={problem} control={(tied) => <Select {...tied} {...rest} />} />
  );
}

export interface SelectProps {
  readonly id?: string;
  readonly 'aria-label'?: string;
  readonly value: string;
  readonly options: readonly SelectOption[];
  readonly onChange: (value: string) => void;
  readonly disabled?: boolean;
}

/** The native control: keyboard, type-ahead and touch are the platform's own. Give it an id with a label, or aria-label. */
export function Select({ options, onChange, ...rest }: SelectProps) {
  return (
    <span className="select">
      <select {...rest} className="input" onChange={(event) => onChange(event.target.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.label}
          </option>
        ))}
      </select>
      <ChevronDown size={14} aria-hidden="true" />
    </span>
  );
}
