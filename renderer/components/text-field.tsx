import type { ComponentPropsWithRef } from 'react';
import { classNames } from './class-names.ts';
import { Field, type FieldProps } from './field.tsx';

export interface TextFieldProps
  extends FieldProps,
    Omit<ComponentPropsWithRef<'input'>, 'id' | 'value' | 'onChange'> {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Monospace, for ports, paths and arguments. */
  readonly code?: boolean;
}

export function TextField({
  label,
  hint,
  problem = null,
  value,
  onChange,
  code,
  className,
  ...rest
}: TextFieldProps) {
  return (
    <Field
      label={label}
      hint={hint}
      problem={problem}
      control={(tied) => (
        <input
          type="text"
          autoComplete="off"
          spellCheck={false}
          {...rest}
          {...tied}
          className={classNames('input', code && 'mono', className)}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    />
  );
}
