import type { InstanceSnapshot } from '../../shared/model.ts';
import type { RemoteType } from '../../shared/remote.ts';
import { FoundOnNetwork } from '../agents/found-on-network.tsx';
import { Button } from '../components/button.tsx';
import { RentHint } from '../providers/rent-hint.tsx';
import { selectInstances } from '../store/selectors.ts';
import { useFleet } from '../store/services.ts';
import { AccessFields } from './access-fields.tsx';
import { LooseProblems } from './loose-problems.tsx';
import { MorePorts } from './more-ports.tsx';
import { OtherMachine } from './other-machine.tsx';
import { ReadinessPanel } from './readiness-panel.tsx';
import { RemoteFields } from './remote-fields.tsx';
import { portOf, withFound } from './remote-form.ts';
import { otherRemoteProblems, remoteProblem } from './remote-reading.ts';
import type { RemoteWorkerHandle } from './use-remote-worker.ts';

export interface RemoteTabProps {
  readonly formId: string;
  readonly edited: InstanceSnapshot | null;
  readonly worker: RemoteWorkerHandle;
  /** A paste has just moved the form to this tab. */
  readonly moved: boolean;
  readonly onType: (type: RemoteType, moved: boolean) => void;
}

export function RemoteTab({ formId, edited, worker, moved, onType }: RemoteTabProps) {
  const { form, reading, checking } = worker;
  const instances = useFleet(selectInstances);
  const taken = instances.filter(({ id }) => id !== edited?.id).map(({ name }) => name);
  const refusal = worker.refusal ?? checking.refusal;
  const checked = checking.check?.problems ?? [];
  const problems = [reading.problems, refusal?.problems ?? [], checked];
  return (
    <form
      id={formId}
      className="worker-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (worker.sound) worker.save();
      }}
    >
      <div className="worker-main">
        {edited === null && form.type === 'remote' && (
          <FoundOnNetwork onPick={(found) => worker.setForm((before) => withFound(before, found, taken))} />
        )}
        <RemoteFields
          form={form}
          problems={problems}
          taken={taken}
          moved={moved}
          onChange={worker.setForm}
          onType={onType}
        />
        <AccessFields
          form={form.access}
          stored={edited?.remote?.access ?? null}
          problem={remoteProblem('access', ...problems)}
          onChange={worker.setAccess}
        />
        {worker.ports !== null && <MorePorts ports={worker.ports} />}
        {form.certificate !== null && <PinnedCertificate worker={worker} />}
        <LooseProblems
          refusal={refusal}
          problems={otherRemoteProblems([...checked, ...(refusal?.problems ?? [])])}
        />
      </div>
      <div className="worker-aside">
        <ReadinessPanel worker={worker} />
        {edited === null && form.type === 'cloud' && <RentHint />}
        <OtherMachine type={form.type} port={form.secure ? null : portOf(form.port)} />
      </div>
    </form>
  );
}

function PinnedCertificate({ worker }: { readonly worker: RemoteWorkerHandle }) {
  const { trusted, form } = worker;
  const fingerprint = trusted !== null && trusted.pem === form.certificate ? trusted.fingerprint : null;
  return (
    <div className="worker-certificate">
      <p>
        Its own certificate is trusted, and no other one.
        {fingerprint !== null && <span className="mono"> SHA-256 {fingerprint}</span>}
      </p>
      <Button size="s" onClick={() => worker.setForm((before) => ({ ...before, certificate: null }))}>
        Forget it
      </Button>
    </div>
  );
}
