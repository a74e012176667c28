import { Circle, CircleCheck } from 'lucide-react';
import { Button } from '../components/button.tsx';
import { TextField } from '../components/text-field.tsx';
import { CommandLine } from '../readiness/command-line.tsx';
import { useServices } from '../store/services.ts';
import type { Guide, GuideAction, GuideCheck, GuideStep, GuideValues } from './guide.ts';

export interface GuideViewProps {
  readonly guide: Guide;
  readonly values: GuideValues;
  readonly onChange: (change: Partial<GuideValues>) => void;
  readonly onClose: () => void;
}

const FIELDS: Readonly<Record<keyof GuideValues, string>> = {
  host: 'Its name or address',
  port: 'Port of ComfyUI there',
  folder: 'Folder of ComfyUI there',
  pod: 'Id of the pod',
  name: 'Public name',
};

export function GuideView({ guide, values, onChange, onClose }: GuideViewProps) {
  return (
    <article className="guide" aria-labelledby={`guide-${guide.id}`}>
      <h3 id={`guide-${guide.id}`}>{guide.title}</h3>
      <p className="guide-intro">{guide.intro}</p>
      {guide.fields.length > 0 && (
        <section className="guide-fields" aria-label="Your values">
          {guide.fields.map((field) => (
            <TextField
              key={field}
              label={FIELDS[field]}
              code
              value={values[field]}
              onChange={(text) => onChange({ [field]: text })}
            />
          ))}
        </section>
      )}
      <ol className="guide-steps">
        {guide.steps.map((step, index) => (
          <Step key={step.title} step={step} number={index + 1} onClose={onClose} />
        ))}
      </ol>
    </article>
  );
}

function Step({
  step,
  number,
  onClose,
}: {
  readonly step: GuideStep;
  readonly number: number;
  readonly onClose: () => void;
}) {
  const { title, text, commands = [], action, check } = step;
  return (
    <li className="guide-step">
      <span className="guide-number" aria-hidden="true">
        {number}
      </span>
      <div className="guide-step-body">
        <h4>{title}</h4>
        <p>{text}</p>
        {commands.map((one) => (
          <div key={one.label}>
            <p className="guide-where">{one.label}</p>
            <CommandLine label={`${title}: ${one.label}`} text={one.text} />
          </div>
        ))}
        {check !== undefined && <Check check={check} />}
        {action !== undefined && <ActionButton action={action} onClose={onClose} />}
      </div>
    </li>
  );
}

function Check({ check: { done, words } }: { readonly check: GuideCheck }) {
  const Icon = done ? CircleCheck : Circle;
  return (
    <p className={done ? 'guide-check guide-check-done' : 'guide-check'}>
      <Icon size={15} strokeWidth={1.8} aria-hidden="true" />
      <span>
        <strong>{done ? 'Done.' : 'Not yet.'}</strong> {words}
      </span>
    </p>
  );
}

function ActionButton({ action, onClose }: { readonly action: GuideAction; readonly onClose: () => void }) {
  const { ui } = useServices();
  const act = (): void => {
    if (action.kind === 'dialog') {
      ui.getState().openDialog(action.dialog);
      return;
    }
    onClose();
    ui.getState().navigate('settings');
  };
  return (
    <Button size="s" className="guide-action" onClick={act}>
      {action.label}
    </Button>
  );
}
