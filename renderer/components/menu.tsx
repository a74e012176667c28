import type { LucideIcon } from 'lucide-react';
import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { useLayer } from './layer.ts';
import { Shortcut } from './shortcut.tsx';

export interface MenuAction {
  readonly kind: 'action';
  readonly id: string;
  readonly label: string;
  readonly icon?: LucideIcon;
  readonly shortcut?: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly onSelect: () => void;
}
export type MenuEntry = MenuAction | { readonly kind: 'separator'; readonly id: string };

export interface MenuProps {
  /** The button that opens it; takes a ref. */
  readonly trigger: ReactNode;
  readonly label: string;
  readonly entries: readonly MenuEntry[];
  readonly open?: boolean;
  readonly onOpenChange?: (open: boolean) => void;
}

export function Menu({ trigger, label, entries, open, onOpenChange }: MenuProps) {
  const layer = useLayer();
  return (
    <Radix.Root
      modal={false}
      {...(open === undefined ? {} : { open })}
      {...(onOpenChange === undefined ? {} : { onOpenChange })}
    >
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal container={layer}>
        <Radix.Content className="menu" align="end" sideOffset={4} collisionPadding={8} aria-label={label}>
          {entries.map((entry) =>
            entry.kind === 'separator' ? (
              <Radix.Separator key={entry.id} className="menu-separator" />
            ) : (
              <MenuItem key={entry.id} action={entry} />
            ),
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function MenuItem({ action }: { readonly action: MenuAction }) {
  const Icon = action.icon;
  return (
    <Radix.Item
      className={classNames('menu-item', action.danger && 'menu-item-danger')}
      disabled={action.disabled ?? false}
      onSelect={action.onSelect}
    >
      <span className="menu-icon">{Icon && <Icon size={14} strokeWidth={1.8} aria-hidden="true" />}</span>
      <span className="menu-label">{action.label}</span>
      {action.shortcut !== undefined && <Shortcut keys={action.shortcut} />}
    </Radix.Item>
  );
}
