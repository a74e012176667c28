import { fleetPulse } from '../../shared/condition.ts';
import { classNames } from '../components/class-names.ts';
import { formatBytesOf, formatWatts } from '../store/format.ts';
import { totalsOf } from '../store/selectors.ts';
import { useFleet, useRuns, useTelemetry } from '../store/services.ts';

/** One look: how many are ready, what waits, what it draws. */
export function FleetPulse() {
  const fleet = useFleet((state) => state.fleet);
  const latest = useTelemetry((state) => state.latest);
  const active = useRuns((state) => state.runs?.filter((run) => run.status === 'running').length ?? 0);
  const waiting = useRuns((state) => state.queue?.waiting ?? 0);
  if (fleet === null) return <div className="pulse" />;
  const { ready, total, queued } = fleetPulse(fleet);
  const totals = totalsOf(fleet.gpus, latest);
  const tone = ready === total && total > 0 ? 'ok' : ready === 0 ? 'neutral' : 'warning';
  return (
    <dl className="pulse">
      <div className={classNames('pulse-item', 'pulse-ready', `tone-${tone}`)}>
        <dt className="visually-hidden">Fleet</dt>
        <dd>
          <span className="state-dot" aria-hidden="true" />
          {ready} of {total} ready
        </dd>
      </div>
      <div className="pulse-item">
        <dt>Runs</dt>
        <dd>{active}</dd>
      </div>
      <div className="pulse-item" title="Prompts on the servers and shards that wait for one">
        <dt>Queue</dt>
        <dd>{(queued + waiting).toLocaleString('en')}</dd>
      </div>
      {fleet.gpus.length > 0 && (
        <>
          <div className="pulse-item">
            <dt>Power</dt>
            <dd>{totals.watts === null ? '–' : formatWatts(totals.watts)}</dd>
          </div>
          <div className="pulse-item">
            <dt>VRAM</dt>
            <dd>{formatBytesOf(totals.memoryUsed, totals.memoryTotal)}</dd>
          </div>
        </>
      )}
    </dl>
  );
}
