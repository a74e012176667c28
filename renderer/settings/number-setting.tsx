import { useEffect, useState } from 'react';
import { TextField } from '../components/text-field.tsx';
import { readNumber } from './read-number.ts';

export interface NumberSettingProps {
  readonly label: string;
  readonly hint: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly onSave: (value: number) => void;
}

/** Saved when it is left or Enter is pressed, so that a half-typed number is never saved. */
export function NumberSetting({ label, hint, value, least, most, onSave }: NumberSettingProps) {
  const [text, setText] = useState(String(value));
  useEffect(() => setText(String(value)), [value]);
  const reading = readNumber(text, least, most);
  const commit = (): void => {
    if (reading.value !== null && reading.value !== value) onSave(reading.value);
  };
  return (
    <div className="number-setting">
      <TextField
        label={label}
        hint={hint}
        inputMode="numeric"
        value={text}
        problem={reading.problem}
        onChange={setText}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
          if (event.key === 'Escape') setText(String(value));
        }}
      />
    </div>
  );
}
