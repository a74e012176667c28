import type { LucideIcon } from 'lucide-react';
import type { ComponentPropsWithRef } from 'react';
import { classNames } from './class-names.ts';
import { Tooltip } from './tooltip.tsx';

export interface IconButtonProps extends Omit<ComponentPropsWithRef<'button'>, 'children' | 'aria-label'> {
  /** Spoken name and tooltip. */
  readonly label: string;
  readonly icon: LucideIcon;
  readonly shortcut?: string;
  readonly size?: 's' | 'm';
}

export function IconButton({ label, icon: Icon, shortcut, size = 'm', className, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} {...(shortcut === undefined ? {} : { shortcut })}>
      <button
        type="button"
        {...rest}
        aria-label={label}
        className={classNames('icon-button', `icon-button-${size}`, className)}
      >
        <Icon size={size === 's' ? 14 : 16} strokeWidth={1.8} aria-hidden="true" />
      </button>
    </Tooltip>
  );
}
