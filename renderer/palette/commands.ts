import {
  Bell,
  BookOpen,
  ExternalLink,
  Globe,
  Keyboard,
  ListVideo,
  type LucideIcon,
  Pause,
  Play,
  Plus,
  Receipt,
  RefreshCw,
  Settings2,
  Square,
  Users,
  Workflow,
} from 'lucide-react';
import { conditionOf } from '../../shared/condition.ts';
import { instanceEntries } from '../fleet/instance-menu.tsx';
import { openGatewayPage } from '../gateway/open-gateway.ts';
import { VIEWS } from '../layout/views.ts';
import { runCommand, type Services } from '../store/services.ts';

export interface PaletteCommand {
  readonly id: string;
  readonly group: 'Go to' | 'Fleet' | 'Application' | string;
  readonly label: string;
  readonly icon: LucideIcon | undefined;
  readonly shortcut: string | undefined;
  readonly run: () => void;
}

/** Every action of the application, in the order of the palette. */
export function paletteCommands(services: Services): readonly PaletteCommand[] {
  return [
    ...runCommands(services),
    ...viewCommands(services),
    ...fleetCommands(services),
    ...instanceCommands(services),
  ];
}

function viewCommands(services: Services): readonly PaletteCommand[] {
  return VIEWS.map((entry) => ({
    id: `view-${entry.view}`,
    group: 'Go to',
    label: entry.label,
    icon: entry.icon,
    shortcut: `Alt+${entry.digit}`,
    run: () => services.ui.getState().navigate(entry.view),
  }));
}

function command(
  group: string,
  label: string,
  icon: LucideIcon,
  run: () => void,
  shortcut?: string,
): PaletteCommand {
  return { id: label, group, label, icon, shortcut, run };
}

/** Opened runs by name: the list itself is one key away, so the newest are enough. */
const MOST_RUNS = 20;

function runCommands(services: Services): readonly PaletteCommand[] {
  const ui = services.ui.getState();
  const { runs, queue } = services.runs.getState();
  const paused = queue?.paused ?? false;
  return [
    command(
      'Runs',
      'Run workflow…',
      Workflow,
      () => ui.openDialog({ kind: 'run', source: null }),
      'Mod+Enter',
    ),
    command(
      'Runs',
      paused ? 'Resume queue' : 'Pause queue',
      paused ? Play : Pause,
      () => void runCommand(services, paused ? 'queue.resume' : 'queue.pause', {}),
    ),
    ...(runs ?? []).slice(0, MOST_RUNS).map((run) => ({
      ...command('Runs', `Open run ${run.name}`, ListVideo, () => ui.openRun(run.id)),
      id: `run-${run.id}`,
    })),
  ];
}

function fleetCommands(services: Services): readonly PaletteCommand[] {
  const ui = services.ui.getState();
  const participates = services.fleet.getState().fleet?.masterParticipates ?? true;
  return [
    command('Fleet', 'Launch all', Play, () => void runCommand(services, 'fleet.startAll', {})),
    command('Fleet', 'Stop all…', Square, () => ui.openDialog({ kind: 'stop-all' })),
    command('Fleet', 'Add worker…', Plus, () => ui.openDialog({ kind: 'worker-add' })),
    command('Fleet', 'Rent a worker…', Receipt, () => ui.openDialog({ kind: 'rent', provider: null })),
    command(
      'Fleet',
      participates ? 'Master: orchestrator only' : 'Master: participating',
      Users,
      () => void runCommand(services, 'fleet.setParticipation', { participate: !participates }),
    ),
    command('Fleet', 'Open the ComfyUI page', ExternalLink, () => void openGatewayPage(services)),
    command('Fleet', 'Look for GPUs again', RefreshCw, () => void runCommand(services, 'gpus.rescan', {})),
    command('Fleet', 'Open a tunnel…', Globe, () => ui.openDialog({ kind: 'tunnel-open' })),
    command('Fleet', 'Close the tunnel', Globe, () => void runCommand(services, 'tunnel.stop', {})),
    command('Application', 'Guides', BookOpen, () => ui.openDialog({ kind: 'guides', guide: 'local' })),
    command('Application', 'Set up ComfyUI…', Settings2, () => ui.openDialog({ kind: 'onboarding' })),
    command('Application', 'Notifications', Bell, () => ui.toggleNotifications(true)),
    command('Application', 'Keyboard shortcuts', Keyboard, () => ui.openDialog({ kind: 'shortcuts' }), '?'),
  ];
}

function instanceCommands(services: Services): readonly PaletteCommand[] {
  const instances = services.fleet.getState().fleet?.instances ?? [];
  return instances.flatMap((instance) =>
    instanceEntries(services, instance, conditionOf(instance, 0).actions).flatMap((entry) =>
      entry.kind === 'separator'
        ? []
        : [
            {
              id: `${instance.id}-${entry.id}`,
              group: instance.name,
              label: `${instance.name}: ${entry.label}`,
              icon: entry.icon,
              // The letters work on a focused card only: here they would mislead.
              shortcut: undefined,
              run: entry.onSelect,
            },
          ],
    ),
  );
}
