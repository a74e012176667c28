import { Play, Search, Square, Workflow } from 'lucide-react';
import { conditionOf } from '../../shared/condition.ts';
import { Button } from '../components/button.tsx';
import { Shortcut } from '../components/shortcut.tsx';
import { NotificationCentre } from '../notifications/notification-centre.tsx';
import { selectInstances } from '../store/selectors.ts';
import { useFleet, useRun, useServices } from '../store/services.ts';
import { FleetPulse } from './fleet-pulse.tsx';
import { ModeSwitch } from './mode-switch.tsx';

export function TopBar() {
  const { ui } = useServices();
  return (
    <header className="top-bar">
      <FleetPulse />
      <ModeSwitch />
      <FleetActions />
      <Button
        className="top-run"
        variant="primary"
        icon={Workflow}
        onClick={() => ui.getState().openDialog({ kind: 'run', source: null })}
      >
        Run workflow…
      </Button>
      <button
        type="button"
        className="top-search"
        aria-label="Command palette"
        onClick={() => ui.getState().openDialog({ kind: 'palette' })}
      >
        <Search size={14} strokeWidth={1.8} aria-hidden="true" />
        <span>Command…</span>
        <Shortcut keys="Mod+K" />
      </button>
      <NotificationCentre />
    </header>
  );
}

function FleetActions() {
  const { ui } = useServices();
  const run = useRun();
  const instances = useFleet(selectInstances);
  const can = (action: 'launch' | 'stop') =>
    instances.some((instance) => conditionOf(instance, 0).actions.includes(action));
  return (
    <div className="top-actions">
      <Button icon={Play} disabled={!can('launch')} onClick={() => void run('fleet.startAll', {})}>
        Launch all
      </Button>
      <Button
        icon={Square}
        disabled={!can('stop')}
        onClick={() => ui.getState().openDialog({ kind: 'stop-all' })}
      >
        Stop all
      </Button>
    </div>
  );
}
