import { Activity, Ellipsis, Pencil, Power, ScrollText, Trash2 } from 'lucide-react';
import type { InstanceAction } from '../../shared/condition.ts';
import type { InstanceSnapshot } from '../../shared/model.ts';
import { IconButton } from '../components/icon-button.tsx';
import { Menu, type MenuAction, type MenuEntry } from '../components/menu.tsx';
import { testAgain } from '../readiness/test-again.ts';
import { runCommand, type Services, useServices } from '../store/services.ts';
import { ACTION_ORDER, ACTION_WORDS, performAction } from './instance-actions.ts';

/** Everything that can be done with an instance now, with the key that does it on a focused card. */
export function instanceEntries(
  services: Services,
  instance: InstanceSnapshot,
  actions: readonly InstanceAction[],
): readonly MenuEntry[] {
  const state: readonly MenuAction[] = ACTION_ORDER.filter((action) => actions.includes(action)).map(
    (action) => ({
      kind: 'action',
      id: action,
      label: ACTION_WORDS[action].label,
      icon: ACTION_WORDS[action].icon,
      shortcut: ACTION_WORDS[action].key,
      onSelect: () => void performAction(services, instance, action),
    }),
  );
  const separator: readonly MenuEntry[] = state.length > 0 ? [{ kind: 'separator', id: 'first' }] : [];
  return [...state, ...separator, ...upkeepEntries(services, instance)];
}

function upkeepEntries(services: Services, instance: InstanceSnapshot): readonly MenuEntry[] {
  const ui = services.ui.getState();
  const logs: MenuEntry = {
    kind: 'action',
    id: 'logs',
    label: 'Show log',
    icon: ScrollText,
    shortcut: 'G',
    onSelect: () => ui.showLogs(instance.id),
  };
  const edit: MenuEntry = {
    kind: 'action',
    id: 'edit',
    label: 'Edit…',
    icon: Pencil,
    shortcut: 'E',
    onSelect: () => ui.openDialog({ kind: 'worker-edit', id: instance.id }),
  };
  if (instance.role === 'master') return [logs, edit];
  return [
    logs,
    ...(instance.remote === null ? [] : elsewhereEntries(services, instance)),
    edit,
    { kind: 'separator', id: 'last' },
    {
      kind: 'action',
      id: 'remove',
      label: 'Delete…',
      icon: Trash2,
      shortcut: 'Del',
      danger: true,
      onSelect: () => ui.openDialog({ kind: 'worker-remove', id: instance.id }),
    },
  ];
}

/** For a worker on another machine. */
function elsewhereEntries(services: Services, instance: InstanceSnapshot): readonly MenuEntry[] {
  const { id, selected } = instance;
  const test: MenuEntry = {
    kind: 'action',
    id: 'test',
    label: 'Test again',
    icon: Activity,
    shortcut: 'A',
    onSelect: () => void testAgain(services, instance),
  };
  return [
    ...(selected ? [test] : []),
    {
      kind: 'action',
      id: 'enable',
      label: selected ? 'Disable' : 'Enable',
      icon: Power,
      shortcut: 'Space',
      onSelect: () => void runCommand(services, 'instance.select', { id, selected: !selected }),
    },
  ];
}

export interface InstanceMenuProps {
  readonly instance: InstanceSnapshot;
  readonly actions: readonly InstanceAction[];
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

export function InstanceMenu({ instance, actions, open, onOpenChange }: InstanceMenuProps) {
  const services = useServices();
  return (
    <Menu
      label={`Actions for ${instance.name}`}
      entries={instanceEntries(services, instance, actions)}
      open={open}
      onOpenChange={onOpenChange}
      trigger={<IconButton size="s" label={`Actions for ${instance.name}`} icon={Ellipsis} />}
    />
  );
}
