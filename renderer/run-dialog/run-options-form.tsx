import type { FieldProblem } from '../../shared/errors.ts';
import type { PlanPreview } from '../../shared/plans.ts';
import type { ModeChoice } from '../../shared/runs.ts';
import { Checkbox } from '../components/checkbox.tsx';
import { Segmented } from '../components/segmented.tsx';
import { TextField } from '../components/text-field.tsx';
import { InstanceChoice } from './instance-choice.tsx';
import { OverrideFields } from './override-fields.tsx';
import { type RunForm, seedKey } from './run-form.ts';

const MODES: readonly { readonly value: ModeChoice; readonly label: string }[] = [
  { value: 'auto', label: 'Auto' },
  { value: 'participating', label: 'Participating' },
  { value: 'orchestrator', label: 'Orchestrator only' },
];

export interface RunOptionsFormProps {
  readonly form: RunForm;
  readonly problems: readonly FieldProblem[];
  readonly plan: PlanPreview | null;
  readonly onChange: (change: Partial<RunForm>) => void;
}

/** What can be chosen about a run. */
export function RunOptionsForm({ form, problems, plan, onChange }: RunOptionsFormProps) {
  const problemOf = (field: string) => problems.find((problem) => problem.field === field)?.message ?? null;
  return (
    <section className="run-options" aria-label="Options">
      <h3>Options</h3>
      <TextField
        label="Copies"
        inputMode="numeric"
        placeholder="Automatic"
        hint="Shards, each with the next seed. Automatic: one per participant where the workflow is distributed or split, else one."
        value={form.copies}
        problem={problemOf('copies')}
        onChange={(copies) => onChange({ copies })}
      />
      <Checkbox
        label="Split the batch over the participants"
        checked={form.splitBatch}
        onChange={(splitBatch) => onChange({ splitBatch })}
      />
      <Checkbox
        label="At the front of the queue"
        checked={form.front}
        onChange={(front) => onChange({ front })}
      />
      <div className="run-option">
        <h4>Master</h4>
        <Segmented label="Mode" value={form.mode} options={MODES} onChange={(mode) => onChange({ mode })} />
      </div>
      <InstanceChoice on={form.on} plan={plan} onChange={(on) => onChange({ on })} />
      <SeedFields form={form} plan={plan} problemOf={problemOf} onChange={onChange} />
      <OverrideFields set={form.set} onChange={(set) => onChange({ set })} />
    </section>
  );
}

interface SeedFieldsProps extends Omit<RunOptionsFormProps, 'problems'> {
  readonly problemOf: (field: string) => string | null;
}

/** The plan's own seeds, ready to be typed over. */
function SeedFields({ form, plan, problemOf, onChange }: SeedFieldsProps) {
  if (plan === null || plan.seeds.length === 0) return null;
  return (
    <div className="run-option">
      <h4>Base seeds</h4>
      {plan.seeds.map((seed) => {
        const key = seedKey(seed);
        return (
          <TextField
            key={key}
            label={`${seed.node} · ${seed.input}`}
            code
            inputMode="numeric"
            value={form.seeds[key] ?? seed.base}
            problem={problemOf(key)}
            onChange={(value) => onChange({ seeds: { ...form.seeds, [key]: value } })}
          />
        );
      })}
    </div>
  );
}
