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

/** Words on the button; null for an icon. A server that can do no work has one action that helps: restarting. */
function wordOf(action: InstanceAction, actions: readonly InstanceAction[]): string | null {
  if (action === 'restart' && !actions.includes('test-picture')) return 'Restart';
  return WORDED[action] ?? null;
}

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

interface CardActionsProps {
  readonly instance: InstanceSnapshot;
  readonly actions: readonly InstanceAction[];
}

function CardActions({ instance, actions }: CardActionsProps) {
  const { ui } = useServices();
  const fitting = ACTION_ORDER.filter((action) => actions.includes(action));
  const worded = fitting.filter((action) => wordOf(action, actions) !== null);
  const icons = fitting.filter((action) => wordOf(action, actions) === null);
  return (
    <div className="card-actions">
      {worded.map((action) => (
        <WordedAction key={action} instance={instance} action={action} word={wordOf(action, actions)} />
      ))}
      <span className="card-icons">
        {icons.map((action) => (
          <IconAction key={action} instance={instance} action={action} />
        ))}
        <IconButton
          size="s"
          label="Show log"
          icon={ScrollText}
          shortcut="G"
          onClick={() => ui.getState().showLogs(instance.id)}
        />
      </span>
    </div>
  );
}

interface ActionProps {
  readonly instance: InstanceSnapshot;
  readonly action: InstanceAction;
}

function WordedAction({ instance, action, word }: ActionProps & { readonly word: string | null }) {
  const services = useServices();
  return (
    <Button
      size="s"
      variant={action === 'launch' ? 'primary' : 'secondary'}
      icon={ACTION_WORDS[action].icon}
      aria-label={ACTION_WORDS[action].label}
      onClick={() => void performAction(services, instance, action)}
    >
      {word}
    </Button>
  );
}

function IconAction({ instance, action }: ActionProps) {
  const services = useServices();
  return (
    <IconButton
      size="s"
      label={ACTION_WORDS[action].label}
      icon={ACTION_WORDS[action].icon}
      shortcut={ACTION_WORDS[action].key}
      onClick={() => void performAction(services, instance, action)}
    />
  );
}
