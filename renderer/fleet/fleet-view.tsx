import { Plus } from 'lucide-react';
import { useRef, useState } from 'react';
import type { InstanceSnapshot } from '../../shared/model.ts';
import { GatewayStrip } from '../gateway/gateway-strip.tsx';
import { selectInstances } from '../store/selectors.ts';
import { useFleet, useServices } from '../store/services.ts';
import { moveFocus } from './arrow-keys.ts';
import './fleet.css';
import { FleetList } from './fleet-list.tsx';
import { GroupHeading } from './group-heading.tsx';
import { InstanceCard } from './instance-card.tsx';

/** More instances than this are shown as a list. */
export const MOST_CARDS = 12;

export function FleetView() {
  const instances = useFleet(selectInstances);
  const scroller = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const master = instances.find((instance) => instance.role === 'master');
  const workers = instances.filter((instance) => instance.role === 'worker');
  const asList = instances.length > MOST_CARDS;
  const known = instances.some((instance) => instance.id === focused);
  const tabbable = known ? focused : (instances[0]?.id ?? null);
  const cardProps = { onFocus: setFocused };
  return (
    <div className="fleet" ref={scroller}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys of the cards inside bubble up to here. */}
      <div className="fleet-inner" onKeyDown={moveFocus}>
        <h1 className="visually-hidden">Fleet</h1>
        <GatewayStrip />
        {master && (
          <div className="fleet-grid">
            <InstanceCard instance={master} tabbable={tabbable === master.id} {...cardProps} />
            {!asList && workers.length === 0 && <AddWorkerCard first />}
          </div>
        )}
        {asList ? (
          <FleetList workers={workers} scroller={scroller} focused={tabbable} onFocus={setFocused} />
        ) : (
          workers.length > 0 && <WorkerGroup workers={workers} tabbable={tabbable} onFocus={setFocused} />
        )}
      </div>
    </div>
  );
}

interface WorkerGroupProps {
  readonly workers: readonly InstanceSnapshot[];
  readonly tabbable: string | null;
  readonly onFocus: (id: string) => void;
}

function WorkerGroup({ workers, tabbable, onFocus }: WorkerGroupProps) {
  return (
    <section aria-labelledby="local-workers">
      <GroupHeading id="local-workers" title="Local" count={workers.length} />
      <div className="fleet-grid">
        {workers.map((worker) => (
          <InstanceCard
            key={worker.id}
            instance={worker}
            tabbable={tabbable === worker.id}
            onFocus={onFocus}
          />
        ))}
        <AddWorkerCard />
      </div>
    </section>
  );
}

function AddWorkerCard({ first = false }: { readonly first?: boolean }) {
  const { ui } = useServices();
  return (
    <button
      type="button"
      className="card-add"
      data-roving=""
      onClick={() => ui.getState().openDialog({ kind: 'worker-add' })}
    >
      <Plus size={18} strokeWidth={1.6} aria-hidden="true" />
      <span className="card-add-title">Add worker</span>
      <span className="card-add-text">
        {first ? 'One ComfyUI per GPU: each worker computes beside the master' : 'Another GPU, or the CPU'}
      </span>
    </button>
  );
}
