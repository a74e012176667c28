import { ScrollText } from 'lucide-react';
import { Button } from '../components/button.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { selectInstances } from '../store/selectors.ts';
import { useFleet, useServices, useUi } from '../store/services.ts';
import { LogPanel } from './log-panel.tsx';
import './logs.css';
import { chooseInstance } from './choose-instance.ts';

/** The log of one instance, with a picker for the others. */
export function LogsView() {
  const { ui } = useServices();
  const instances = useFleet(selectInstances);
  const wanted = useUi((state) => state.logInstance);
  const instance = chooseInstance(instances, wanted);
  if (instance === null) {
    return (
      <EmptyState
        icon={ScrollText}
        title="No server, no log"
        text="Every ComfyUI server that is started here writes a log that you can follow and search."
        action={<Button onClick={() => ui.getState().navigate('fleet')}>Go to the fleet</Button>}
      />
    );
  }
  return <LogPanel instance={instance} instances={instances} onChoose={(id) => ui.getState().showLogs(id)} />;
}
