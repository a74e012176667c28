import { TriangleAlert } from 'lucide-react';
import { modeBadge } from '../../shared/condition.ts';
import type { FleetSnapshot, InstanceSnapshot } from '../../shared/model.ts';
import { classNames } from '../components/class-names.ts';
import { gpuWords } from '../store/selectors.ts';
import { useFleet } from '../store/services.ts';

/** On the master: what it does in runs, in the words users of the plugin know. */
export function MasterBadge() {
  const mode = useFleet((state) => state.fleet?.mode ?? 'participating');
  const badge = modeBadge(mode);
  return (
    <div className={classNames('mode-badge', `tone-${badge.tone}`)}>
      <span className="mode-badge-text">{badge.text}</span>
      {badge.detail !== null && <span className="mode-badge-detail">{badge.detail}</span>}
    </div>
  );
}

/** Warns when the process sits on another GPU than the one it was given. */
export function PlacementWarning({ instance }: { readonly instance: InstanceSnapshot }) {
  const gpus = useFleet((state) => state.fleet?.gpus);
  if (instance.placement.status !== 'mismatch') return null;
  const actual = instance.placement.actual.map((uuid) => gpuName(gpus, uuid)).join(' and ');
  return (
    <p className="placement-warning tone-warning">
      <TriangleAlert size={14} strokeWidth={1.8} aria-hidden="true" />
      <span>
        Runs on {actual === '' ? 'no GPU that we know' : actual}, not on the one it was given (
        {gpuName(gpus, instance.placement.expected)})
      </span>
    </p>
  );
}

function gpuName(gpus: FleetSnapshot['gpus'] | undefined, uuid: string): string {
  const gpu = gpus?.find((candidate) => candidate.uuid === uuid);
  return gpu === undefined ? uuid : gpuWords(gpu);
}
