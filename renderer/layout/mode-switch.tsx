import { Tooltip } from '../components/tooltip.tsx';
import { useFleet, useRun } from '../store/services.ts';

const CHOICES = [
  { participate: true, label: 'Participating', help: 'The master renders too' },
  {
    participate: false,
    label: 'Orchestrator only',
    help: 'The master only coordinates; it steps in when no selected worker is usable',
  },
] as const;

/** Whether the master renders too. Native radio buttons: arrow keys come with them. */
export function ModeSwitch() {
  const run = useRun();
  const participates = useFleet((state) => state.fleet?.masterParticipates ?? true);
  return (
    <fieldset className="mode-switch">
      <legend className="visually-hidden">Master mode</legend>
      {CHOICES.map((choice) => (
        <Tooltip key={choice.label} text={choice.help} side="bottom">
          <label className="mode-choice">
            <input
              type="radio"
              name="master-mode"
              checked={participates === choice.participate}
              onChange={() => void run('fleet.setParticipation', { participate: choice.participate })}
            />
            <span>{choice.label}</span>
          </label>
        </Tooltip>
      ))}
    </fieldset>
  );
}
