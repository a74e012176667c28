import { useId } from 'react';

export interface ToggleProps {
  readonly label: string;
  readonly description?: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly disabled?: boolean;
}

/** A switch with its words at the left: for settings that take effect at once. */
export function Toggle({ label, description, checked, onChange, disabled }: ToggleProps) {
  const id = useId();
  return (
    <div className="toggle-row">
      <div className="toggle-words">
        <label htmlFor={id}>{label}</label>
        {description !== undefined && <p id={`${id}-description`}>{description}</p>}
      </div>
      <button
        id={id}
        type="button"
        role="switch"
        className="toggle"
        aria-checked={checked}
        {...(description === undefined ? {} : { 'aria-describedby': `${id}-description` })}
        disabled={disabled}
        onClick={() => onChange(!checked)}
      >
        <span className="toggle-thumb" />
      </button>
    </div>
  );
}
