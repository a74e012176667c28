import { conditionOf } from '../../shared/condition.ts';
import type { InstanceId, InstanceSnapshot } from '../../shared/model.ts';
import { Select } from '../components/select-field.tsx';
import { StateDot } from '../components/state-dot.tsx';
import { isCountingDown } from '../store/selectors.ts';
import { useNow } from '../store/use-now.ts';
import type { LevelFilter } from './log-rows.ts';

const LEVELS: readonly { readonly value: LevelFilter; readonly label: string }[] = [
  { value: 'all', label: 'All levels' },
  { value: 'info', label: 'Info and above' },
  { value: 'warning', label: 'Warnings and errors' },
  { value: 'error', label: 'Errors only' },
];

export interface LogHeaderProps {
  readonly instance: InstanceSnapshot;
  readonly instances: readonly InstanceSnapshot[];
  readonly level: LevelFilter;
  readonly onChoose: (id: InstanceId) => void;
  readonly onLevel: (level: LevelFilter) => void;
}

export function LogHeader({ instance, instances, level, onChoose, onLevel }: LogHeaderProps) {
  const now = useNow(isCountingDown(instance) ? 1000 : null);
  const condition = conditionOf(instance, now);
  return (
    <div className="log-header">
      <Select
        aria-label="Server"
        value={instance.id}
        options={instances.map(({ id, name }) => ({ value: id, label: name }))}
        onChange={onChoose}
      />
      <Select
        aria-label="Level"
        value={level}
        options={LEVELS}
        onChange={(value) => onLevel(LEVELS.find((entry) => entry.value === value)?.value ?? 'all')}
      />
      <StateDot tone={condition.tone} word={condition.word} />
    </div>
  );
}
