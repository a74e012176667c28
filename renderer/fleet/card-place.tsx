import { LockKeyhole } from 'lucide-react';
import type { GpuInfo, InstanceSnapshot } from '../../shared/model.ts';
import { versionRisk } from '../../shared/readiness-words.ts';
import { Chip } from '../components/chip.tsx';
import { LeaseChip } from '../providers/lease-chip.tsx';
import { placeOf, selectMasterVersion } from '../store/selectors.ts';
import { useFleet } from '../store/services.ts';

export interface CardPlaceProps {
  readonly instance: InstanceSnapshot;
  readonly gpu: GpuInfo | null;
}

/** The second line of a card: where it computes and listens, how it is opened, and a version that differs from the master's. */
export function CardPlace({ instance, gpu }: CardPlaceProps) {
  const master = useFleet(selectMasterVersion);
  const place = placeOf(instance, gpu);
  // Of an agent's server it is the pairing's own affair.
  const access = instance.remote?.agent === null ? instance.remote.access : null;
  const version = instance.server?.comfyuiVersion ?? null;
  const risk = instance.remote === null ? null : versionRisk(version, master);
  return (
    <p className="card-place">
      <bdi className="truncate" title={place}>
        {place}
      </bdi>
      {access !== null && (
        <span className="card-access" title={`Opened with ${access}`}>
          <LockKeyhole size={12} strokeWidth={1.8} aria-hidden="true" />
          <span className="visually-hidden">Opened with </span>
          <span className="truncate">{access}</span>
        </span>
      )}
      {risk !== null && (
        <Chip tone="warning" title={risk}>
          ComfyUI {version}
        </Chip>
      )}
      <LeaseChip instance={instance} />
    </p>
  );
}
