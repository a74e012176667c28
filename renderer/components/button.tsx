import type { LucideIcon } from 'lucide-react';
import type { ComponentPropsWithRef, ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { Spinner } from './spinner.tsx';

export interface ButtonProps extends Omit<ComponentPropsWithRef<'button'>, 'children'> {
  readonly variant?: 'primary' | 'secondary' | 'ghost' | 'danger';
  readonly size?: 's' | 'm';
  readonly icon?: LucideIcon;
  /** Shows a spinner beside the words and refuses clicks. */
  readonly busy?: boolean;
  readonly children: ReactNode;
}

export function Button({
  variant = 'secondary',
  size = 'm',
  icon: Icon,
  busy = false,
  children,
  className,
  disabled,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={classNames('button', `button-${variant}`, `button-${size}`, className)}
    >
      {busy ? <Spinner /> : Icon && <Icon size={14} strokeWidth={1.8} aria-hidden="true" />}
      <span className="truncate">{children}</span>
    </button>
  );
}
