import { memo, type ReactNode, useState } from 'react';
import type { InstanceCondition } from '../../shared/condition.ts';
import type { FailureReport } from '../../shared/lifecycle.ts';
import type { InstanceSnapshot } from '../../shared/model.ts';
import { Checkbox } from '../components/checkbox.tsx';
import { Chip } from '../components/chip.tsx';
import { classNames } from '../components/class-names.ts';
import { selectGpu } from '../store/selectors.ts';
import { useFleet, useRun } from '../store/services.ts';
import { MasterBadge, PlacementWarning } from './card-badges.tsx';
import { CardFailure, failureOf, launchHelps } from './card-failure.tsx';
import { CardFoot } from './card-foot.tsx';
import { CardMeters } from './card-meters.tsx';
import { CardNow } from './card-now.tsx';
import { CardPlace } from './card-place.tsx';
import { CardTrouble } from './card-trouble.tsx';
import { InstanceMenu } from './instance-menu.tsx';
import { troubleOf } from './remote-words.ts';
import { StateWord } from './state-word.tsx';
import { useCondition } from './use-condition.ts';
import { useInstanceKeys } from './use-instance-keys.ts';

export interface InstanceCardProps {
  readonly instance: InstanceSnapshot;
  /** The one card that Tab reaches; arrow keys reach the others. */
  readonly tabbable: boolean;
  readonly onFocus: (id: string) => void;
}

export const InstanceCard = memo(function InstanceCard({ instance, tabbable, onFocus }: InstanceCardProps) {
  const condition = useCondition(instance);
  const [menuOpen, setMenuOpen] = useState(false);
  const onKeyDown = useInstanceKeys(instance, condition.actions, () => setMenuOpen(true));
  const gpu = useFleet(selectGpu(instance));
  const failure = failureOf(instance);
  const footActions = launchHelps(failure)
    ? condition.actions.filter((action) => action !== 'launch')
    : condition.actions;
  return (
    <article
      className={classNames('card', instance.role === 'master' && 'card-master', `card-${condition.tone}`)}
      aria-label={`${instance.name}, ${condition.word}`}
      data-instance={instance.id}
      data-roving=""
      tabIndex={tabbable ? 0 : -1}
      onFocus={() => onFocus(instance.id)}
      onKeyDown={onKeyDown}
    >
      <CardHead
        instance={instance}
        condition={condition}
        menu={
          <InstanceMenu
            instance={instance}
            actions={condition.actions}
            open={menuOpen}
            onOpenChange={setMenuOpen}
          />
        }
      />
      <CardPlace instance={instance} gpu={gpu} />
      {instance.role === 'master' && <MasterBadge />}
      <PlacementWarning instance={instance} />
      <CardMiddle instance={instance} failure={failure} />
      <CardMeters instance={instance} />
      <CardFoot instance={instance} actions={footActions} />
    </article>
  );
});

function CardMiddle(props: { readonly instance: InstanceSnapshot; readonly failure: FailureReport | null }) {
  const { instance, failure } = props;
  if (failure !== null) return <CardFailure instance={instance} failure={failure} />;
  const trouble = troubleOf(instance);
  if (trouble !== null) return <CardTrouble instance={instance} trouble={trouble} />;
  return <CardNow instance={instance} />;
}

function CardHead(props: {
  readonly instance: InstanceSnapshot;
  readonly condition: InstanceCondition;
  readonly menu: ReactNode;
}) {
  const { instance, condition } = props;
  // Workers stand below the heading of their group, the master below the page's.
  const Heading = instance.role === 'master' ? 'h2' : 'h3';
  return (
    <header className="card-head">
      <SelectBox instance={instance} />
      <StateWord instance={instance} condition={condition} />
      <Heading className="card-name truncate" dir="auto" title={instance.name}>
        {instance.name}
      </Heading>
      <Chip>{instance.role === 'master' ? 'master' : instance.type}</Chip>
      {instance.control === 'attached' && instance.type === 'local' && (
        <Chip title="Started by somebody else: used, but never stopped">attached</Chip>
      )}
      <span className="card-menu">{props.menu}</span>
    </header>
  );
}

/** A worker's box selects it for runs; the master's is the mode switch. */
export function SelectBox({ instance }: { readonly instance: InstanceSnapshot }) {
  const run = useRun();
  const participates = useFleet((state) => state.fleet?.masterParticipates ?? true);
  const master = instance.role === 'master';
  return (
    <Checkbox
      bare
      label={`${instance.name} takes part in runs`}
      title="Takes part in runs"
      checked={master ? participates : instance.selected}
      onChange={(selected) =>
        void (master
          ? run('fleet.setParticipation', { participate: selected })
          : run('instance.select', { id: instance.id, selected }))
      }
    />
  );
}
