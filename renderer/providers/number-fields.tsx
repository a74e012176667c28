import { useState } from 'react';
import { TextField } from '../components/text-field.tsx';
import { readNumber } from '../settings/read-number.ts';
import { readDollars } from './read-dollars.ts';

export interface NumberFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

const MOST = 43_200;

/** A whole number; what is half-typed stays in the field alone. */
export function CountField({
  label,
  hint,
  value,
  least = 1,
  onChange,
}: NumberFieldProps & { readonly least?: number }) {
  const [text, setText] = useState(String(value));
  return (
    <TextField
      label={label}
      hint={hint}
      inputMode="numeric"
      value={text}
      problem={readNumber(text, least, MOST).problem}
      onChange={(next) => {
        setText(next);
        const read = readNumber(next, least, MOST);
        if (read.value !== null) onChange(read.value);
      }}
    />
  );
}

export function PriceField({ label, hint, value, onChange }: NumberFieldProps) {
  const [text, setText] = useState(String(value));
  return (
    <TextField
      label={label}
      hint={hint}
      inputMode="decimal"
      value={text}
      problem={readDollars(text).problem}
      onChange={(next) => {
        setText(next);
        const read = readDollars(next);
        if (read.problem === null) onChange(read.value ?? 0);
      }}
    />
  );
}
