import { type ComponentProps, useEffect, useState } from 'react';
import { TextField } from '../components/text-field.tsx';

type FieldProps = Omit<
  ComponentProps<typeof TextField>,
  'value' | 'problem' | 'onChange' | 'onBlur' | 'onKeyDown'
>;

export interface DraftFieldProps extends FieldProps {
  readonly saved: string;
  /** What is wrong with a text; null: it may be saved. */
  readonly problemOf: (text: string) => string | null;
  readonly onCommit: (text: string) => void;
}

/** Saved when it is left or Enter is pressed, so that nothing half-typed is ever saved; Escape takes it back. */
export function DraftField({ saved, problemOf, onCommit, ...field }: DraftFieldProps) {
  const [text, setText] = useState(saved);
  useEffect(() => setText(saved), [saved]);
  const problem = problemOf(text);
  const commit = (): void => {
    if (problem === null) onCommit(text);
  };
  return (
    <TextField
      {...field}
      value={text}
      problem={problem}
      onChange={setText}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
        if (event.key === 'Escape') setText(saved);
      }}
    />
  );
}
