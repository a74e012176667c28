import { conditionOf, fleetPulse, type InstanceAction } from '../../shared/condition.ts';
import type { CommandArgs, CommandName } from '../../shared/contract.ts';
import { type FleetSnapshot, type InstanceSnapshot, MASTER_ID } from '../../shared/model.ts';

/** What a click does: a command of the contract, or something of the window's own. */
export type TrayAction =
  | { [C in CommandName]: { readonly command: C; readonly args: CommandArgs<C> } }[CommandName]
  | { readonly shell: 'show' | 'quit' }
  | { readonly copy: string };

export type TrayItem =
  | { readonly kind: 'separator' }
  | { readonly kind: 'label'; readonly text: string }
  | { readonly kind: 'action'; readonly text: string; readonly enabled: boolean; readonly action: TrayAction }
  | { readonly kind: 'submenu'; readonly text: string; readonly items: readonly TrayItem[] };

const SEPARATOR: TrayItem = { kind: 'separator' };

/**
 * The whole menu as data: two equal results need no new native menu, which would close an open one.
 * @param gatewayUrl the ComfyUI address of the fleet; null while there is none
 */
export function trayMenu(fleet: FleetSnapshot, gatewayUrl: string | null): readonly TrayItem[] {
  const { instances } = fleet;
  const can = (action: InstanceAction): boolean =>
    instances.some((instance) => conditionOf(instance, 0).actions.includes(action));
  return [
    { kind: 'label', text: statusLine(fleet) },
    SEPARATOR,
    ...instances.map(instanceMenu),
    ...(instances.length > 0 ? [SEPARATOR] : []),
    action('Launch all', can('launch'), { command: 'fleet.startAll', args: {} }),
    action('Stop all', can('stop'), { command: 'fleet.stopAll', args: {} }),
    SEPARATOR,
    action('Open the ComfyUI page', gatewayUrl !== null && masterIsOpen(instances), {
      command: 'shell.openGateway',
      args: {},
    }),
    action('Copy ComfyUI address', gatewayUrl !== null, { copy: gatewayUrl ?? '' }),
    action('Show Comfy Ensemble', true, { shell: 'show' }),
    SEPARATOR,
    action('Quit', true, { shell: 'quit' }),
  ];
}

export function trayTooltip(fleet: FleetSnapshot): string {
  return `Comfy Ensemble: ${statusLine(fleet)}`;
}

/** e.g. "3 of 4 ready, 2 queued". */
function statusLine(fleet: FleetSnapshot): string {
  if (fleet.instances.length === 0)
    return fleet.setup.status === 'searching' ? 'Looking for ComfyUI' : 'No servers yet';
  const { ready, total, queued } = fleetPulse(fleet);
  const demo = fleet.setup.status === 'demo' ? 'Demo fleet (simulated): ' : '';
  return `${demo}${ready} of ${total} ready${queued > 0 ? `, ${queued} queued` : ''}`;
}

function instanceMenu(instance: InstanceSnapshot): TrayItem {
  const { word, actions } = conditionOf(instance, 0);
  const { id, name } = instance;
  return {
    kind: 'submenu',
    text: `${name}: ${steadyPart(word)}`,
    items: [
      action(`Launch ${name}`, actions.includes('launch'), { command: 'instance.start', args: { id } }),
      action(`Stop ${name}`, actions.includes('stop'), { command: 'instance.stop', args: { id } }),
      action(`Open ${name}`, actions.includes('open'), { command: 'shell.openInstance', args: { id } }),
    ],
  };
}

/** "Restarting in 4 s (attempt 2)" → "Restarting": a countdown would rebuild the menu under the pointer every second. */
function steadyPart(word: string): string {
  return word.split(/:| in | \(/, 1)[0] ?? word;
}

function masterIsOpen(instances: readonly InstanceSnapshot[]): boolean {
  const master = instances.find(({ id }) => id === MASTER_ID);
  return master !== undefined && conditionOf(master, 0).actions.includes('open');
}

function action(text: string, enabled: boolean, act: TrayAction): TrayItem {
  return { kind: 'action', text, enabled, action: act };
}
