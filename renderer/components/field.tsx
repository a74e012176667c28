import { type ReactNode, useId } from 'react';
import { classNames } from './class-names.ts';

export interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  /** Says what is wrong and how to mend it; null when all is well. */
  readonly problem?: string | null;
}

export interface FieldControlProps {
  readonly id: string;
  readonly 'aria-describedby'?: string;
  readonly 'aria-invalid'?: true;
}

/** Label, hint and problem around one control, tied together for assistive technology. */
export function Field({
  label,
  hint,
  problem,
  control,
}: FieldProps & { readonly control: (props: FieldControlProps) => ReactNode }) {
  const id = useId();
  const hintId = `${id}-hint`;
  const hasProblem = problem !== null && problem !== undefined;
  const described = hasProblem || hint !== undefined;
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {control({
        id,
        ...(described ? { 'aria-describedby': hintId } : {}),
        ...(hasProblem ? { 'aria-invalid': true } : {}),
      })}
      {described && (
        <p id={hintId} className={classNames('field-hint', hasProblem && 'field-problem')}>
          {hasProblem ? problem : hint}
        </p>
      )}
    </div>
  );
}
