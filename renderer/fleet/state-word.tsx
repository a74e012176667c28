import { type InstanceCondition, isDisabled } from '../../shared/condition.ts';
import type { InstanceSnapshot } from '../../shared/model.ts';
import { StateDot } from '../components/state-dot.tsx';
import { ReadinessPopover } from '../readiness/readiness-popover.tsx';
import { RungBars } from '../readiness/rung-bars.tsx';
import { shortWord } from '../store/selectors.ts';

export interface StateWordProps {
  readonly instance: InstanceSnapshot;
  readonly condition: InstanceCondition;
}

/** The state in a word; of a worker elsewhere it opens the readiness ladder. */
export function StateWord({ instance, condition }: StateWordProps) {
  const word = shortWord(condition.word);
  const dot = <StateDot tone={condition.tone} word={word} pulse={condition.tone === 'busy'} />;
  if (instance.remote === null) return dot;
  const { readiness } = instance.remote;
  return (
    <ReadinessPopover instance={instance} word={word}>
      {dot}
      {readiness !== null && !isDisabled(instance) && <RungBars readiness={readiness} />}
    </ReadinessPopover>
  );
}
