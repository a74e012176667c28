import type { KeyboardEvent } from 'react';
import type { InstanceAction } from '../../shared/condition.ts';
import type { InstanceSnapshot } from '../../shared/model.ts';
import { runCommand, useServices } from '../store/services.ts';
import { instanceEntries } from './instance-menu.tsx';

/** Keys of a focused card or row: Enter opens the menu, Space selects, letters act as the menu shows them. */
export function useInstanceKeys(
  instance: InstanceSnapshot,
  actions: readonly InstanceAction[],
  openMenu: () => void,
): (event: KeyboardEvent<HTMLElement>) => void {
  const services = useServices();
  return (event) => {
    // Keys inside a card's own controls, or in its menu (a portal), belong to them.
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key === 'Delete' ? 'Del' : event.key.toUpperCase();
    if (event.key === 'Enter') openMenu();
    else if (event.key === ' ') {
      void runCommand(services, 'instance.select', { id: instance.id, selected: !instance.selected });
    } else {
      const entry = instanceEntries(services, instance, actions).find(
        (candidate) => candidate.kind === 'action' && candidate.shortcut === key,
      );
      if (entry?.kind !== 'action') return;
      entry.onSelect();
    }
    event.preventDefault();
  };
}
