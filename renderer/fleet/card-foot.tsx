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

/** The actions that most people look for stand there in words, the others as icons with a tooltip. */
const WORDED: Readonly<Partial<Record<InstanceAction, string>>> = {
  launch: 'Launch',
  'test-picture': 'Test picture',
  stop: 'Stop',
};

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
  return <p className="card-facts">{facts.length === 0 ? '\u00a0' : facts.join(' · ')}</p>;
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
      {fitting
        .filter((action) => action in WORDED)
        .map((action) => (
          <Button
            key={action}
            size="s"
            variant={action === 'launch' ? 'primary' : 'secondary'}
            icon={ACTION_WORDS[action].icon}
            aria-label={ACTION_WORDS[action].label}
            onClick={() => void performAction(services, instance, action)}
          >
            {WORDED[action]}
          </Button>
        ))}
      <span className="card-icons">
        {fitting
          .filter((action) => !(action in WORDED))
          .map((action) => (
            <IconButton
              key={action}
              size="s"
              label={ACTION_WORDS[action].label}
              icon={ACTION_WORDS[action].icon}
              shortcut={ACTION_WORDS[action].key}
              onClick={() => void performAction(services, instance, action)}
            />
          ))}
        <IconButton
          size="s"
          label="Show log"
          icon={ScrollText}
          shortcut="G"
          onClick={() => services.ui.getState().showLogs(instance.id)}
        />
      </span>
    </div>
  );
}
