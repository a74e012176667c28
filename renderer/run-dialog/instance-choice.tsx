import { CircleCheck, CircleMinus, TriangleAlert } from 'lucide-react';
import type { InstanceId } from '../../shared/model.ts';
import type { PlanParticipant, PlanPreview } from '../../shared/plans.ts';
import { Button } from '../components/button.tsx';
import { Checkbox } from '../components/checkbox.tsx';
import { classNames } from '../components/class-names.ts';
import { selectInstances } from '../store/selectors.ts';
import { useFleet } from '../store/services.ts';
import { toggleInstance } from './run-form.ts';

export interface InstanceChoiceProps {
  readonly on: readonly InstanceId[] | null;
  readonly plan: PlanPreview | null;
  readonly onChange: (on: readonly InstanceId[] | null) => void;
}

/** Which instances, and why each does or does not take part. The master's part follows from the mode. */
export function InstanceChoice({ on, plan, onChange }: InstanceChoiceProps) {
  const instances = useFleet(selectInstances);
  const selected = instances.filter((one) => one.selected || one.role === 'master').map(({ id }) => id);
  const chosen = on ?? selected;
  return (
    <div className="run-option">
      <div className="run-option-head">
        <h4>Participants</h4>
        {on !== null && (
          <Button size="s" variant="ghost" onClick={() => onChange(null)}>
            Use the selected ones
          </Button>
        )}
      </div>
      <ul className="participants">
        {instances.map((instance) => (
          <li key={instance.id} className="participant">
            {instance.role === 'master' ? (
              <span className="participant-master">{instance.name}</span>
            ) : (
              <Checkbox
                label={instance.name}
                checked={chosen.includes(instance.id)}
                onChange={(ticked) => onChange(toggleInstance(on, selected, instance.id, ticked))}
              />
            )}
            <Part
              participant={plan?.participants.find(({ id }) => id === instance.id)}
              known={plan !== null}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

interface PartProps {
  readonly participant: PlanParticipant | undefined;
  readonly known: boolean;
}

function Part({ participant, known }: PartProps) {
  if (!known) return <span className="participant-part">…</span>;
  const takesPart = participant?.takesPart ?? false;
  const reason = participant?.reason ?? null;
  const Icon = takesPart ? (reason === null ? CircleCheck : TriangleAlert) : CircleMinus;
  const tone = takesPart ? (reason === null ? 'ok' : 'warning') : 'neutral';
  const words = takesPart ? (reason ?? 'Takes part') : (reason ?? 'Not chosen');
  return (
    <span className={classNames('participant-part', `tone-${tone}`)}>
      <Icon size={14} strokeWidth={1.8} aria-hidden="true" />
      <span>{words}</span>
    </span>
  );
}
