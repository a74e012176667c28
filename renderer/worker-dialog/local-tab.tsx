import type { ErrorEnvelope, FieldProblem } from '../../shared/errors.ts';
import type { InstanceId } from '../../shared/model.ts';
import { Banner } from '../components/banner.tsx';
import { Spinner } from '../components/spinner.tsx';
import { selectInstances } from '../store/selectors.ts';
import { useFleet } from '../store/services.ts';
import { useSystemInfo } from '../store/use-system-info.ts';
import { CommandPreview } from './command-preview.tsx';
import { LocalFields } from './local-fields.tsx';
import type { DraftChecking } from './use-draft-check.ts';
import type { WorkerFormHandle } from './use-worker-form.ts';
import { deviceOptions, otherProblems, type ReadForm } from './worker-form.ts';

export interface LocalTabProps {
  readonly formId: string;
  readonly id: InstanceId | null;
  readonly handle: WorkerFormHandle;
  readonly reading: ReadForm;
  readonly checking: DraftChecking;
  readonly attached: boolean;
  readonly onSubmit: () => void;
}

const NO_GPUS = [] as const;

export function LocalTab({ formId, id, handle, reading, checking, attached, onSubmit }: LocalTabProps) {
  const gpus = useFleet((state) => state.fleet?.gpus ?? NO_GPUS);
  const instances = useFleet(selectInstances);
  const info = useSystemInfo();
  if (!handle.ready) {
    return (
      <p className="worker-loading" role="status">
        <Spinner /> Looking for a free port and GPU…
      </p>
    );
  }
  const refusal = handle.refusal ?? checking.refusal;
  const checked = checking.check?.problems ?? [];
  const loose = otherProblems([...checked, ...(refusal?.problems ?? [])]);
  return (
    <form
      id={formId}
      className="worker-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {attached && (
        <Banner
          tone="warning"
          title="This ComfyUI was started elsewhere."
          text="Device and arguments count once it is started from here."
        />
      )}
      <LocalFields
        form={handle.form}
        devices={deviceOptions(gpus, instances, id)}
        problems={[reading.problems, refusal?.problems ?? [], checked]}
        onChange={handle.change}
      />
      <LooseProblems refusal={refusal} problems={loose} />
      <CommandPreview checking={checking} platform={info?.platform ?? 'linux'} />
    </form>
  );
}

interface LooseProblemsProps {
  readonly refusal: ErrorEnvelope | null;
  readonly problems: readonly FieldProblem[];
}

/** What belongs to no field of this form. */
function LooseProblems({ refusal, problems }: LooseProblemsProps) {
  return (
    <div role="alert">
      {refusal !== null && <Banner tone="error" title={refusal.message} text={refusal.hint ?? undefined} />}
      {problems.map((problem) => (
        <Banner key={`${problem.field} ${problem.message}`} tone="error" title={problem.message} />
      ))}
    </div>
  );
}
