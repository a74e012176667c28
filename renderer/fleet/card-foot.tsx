import { ScrollText } from 'lucide-react';
import type { InstanceAction } from '../../shared/condition.ts';
import { isAlive } from '../../shared/lifecycle.ts';
import type { InstanceSnapshot } from '../../shared/model.ts';
import { Button } from '../components/button.tsx';
import { IconButton } from '../components/icon-button.tsx';
import { formatDuration } from '../store/format.ts';
import { useServices } from '../store/services.ts';
import { useNow } from '../store/use-now.ts';
import { ACTION_ORDER, ACTION_WORDS, performAction } from './instance-actions.ts';

/** Facts at the left, the actions that fit the state at the right. */
export function CardFoot({
  instance,
  actions,
}: {
  readonly instance: InstanceSnapshot;
  readonly actions: readonly InstanceAction[];
}) {
  return (
    <footer className="card-foot">
      <CardFacts instance={instance} />
      <CardActions instance={instance} actions={actions} />
    </footer>
  );
}

function CardFacts({ instance }: { readonly instance: InstanceSnapshot }) {
  const now = useNow(1000);
  const since = upSince(instance);
  const facts = [
    instance.queue === null ? null : `Queue ${instance.queue}`,
    since === null ? null : `Up ${formatDuration(now - since)}`,
    instance.imagesPerMinute === null ? null : `${instance.imagesPerMinute.toFixed(1)} images/min`,
  ].filter((fact) => fact !== null);
  return (
    <p className="card-facts truncate" title={facts.join(' · ')}>
      {facts.join(' · ')}
    </p>
  );
}

function upSince(instance: InstanceSnapshot): number | null {
  if (instance.control === 'attached') return instance.link.status === 'up' ? instance.link.since : null;
  return isAlive(instance.process) && instance.process.status === 'ready' ? instance.process.since : null;
}

function CardActions({
  instance,
  actions,
}: {
  readonly instance: InstanceSnapshot;
  readonly actions: readonly InstanceAction[];
}) {
  const services = useServices();
  const fitting = ACTION_ORDER.filter((action) => actions.includes(action));
  return (
    <div className="card-actions">
      {fitting.map((action) => {
        const { label, icon, key } = ACTION_WORDS[action];
        const run = () => void performAction(services, instance, action);
        return action === 'launch' ? (
          <Button key={action} size="s" variant="primary" icon={icon} onClick={run}>
            {label}
          </Button>
        ) : (
          <IconButton key={action} size="s" label={label} icon={icon} shortcut={key} onClick={run} />
        );
      })}
      <IconButton
        size="s"
        label="Show log"
        icon={ScrollText}
        shortcut="G"
        onClick={() => services.ui.getState().showLogs(instance.id)}
      />
    </div>
  );
}
