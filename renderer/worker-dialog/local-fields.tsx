import type { FieldProblem } from '../../shared/errors.ts';
import { SelectField } from '../components/select-field.tsx';
import { TextField } from '../components/text-field.tsx';
import { BY_HAND, type DeviceOption, problemOf, type WorkerForm } from './worker-form.ts';

export interface LocalFieldsProps {
  readonly form: WorkerForm;
  readonly devices: readonly DeviceOption[];
  /** In the order in which they count. */
  readonly problems: readonly (readonly FieldProblem[])[];
  readonly onChange: (change: Partial<WorkerForm>) => void;
}

export function LocalFields({ form, devices, problems, onChange }: LocalFieldsProps) {
  const byHand = form.choice === BY_HAND;
  const deviceProblem = problemOf('device', ...problems);
  return (
    <div className="worker-fields">
      <TextField
        label="Name"
        autoFocus
        value={form.name}
        problem={problemOf('name', ...problems)}
        onChange={(name) => onChange({ name })}
      />
      <TextField
        label="Port"
        code
        inputMode="numeric"
        value={form.port}
        problem={problemOf('port', ...problems)}
        onChange={(port) => onChange({ port })}
      />
      <div className="worker-wide">
        <SelectField
          label="CUDA device"
          value={form.choice}
          options={devices}
          problem={byHand ? null : deviceProblem}
          onChange={(choice) => onChange({ choice })}
        />
      </div>
      {byHand && (
        <div className="worker-wide">
          <TextField
            label="Device"
            code
            placeholder="1"
            hint="An index as nvidia-smi counts, two as “0,1”, or a UUID such as GPU-… or MIG-…."
            value={form.deviceByHand}
            problem={deviceProblem}
            onChange={(deviceByHand) => onChange({ deviceByHand })}
          />
        </div>
      )}
      <div className="worker-wide">
        <TextField
          label="Extra arguments"
          code
          placeholder="--lowvram --reserve-vram 1"
          hint="ComfyUI’s own flags, with quotes around what has spaces."
          value={form.extraArgs}
          problem={problemOf('extraArgs', ...problems)}
          onChange={(extraArgs) => onChange({ extraArgs })}
        />
      </div>
    </div>
  );
}
