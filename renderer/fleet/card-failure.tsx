import { Play, RotateCw, ScrollText } from 'lucide-react';
import type { FailureReport } from '../../shared/lifecycle.ts';
import type { InstanceSnapshot } from '../../shared/model.ts';
import { Button } from '../components/button.tsx';
import { useServices } from '../store/services.ts';
import { performAction } from './instance-actions.ts';

/** Settings that cause a death are mended in the edit dialog, not by trying again. */
const MENDED_BY_EDIT: readonly FailureReport['cause'][] = ['port-in-use', 'bad-argument'];

/** True when the block's own button launches: the foot then needs no second one. */
export function launchHelps(failure: FailureReport | null): boolean {
  return failure !== null && failure.remedy !== null && !MENDED_BY_EDIT.includes(failure.cause);
}

export function failureOf(instance: InstanceSnapshot): FailureReport | null {
  if (instance.control !== 'managed') return null;
  const state = instance.process;
  return state.status === 'failed' || state.status === 'backing-off' ? state.failure : null;
}

/** Replaces the middle of a card: cause in words, the last two lines, the one action that helps. */
export function CardFailure({
  instance,
  failure,
}: {
  readonly instance: InstanceSnapshot;
  readonly failure: FailureReport;
}) {
  const lines = failure.lastLines.slice(-2).join('\n');
  return (
    <div className="card-failure">
      <p className="card-failure-cause">{failure.summary}</p>
      {failure.remedy !== null && <p className="card-failure-remedy">{failure.remedy}</p>}
      {lines !== '' && (
        <pre className="card-failure-lines" title={lines}>
          {lines}
        </pre>
      )}
      <HelpingAction instance={instance} failure={failure} />
    </div>
  );
}

function HelpingAction({
  instance,
  failure,
}: {
  readonly instance: InstanceSnapshot;
  readonly failure: FailureReport;
}) {
  const services = useServices();
  const ui = services.ui.getState();
  if (MENDED_BY_EDIT.includes(failure.cause)) {
    return (
      <Button size="s" onClick={() => ui.openDialog({ kind: 'worker-edit', id: instance.id })}>
        Edit settings…
      </Button>
    );
  }
  if (failure.remedy === null) {
    return (
      <Button size="s" icon={ScrollText} onClick={() => ui.showLogs(instance.id)}>
        Read the log
      </Button>
    );
  }
  const waiting = instance.process.status === 'backing-off';
  return (
    <Button
      size="s"
      icon={waiting ? Play : RotateCw}
      onClick={() => void performAction(services, instance, 'launch')}
    >
      {waiting ? 'Launch now' : 'Try again'}
    </Button>
  );
}
