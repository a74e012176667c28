import type { InstanceSnapshot } from '../../shared/model.ts';
import { Banner } from '../components/banner.tsx';
import { Spinner } from '../components/spinner.tsx';
import { selectInstances } from '../store/selectors.ts';
import { useFleet } from '../store/services.ts';
import { useSystemInfo } from '../store/use-system-info.ts';
import { CommandPreview } from './command-preview.tsx';
import { LocalFields } from './local-fields.tsx';
import { LooseProblems } from './loose-problems.tsx';
import type { LocalWorkerHandle } from './use-local-worker.ts';
import { deviceOptions, otherProblems } from './worker-form.ts';

export interface LocalTabProps {
  readonly formId: string;
  readonly edited: InstanceSnapshot | null;
  readonly worker: LocalWorkerHandle;
}

const NO_GPUS = [] as const;

export function LocalTab({ formId, edited, worker }: LocalTabProps) {
  const { form: handle, reading, checking } = worker;
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
        worker.save();
      }}
    >
      <div className="worker-main">
        {edited?.control === 'attached' && (
          <Banner
            tone="warning"
            title="This ComfyUI was started elsewhere."
            text="Device and arguments count once it is started from here."
          />
        )}
        <LocalFields
          form={handle.form}
          devices={deviceOptions(gpus, instances, edited?.id ?? null)}
          problems={[reading.problems, refusal?.problems ?? [], checked]}
          onChange={handle.change}
        />
        <LooseProblems refusal={refusal} problems={loose} />
      </div>
      <div className="worker-aside">
        <CommandPreview checking={checking} platform={info?.platform ?? 'linux'} />
      </div>
    </form>
  );
}
